"""The ways data sets are written: what the standard allows, and what real systems do beside it."""

import io
import struct
import zlib

import pydicom
import pytest
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from emulator.deidentify import InstanceError, compile_config, regenerate_uid
from emulator.deidentify.engine import deidentify_data
from emulator.deidentify.part10 import read_meta

pytestmark = pytest.mark.filterwarnings("ignore:Expected .* VR")

SYNTAXES = [
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
]
BASIC = {"dicomTagConfig": {}}


def element(tag, vr, value):
    """An element in Explicit VR Little Endian with the short form of length, whatever the VR."""
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def unknown(tag, value):
    """An element of VR UN in Explicit VR Little Endian."""
    return struct.pack("<HH2s2xI", tag >> 16, tag & 0xFFFF, b"UN", len(value)) + value


def implicit(dataset):
    """A data set in Implicit VR Little Endian."""
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, True
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def sequence_bytes(items):
    """Items of defined length, in Implicit VR Little Endian."""
    parts = [implicit(item) for item in items]
    return b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(part)) + part for part in parts)


def rewriter_of(content, config=BASIC):
    return deidentify_data(content, compile_config(config))[1].rewriter


def with_syntax(content, syntax):
    """The same file under another transfer syntax of the same number of characters (or none)."""
    meta, position = read_meta(content)
    old = meta[0x00020010][1]
    return content[:position].replace(old, syntax.encode().ljust(len(old), b"\0")) + content[position:]


@pytest.fixture
def nested(instance, dataset):
    whole = instance(
        PatientName="CANARY^A",
        PatientAge="044Y",
        SeriesDate="20200101",
        PregnancyStatus=4,
        Rows=2,
        Columns=2,
        BitsAllocated=16,
        SamplesPerPixel=1,
        PixelRepresentation=0,
        PixelData=b"\1\2\3\4\5\6\7\10",
    )
    inner = dataset(PatientName="CANARY^B", ReferencedSOPInstanceUID="1.2.3.31", ReferencedFrameNumber=2)
    outer = dataset(ReferencedImageSequence=[inner], InstitutionName="CANARY C", SmallestImagePixelValue=7)
    whole.SharedFunctionalGroupsSequence = [outer, dataset(CodeMeaning="kept")]
    whole.FrameOfReferenceUID = "1.2.3.40"
    return whole


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_each_uncompressed_syntax_is_deidentified_and_stays(nested, encoded, deidentified, in_words, run, syntax):
    content = encoded(nested, syntax)
    result = deidentified(content)
    assert result.file_meta.TransferSyntaxUID == syntax
    assert b"CANARY" not in in_words(run(content))
    assert result.PatientName == ""
    assert result.SeriesDate == "19000101"
    (inner,) = result.SharedFunctionalGroupsSequence[0].ReferencedImageSequence
    assert inner.ReferencedSOPInstanceUID == regenerate_uid("1.2.3.31")
    assert result.SharedFunctionalGroupsSequence[0].SmallestImagePixelValue == 7
    assert result.PixelData == nested.PixelData


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_all_syntaxes_give_equal_data_sets(nested, encoded, deidentified, syntax):
    plain = deidentified(encoded(nested, ExplicitVRLittleEndian))
    assert deidentified(encoded(nested, syntax)).to_json_dict() == plain.to_json_dict()


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_lengths_stay_of_the_kind_they_were(nested, encoded, deidentified, syntax, undefined):
    nested["SharedFunctionalGroupsSequence"].is_undefined_length = undefined
    for item in nested.SharedFunctionalGroupsSequence:
        item.is_undefined_length_sequence_item = undefined
    result = deidentified(encoded(nested, syntax))
    assert result["SharedFunctionalGroupsSequence"].is_undefined_length is undefined
    assert result.SharedFunctionalGroupsSequence[1].CodeMeaning == "kept"


def test_a_deflated_file_is_even_and_deflated(nested, encoded, run):
    result = run(encoded(nested, DeflatedExplicitVRLittleEndian))
    _meta, position = read_meta(result)
    assert len(result) % 2 == 0
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(result[position:]).startswith(b"\x08\x00")


