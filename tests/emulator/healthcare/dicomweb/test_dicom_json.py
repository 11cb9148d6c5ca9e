"""DICOM JSON of any element in any file, without exceptions and without warnings."""

from __future__ import annotations

import json
import struct
import warnings
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian

from emulator.healthcare.dicom.dicom_json import JsonEncoder
from emulator.healthcare.dicom.part10 import NotDicom, open_part10, parse_part10


def whole(file: bytes, bulk_uri=None):
    return JsonEncoder(parse_part10(file), bulk_uri).whole()


def name_in(dicom, character_set: str, raw: bytes):
    """PatientName of a file whose character set and name have these bytes, as pydicom would never write them."""
    name, terms = (value + b" " * (len(value) % 2) for value in (raw, character_set.encode()))
    file = dicom.file(SpecificCharacterSet="ISO_IR 100", PatientName="N" * len(name))
    element = struct.pack("<HH2sH", 0x0008, 0x0005, b"CS", 10) + b"ISO_IR 100"
    assert element in file
    file = file.replace(element, struct.pack("<HH2sH", 0x0008, 0x0005, b"CS", len(terms)) + terms)
    return whole(file.replace(b"N" * len(name), name, 1))["00100010"]["Value"]


@pytest.mark.parametrize(
    ("character_set", "raw", "expected"),
    [
        # the examples of PS3.5 annexes H, I, J and K
        (
            "\\ISO 2022 IR 87",
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
            {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"},
        ),
        (
            "ISO 2022 IR 13\\ISO 2022 IR 87",
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
            {"Alphabetic": "ﾔﾏﾀﾞ^ﾀﾛｳ", "Ideographic": "山田^太郎"},
        ),
        (
            "\\ISO 2022 IR 149",
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
            {"Alphabetic": "Hong^Gildong", "Ideographic": "洪^吉洞", "Phonetic": "홍^길동"},
        ),
        ("ISO_IR 192", "Wang^XiaoDong=王^小東".encode(), {"Alphabetic": "Wang^XiaoDong", "Ideographic": "王^小東"}),
        (
            "GB18030",
            "Wang^XiaoDong=王^小东".encode("gb18030"),
            {"Alphabetic": "Wang^XiaoDong", "Ideographic": "王^小东"},
        ),
        (
            "\\ISO 2022 IR 58",
            b"Zhang^X=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab",
            {"Alphabetic": "Zhang^X", "Ideographic": "张^小东"},
        ),
        ("ISO_IR 144", "Люкceмбypг".encode("iso8859_5"), {"Alphabetic": "Люкceмбypг"}),
        ("ISO_IR 126", "Διονυσιος".encode("iso8859_7"), {"Alphabetic": "Διονυσιος"}),
        ("ISO_IR 100", "Buc^Jérôme".encode("latin-1"), {"Alphabetic": "Buc^Jérôme"}),
        ("ISO-IR 100", "Äneas^Rüdiger".encode("latin-1"), {"Alphabetic": "Äneas^Rüdiger"}),
    ],
)
def test_a_person_name_is_decoded_by_its_character_set(dicom, character_set, raw, expected):
    assert name_in(dicom, character_set, raw) == [expected]


def test_the_character_set_of_an_answer_is_utf_8(dicom):
    assert whole(dicom.file(SpecificCharacterSet="ISO_IR 100"))["00080005"] == {"vr": "CS", "Value": ["ISO_IR 192"]}
    assert "00080005" not in whole(dicom.file())


@pytest.mark.parametrize("character_set", ["ISO_IR 999", "hex", "\\\\", "ISO_IR 192\\ISO 2022 IR 87"])
def test_an_impossible_character_set_loses_no_instance(dicom, character_set):
    assert name_in(dicom, character_set, b"A\x1b$BB\xff^C")[0]["Alphabetic"].startswith("A")


def test_bytes_outside_the_character_set_become_replacement_characters(dicom):
    assert name_in(dicom, "ISO_IR 192", b"A\xff\xfeB") == [{"Alphabetic": "A\ufffd\ufffdB"}]


def test_values_have_the_json_types_of_the_standard(dicom):
    attributes = whole(
        dicom.file(
            ImageType=["ORIGINAL", "", "AXIAL"],
            SliceThickness="2.50",
            InstanceNumber="7",
            FrameIncrementPointer=0x00181063,
            ImageComments="one\\text",
            ReferringPhysicianName="",
            RealWorldValueSlope=1.5,
        )
    )
    assert attributes["00080008"] == {"vr": "CS", "Value": ["ORIGINAL", None, "AXIAL"]}
    assert attributes["00180050"] == {"vr": "DS", "Value": [2.5]}
    assert attributes["00200013"] == {"vr": "IS", "Value": [7]}
    assert attributes["00280009"] == {"vr": "AT", "Value": ["00181063"]}
    assert attributes["00204000"] == {"vr": "LT", "Value": ["one\\text"]}
    assert attributes["00080090"] == {"vr": "PN"}
    assert attributes["00409225"] == {"vr": "FD", "Value": [1.5]}
    assert attributes["00280010"] == {"vr": "US", "Value": [2]}
    assert list(attributes) == sorted(attributes)


def test_numbers_that_are_none_are_answered_as_text(dicom):
    file = dicom.file(InstanceNumber="123456", SliceThickness="1.25", RealWorldValueSlope=float("nan"))
    attributes = whole(file.replace(b"123456", b"12x456").replace(b"1.25", b"1,25"))
    assert attributes["00200013"] == {"vr": "IS", "Value": ["12x456"]}
    assert attributes["00180050"] == {"vr": "DS", "Value": ["1,25"]}
    assert json.loads(json.dumps(attributes["00409225"], allow_nan=False)) == {"vr": "FD", "Value": ["nan"]}


def test_bulk_data_is_left_out_or_answered_as_uri(dicom):
    file = dicom.file(RedPaletteColorLookupTableData=b"\1\2", LargestImagePixelValue=9)
    assert not {"7FE00010", "00281201"} & set(whole(file))
    with_uri = whole(file, "http://x/bulkdata/".__add__)
    assert with_uri["7FE00010"] == {"vr": "OW", "BulkDataURI": "http://x/bulkdata/7FE00010"}
    assert with_uri["00281201"] == {"vr": "OW", "BulkDataURI": "http://x/bulkdata/00281201"}
    assert with_uri["00280107"] == {"vr": "US", "Value": [9]}


def test_many_numbers_are_bulk_data_and_few_are_not(dicom):
    tail = struct.pack("<HH2sH", 0x0009, 0x1001, b"US", 2 * 512) + b"\1\0" * 512
    longer = struct.pack("<HH2sH", 0x0009, 0x1002, b"US", 2 * 513) + b"\1\0" * 513
    attributes = whole(dicom.file(PixelData=None) + tail + longer)
    assert attributes["00091001"] == {"vr": "US", "Value": [1] * 512}
    assert "00091002" not in attributes


def test_short_float_arrays_are_inline_and_little_endian(dicom):
    dataset = dicom.instance(PixelData=None)
    dataset.add_new(0x00091001, "OF", struct.pack(">2f", 1.0, 2.0))
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    inline = whole(dicom.encode(dataset, little=False))["00091001"]
    assert inline == {"vr": "OF", "InlineBinary": "AACAPwAAAEA="}


def test_big_endian_numbers_are_read_as_such(dicom):
    dataset = dicom.instance(Rows=0x0102)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    assert whole(dicom.encode(dataset, little=False))["00280010"] == {"vr": "US", "Value": [0x0102]}


def test_group_lengths_and_padding_are_not_attributes(dicom):
    file = dicom.file() + struct.pack("<HH2sHL", 0xFFFC, 0xFFFC, b"OB", 0, 4) + b"\0" * 4
    assert "FFFCFFFC" not in whole(file, str)


def test_no_damaged_byte_raises_while_encoding(dicom):
    file = bytearray(dicom.file(SpecificCharacterSet="ISO_IR 192", SliceThickness="2.5", RealWorldValueSlope=1.5))
    encoded = 0
    for position in range(132, len(file)):
        damaged = bytearray(file)
        damaged[position] ^= 0x15
        try:
            parsed = parse_part10(bytes(damaged))
        except NotDicom:
            continue
        json.dumps(JsonEncoder(parsed, str).whole(), allow_nan=False)
        encoded += 1
    assert encoded > 100


def comparable(attributes, other):
    """Pairs of attributes of both sides that must agree; known and wanted differences are taken out."""
    for tag in set(attributes) | set(other):
        mine, theirs = attributes.get(tag, {}), other.get(tag, {})
        if tag == "00080005" or tag.endswith("0000") or tag == "FFFCFFFC" or "BulkDataURI" in mine:
            continue
        if mine.get("vr") == theirs.get("vr") == "SQ" and len(mine.get("Value", [])) == len(theirs.get("Value", [])):
            for one, another in zip(mine.get("Value", []), theirs.get("Value", []), strict=True):
                yield from comparable(one, another)
        elif "Value" in theirs:
            # pydicom writes an empty value among others as "", the standard as null; it keeps a space before "\"
            cleaned = [(v.strip() or None) if isinstance(v, str) else v for v in theirs["Value"]]
            own = [v.strip() if isinstance(v, str) else v for v in mine.get("Value", [])]
            yield (mine.get("vr"), own), (theirs["vr"], cleaned)


def test_the_files_inside_pydicom_are_encoded_as_pydicom_encodes_them(dicom):
    pairs = 0
    for path in dicom.samples():
        try:
            with open_part10(path) as file:
                attributes = JsonEncoder(file, str).whole()
        except NotDicom:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = pydicom.dcmread(Path(path)).to_json_dict(suppress_invalid_tags=True)
        for mine, other in comparable(attributes, theirs):
            assert mine == other, path.name
            pairs += 1
    assert pairs > 10_000
