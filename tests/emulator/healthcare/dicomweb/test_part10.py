"""A file is refused unless its structure holds to the last byte."""

from __future__ import annotations

import struct
import zlib

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from emulator.healthcare.dicom import part10
from emulator.healthcare.dicom.part10 import NotDicom, parse_part10


def item(**attributes):
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def nested():
    inner = Sequence([item(CodeValue="C", CodeMeaning="meaning")])
    inner[0].is_undefined_length_sequence_item = True
    return Sequence([item(PurposeOfReferenceCodeSequence=inner, ReferencedSOPInstanceUID="1.2.3")])


def variant(dicom, name):
    """One instance in the encoding `name`."""
    dataset = dicom.instance(ReferencedImageSequence=nested())
    dataset["ReferencedImageSequence"].is_undefined_length = True
    if name == "encapsulated":
        dataset.file_meta.TransferSyntaxUID = RLELossless
        dataset.PixelData = encapsulate([b"\1" * 64])
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
        return dicom.encode(dataset)
    uid, implicit, little = {
        "explicit": (ExplicitVRLittleEndian, False, True),
        "implicit": (ImplicitVRLittleEndian, True, True),
        "big endian": (ExplicitVRBigEndian, False, False),
        "deflated": (DeflatedExplicitVRLittleEndian, False, True),
    }[name]
    dataset.file_meta.TransferSyntaxUID = uid
    return dicom.encode(dataset, implicit=implicit, little=little)


ENCODINGS = ["explicit", "implicit", "big endian", "deflated", "encapsulated"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_whole_file_is_read_with_its_nested_sequences(dicom, encoding):
    file = parse_part10(variant(dicom, encoding))
    references = file.dataset.elements[0x00081140]
    assert references.vr == "SQ"
    code = references.items[0].elements[0x0040A170].items[0].elements[0x00080100]
    assert file.value(code) == b"C "
    assert file.dataset.elements[part10.PIXEL_DATA].encapsulated == (encoding == "encapsulated")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_file_cut_anywhere_in_its_last_element_is_truncated(dicom, encoding):
    whole = variant(dicom, encoding)
    # from inside the header of pixel data (deflated: from inside the deflated bytes) to one byte before the end
    shortest = {"encapsulated": 20 + 64 + 8 + 8, "deflated": 40}.get(encoding, 15)
    # pydicom pads an odd deflated stream with one byte, which is not part of it
    for missing in range(2 if encoding == "deflated" else 1, shortest):
        with pytest.raises(NotDicom, match="truncated"):
            parse_part10(whole[:-missing])


@pytest.mark.parametrize("encoding", ["explicit", "implicit", "big endian", "encapsulated"])
def test_no_cut_raises_anything_but_not_dicom(dicom, encoding):
    whole = variant(dicom, encoding)
    accepted = 0
    for length in range(len(whole)):
        try:
            parse_part10(whole[:length])
            accepted += 1
        except NotDicom:
            pass
    # what remains acceptable are the cuts exactly between two elements of the dataset
    assert 0 < accepted < 25


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_flipped_byte_raises_anything_but_not_dicom(dicom, encoding):
    whole, reasons = bytearray(variant(dicom, encoding)), set()
    for position in range(132, len(whole)):
        for value in (0x00, 0xFF, whole[position] ^ 0x20):
            damaged = bytearray(whole)
            damaged[position] = value
            try:
                parse_part10(bytes(damaged))
            except NotDicom as error:
                reasons.add(error.reason)
    assert len(reasons) > 2
    assert not any("CANARY" in reason for reason in reasons)


@pytest.mark.parametrize("body", [b"", b"DICM", b"<html>", b"\0" * 128, b"\0" * 128 + b"DICOM", b"\0" * 128 + b"DIC"])
def test_bytes_without_the_dicom_prefix_are_no_dicom_file(tmp_path, body):
    (tmp_path / "x").write_bytes(body)
    with pytest.raises(NotDicom, match="no DICM prefix"), part10.open_part10(tmp_path / "x"):
        pass


def test_a_file_without_transfer_syntax_is_refused(dicom):
    with pytest.raises(NotDicom, match="no Transfer Syntax UID"):
        parse_part10(dicom.sample("meta_missing_tsyntax.dcm"))


def test_a_file_that_ends_after_its_meta_information_is_refused(dicom):
    whole = dicom.file()
    end = whole.index(b"\x08\x00\x16\x00")
    with pytest.raises(NotDicom, match="dataset is empty"):
        parse_part10(whole[:end])


def test_zero_bytes_after_the_last_element_are_tolerated(dicom):
    whole = dicom.file()
    assert parse_part10(whole + b"\0" * 501).dataset == parse_part10(whole).dataset


def test_other_bytes_after_the_last_element_are_refused(dicom):
    with pytest.raises(NotDicom):
        parse_part10(dicom.file() + b"\0" * 20 + b"x")


def test_a_dataset_in_implicit_vr_that_claims_explicit_vr_is_read_as_what_it_is(dicom):
    dataset = dicom.instance()
    file = parse_part10(dicom.encode(dataset, implicit=True))
    assert file.transfer_syntax == ExplicitVRLittleEndian
    assert file.value(file.dataset.elements[0x00100020]) == b"CANARY-ID "


def test_sequences_nested_beyond_reason_are_refused_not_followed(dicom):
    whole = dicom.file(PixelData=None)
    sequence = struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF)
    begin = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    with pytest.raises(NotDicom, match="nested deeper"):
        parse_part10(whole + (sequence + begin) * 5000)