@pytest.mark.parametrize("stated", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_syntax_stated_wrongly_is_put_right(nested, encoded, deidentified, stated):
    really = {ExplicitVRLittleEndian: ImplicitVRLittleEndian, ImplicitVRLittleEndian: ExplicitVRLittleEndian}[stated]
    nested.file_meta = None
    content = encoded(nested, really)
    meta, position = read_meta(content)
    head = encoded(nested, stated)
    _, head_end = read_meta(head)
    result = deidentified(head[:head_end] + content[position:])
    assert result.file_meta.TransferSyntaxUID == stated
    assert result.to_json_dict() == deidentified(content).to_json_dict()
    assert meta[0x00020010][1].rstrip(b"\0").decode() == really


@pytest.mark.parametrize("syntax", SYNTAXES[:3])
def test_a_file_that_states_no_syntax_is_read_as_what_it_is(nested, encoded, deidentified, syntax):
    content = encoded(nested, syntax)
    meta, position = read_meta(content)
    stated = element(0x00020010, b"UI", meta[0x00020010][1])
    assert stated in content
    result = deidentified(content.replace(stated, b""))
    assert result.file_meta.TransferSyntaxUID == syntax
    assert result.PixelData == nested.PixelData
    assert position > 132


def test_compressed_pixels_without_a_stated_syntax_are_refused(instance, encoded, run):
    whole = instance(BitsAllocated=8)
    whole.add_new(0x7FE00010, "OB", b"\xfe\xff\x00\xe0\0\0\0\0")
    whole["PixelData"].is_undefined_length = True
    content = encoded(whole, "1.2.840.10008.1.2.4.50")
    stated = element(0x00020010, b"UI", b"1.2.840.10008.1.2.4.50")
    with pytest.raises(InstanceError, match="states no TransferSyntaxUID"):
        run(content.replace(stated, b""))


def test_a_known_sequence_hidden_in_un_is_deidentified(instance, dataset, encoded, deidentified, run):
    item = dataset(PatientName="CANARY^A", ReferencedSOPInstanceUID="1.2.3.31", CodeMeaning="kept")
    content = encoded(instance()) + unknown(0x52009229, sequence_bytes([item]))
    result = deidentified(content)
    assert result[0x52009229].value[0].CodeMeaning == "kept"
    assert result[0x52009229].value[0].ReferencedSOPInstanceUID == regenerate_uid("1.2.3.31")
    assert b"CANARY" not in run(content)
    assert rewriter_of(content) == "dataset"


@pytest.mark.parametrize("tag", [0x52009229, 0x00091010])
def test_un_of_undefined_length_is_walked_as_the_sequence_it_is(instance, dataset, encoded, deidentified, run, tag):
    item = dataset(PatientName="CANARY^A", ReferencedSOPInstanceUID="1.2.3.31")
    raw = struct.pack("<HH2s2xI", tag >> 16, tag & 0xFFFF, b"UN", 0xFFFFFFFF) + sequence_bytes([item])
    raw += struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    plain = encoded(instance())
    content = plain + raw if tag > 0x00200000 else _inserted(plain, raw)
    keep_all = deidentified(content, {"dicom": {}})
    assert keep_all[tag].value[0].ReferencedSOPInstanceUID == regenerate_uid("1.2.3.31")
    assert keep_all[tag].value[0].PatientName == "CANARY^A"
    assert b"CANARY" not in run(content)


def _inserted(content, raw):
    """`raw` put before StudyInstanceUID."""
    position = content.index(b"\x20\x00\x0d\x00UI")
    return content[:position] + raw + content[position:]


def test_un_of_an_element_nobody_knows_goes_under_basic_and_stays_under_keep_all(instance, encoded, deidentified):
    whole = instance()
    whole.add_new(0x00189999, "UN", b"CANARY")
    content = encoded(whole)
    assert 0x00189999 not in deidentified(content)
    assert deidentified(content, {"dicom": {}})[0x00189999].value == b"CANARY"


def test_un_of_a_known_element_is_treated_as_the_element(instance, encoded, deidentified, run):
    content = _inserted(encoded(instance()), unknown(0x00080080, b"CANARY")) + unknown(0x00280010, b"\2\0")
    result = deidentified(content)
    assert (result.InstitutionName, result.Rows) == ("PLACEHOLDER", 2)
    assert b"CANARY" not in run(content)


def test_what_should_be_a_sequence_and_is_not_goes_under_basic(instance, encoded, deidentified):
    whole = instance()
    whole.add_new(0x52009229, "OB", b"CANARY")
    whole.add_new(0x00081140, "LO", "CANARY")
    result = deidentified(encoded(whole))
    assert 0x52009229 not in result
    assert 0x00081140 not in result


@pytest.mark.parametrize(("vr", "value"), [("SH", "JANE"), ("OB", b"JANE"), ("US", 7), ("SQ", [])])
def test_a_uid_under_another_vr_is_replaced_or_removed(instance, encoded, deidentified, vr, value):
    whole = instance()
    whole.add_new(0x00200052, vr, value)
    result = deidentified(encoded(whole))
    if vr in {"US", "SQ"}:
        assert 0x00200052 not in result
    else:
        assert (result[0x00200052].VR, result[0x00200052].value) == ("UI", regenerate_uid("JANE"))


def test_elements_out_of_order_are_put_in_order(instance, encoded, deidentified):
    plain = encoded(instance())
    content = plain + element(0x00100010, b"PN", b"CANARY") + element(0x00080060, b"CS", b"CT")
    result = deidentified(content)
    assert list(result._dict) == sorted(result._dict)
    assert (result.PatientName, result.Modality) == ("", "CT")


def test_of_a_repeated_element_neither_survives(instance, encoded, run):
    content = encoded(instance()) + element(0x00209999, b"LO", b"first ") + element(0x00209999, b"LO", b"second")
    result = run(content, {"dicom": {}})
    assert b"first" not in result
    assert result.count(b"second") == 1


def test_implicit_elements_in_an_explicit_file_are_read(instance, encoded, deidentified):
    raw = struct.pack("<HHI", 0x0032, 0x1032, 6) + b"CANARY" + struct.pack("<HHI", 0x0040, 0x0100, 0)
    result = deidentified(encoded(instance()) + raw)
    assert 0x00321032 not in result


def test_group_lengths_and_elements_of_other_places_go(instance, encoded, deidentified):
    plain = encoded(instance())
    position = plain.index(b"\x08\x00\x16\x00UI")
    stray = element(0x00080000, b"UL", b"\7\0\0\0")
    content = plain[:position] + stray + plain[position:]
    assert 0x00080000 not in deidentified(content, {"dicom": {}})
    assert rewriter_of(content, {"dicom": {}}) == "bytes"


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 192", "Ölçer^山田"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("GB18030", "Wang^XiaoDong=王^小东"),
        ("ISO_IR 144", "Люкceмбypг"),
    ],
)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_text_that_stays_is_readable_in_its_character_set(
    instance, dataset, encoded, deidentified, charset, name, syntax
):
    whole = instance(SpecificCharacterSet=charset, PatientName=name, InstitutionName="X")
    whole.AnatomicRegionSequence = [dataset(PatientName=name, CodeMeaning="m")]
    config = {"dicomTagConfig": {"actions": [{"queries": ["PatientName"], "keepTag": {}}]}}
    result = deidentified(encoded(whole, syntax), config)
    assert result.PatientName == name
    assert result.AnatomicRegionSequence[0].PatientName == name
    assert result.InstitutionName == "PLACEHOLDER"
    minimal = {"dicom": {"keepList": {"tags": ["PatientName"]}}}
    assert deidentified(encoded(whole, syntax), minimal).PatientName == name


def test_values_of_a_name_in_a_multi_byte_set_leave_nothing_behind(instance, encoded, run):
    name = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    content = encoded(instance(SpecificCharacterSet=["", "ISO 2022 IR 87"], PatientName=name))
    stored = pydicom.dcmread(io.BytesIO(content)).get_item("PatientName").value
    assert stored in content
    result = run(content)
    assert not any(part in result for part in (b"Yamada", b"Tarou", stored[13:20]))


def test_empty_and_many_valued_elements_are_handled(instance, encoded, deidentified):
    whole = instance(OtherPatientNames=["A", "B"], OperatorsName=["A", "B"], PatientName="", SeriesDate="")
    whole.StationName = None
    result = deidentified(encoded(whole))
    assert "OtherPatientNames" not in result
    assert (result.OperatorsName, result.StationName, result.SeriesDate) == ("PLACEHOLDER", "PLACEHOLDER", "19000101")