def test_more_sequence_items_than_any_object_has_are_refused(dicom, monkeypatch):
    monkeypatch.setattr(part10, "MAX_ITEMS", 1000)
    items = struct.pack("<HHL", 0xFFFE, 0xE000, 0) * 1001
    sequence = struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, len(items))
    with pytest.raises(NotDicom, match="more than 1000 sequence items"):
        parse_part10(dicom.file(PixelData=None) + sequence + items)


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 8) + b"\x08\0\x16\0UI\0\0", "no item"),
        (struct.pack("<HH2sH", 0x0040, 0xA730, b"ZZ", 0), "does not exist"),
        (struct.pack("<HH2sHL", 0x0040, 0xA730, b"UT", 0, 0xFFFFFFFF), "no sequence"),
        (struct.pack("<HHL", 0xFFFE, 0xE000, 0), "outside a sequence"),
        (struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + b"\x08\0\x16\0UI\0\0", "no fragment"),
        (struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF), "truncated"),
        (struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFF0), "truncated"),
    ],
)
def test_a_malformed_element_is_refused_with_its_reason(dicom, tail, reason):
    with pytest.raises(NotDicom, match=reason):
        parse_part10(dicom.file(PixelData=None) + tail)


def test_an_unknown_sequence_is_read_in_implicit_vr(dicom):
    inner = struct.pack("<HHL", 0x0008, 0x0100, 2) + b"C "
    element = struct.pack("<HH2sHL", 0x0009, 0x1001, b"UN", 0, 0xFFFFFFFF)
    wrapped = struct.pack("<HHL", 0xFFFE, 0xE000, len(inner)) + inner + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    file = parse_part10(dicom.file(PixelData=None) + element + wrapped)
    unknown = file.dataset.elements[0x00091001]
    assert unknown.vr == "SQ"
    assert file.value(unknown.items[0].elements[0x00080100]) == b"C "


def test_a_deflated_dataset_beyond_the_limit_is_refused(dicom, monkeypatch):
    dataset = dicom.instance(PixelData=b"\0" * 500_000)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    deflated = dicom.encode(dataset)
    assert len(deflated) < 5_000
    monkeypatch.setattr(part10, "MAX_INFLATED_BYTES", 100_000)
    with pytest.raises(NotDicom, match="inflates to more than"):
        parse_part10(deflated)


def test_a_deflated_dataset_that_is_no_deflate_stream_is_refused(dicom):
    dataset = dicom.instance()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    whole = dicom.encode(dataset)
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    start = 132 + len(whole[132:]) - len(whole[132:].split(b"1.2.840.10008.1.2.1.99", 1)[1])
    with pytest.raises(NotDicom, match="cannot be inflated"):
        parse_part10(whole[:start] + b"\xff" * 60 + compressor.flush())


@pytest.mark.parametrize("uid", ["1", "1.2.840.10008.1.2.1", "0.01.2", "1" * 64])
def test_uids_in_use_are_uids(uid):
    assert part10.is_uid(uid)


@pytest.mark.parametrize(
    "uid", ["", ".", "1.", ".1", "1..2", "1.2a", "1.2 ", "1/2", "1" * 65, "\u0661.2", "1.2\n", "-1"]
)
def test_anything_else_is_no_uid(uid):
    assert not part10.is_uid(uid)
