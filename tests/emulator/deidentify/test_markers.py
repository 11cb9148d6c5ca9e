"""What the engine writes about de-identification when it is told to: where it stands, and what it may claim."""

import io

import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from emulator.deidentify import compile_config, deidentify_file
from emulator.deidentify.engine import HEAD_BYTES, deidentify_data
from emulator.deidentify.insertion import insert
from emulator.deidentify.markers import claims
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.part10 import Encoding
from emulator.deidentify.rewritten import Span
from emulator.samples import generate_studies

BASIC = {"dicomTagConfig": {}}


def marked(config=BASIC, edition="2018e"):
    return compile_config(config, options=EngineOptions(mark_deidentified=True, edition=edition))


def tag_config(**fields):
    return {"dicomTagConfig": fields}


def keep(*queries):
    return tag_config(actions=[{"queries": list(queries), "keepTag": {}}])


@pytest.fixture
def full(instance, dataset):
    """Sequences of both kinds of length before, between and after the places of the marks."""
    whole = instance(PatientID="1", Rows=2, StudyID="7", BitsAllocated=16, PixelData=b"\1\2")
    code = dataset(CodeValue="1", ConceptNameCodeSequence=[dataset(CodeMeaning="deep")])
    whole.AnatomicRegionSequence = [code, dataset(CodeMeaning="x")]
    whole.ClinicalTrialSponsorName = "S"
    whole.SharedFunctionalGroupsSequence = [dataset(PlanePositionSequence=[dataset(PatientIdentityRemoved="NO")])]
    whole["AnatomicRegionSequence"].is_undefined_length = True
    code.is_undefined_length_sequence_item = True
    code["ConceptNameCodeSequence"].is_undefined_length = True
    return whole


def read(pieces):
    return pydicom.dcmread(io.BytesIO(b"".join(pieces)))


@pytest.mark.parametrize("rewriter", ["bytes", "dataset"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_marks_stand_in_order_and_nothing_else_changes(full, encoded, syntax, rewriter):
    content = encoded(full, syntax)
    plain = read(deidentify_data(content, compile_config(BASIC), rewriter)[0])
    result = read(deidentify_data(content, marked(), rewriter)[0])
    tags = list(result.keys())
    assert tags == sorted(tags)
    assert result.PatientIdentityRemoved == "YES"
    assert [item.CodeValue for item in result.DeidentificationMethodCodeSequence] == ["113100"]
    for keyword in ("PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence"):
        del result[keyword]
    assert result == plain


def test_marks_are_written_in_big_endian_too(full, encoded):
    result = read(deidentify_data(encoded(full, ExplicitVRBigEndian), marked())[0])
    assert (result.PatientIdentityRemoved, result.Rows) == ("YES", 2)


@pytest.mark.parametrize("rewriter", ["bytes", "dataset"])
def test_marks_of_an_earlier_time_are_replaced(instance, dataset, encoded, rewriter):
    whole = instance(PatientIdentityRemoved="NO", DeidentificationMethod="CANARY", PatientID="1")
    whole.DeidentificationMethodCodeSequence = [dataset(CodeValue="CANARY")]
    pieces, _outcome = deidentify_data(encoded(whole), marked(), rewriter)
    assert b"CANARY" not in b"".join(pieces)
    assert read(pieces).PatientIdentityRemoved == "YES"


def test_without_the_setting_nothing_is_written(full, deidentified):
    result = deidentified(full)
    assert "PatientIdentityRemoved" not in result
    assert "DeidentificationMethod" not in result


def test_marking_reads_no_more_of_a_large_file(instance, encoded, tmp_path):
    whole = instance(PatientID="1", BitsAllocated=16, PixelData=b"\7\1" * HEAD_BYTES)
    (tmp_path / "in.dcm").write_bytes(encoded(whole))
    outcome = deidentify_file(tmp_path / "in.dcm", tmp_path / "out.dcm", marked())
    result = pydicom.dcmread(tmp_path / "out.dcm")
    assert outcome.rewriter == "bytes"
    assert result.PatientIdentityRemoved == "YES"
    assert result.PixelData == whole.PixelData


def test_marked_studies_are_equal_by_both_rewriters(encoded):
    profile = marked()
    for one in generate_studies(3, studies=3):
        content = encoded(one, one.file_meta.TransferSyntaxUID)
        both = [b"".join(deidentify_data(content, profile, rewriter)[0]) for rewriter in ("bytes", "dataset")]
        assert both[0] == both[1]


@pytest.mark.parametrize("edition", ["2018e", "2024b", "2026c"])
def test_the_method_names_profile_and_edition_in_parts_of_64_characters(instance, encoded, edition):
    config = tag_config(
        options={"primaryIds": "KEEP", "cleanDescriptors": {}}, actions=[{"queries": ["DA"], "removeTag": {}}]
    )
    method = read(deidentify_data(encoded(instance()), marked(config, edition))[0]).DeidentificationMethod
    assert list(method) == [
        f"ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE PS3.15 {edition}",
        "with 1 actions on tags of their own",
        "text of descriptors cleaned",
        "instance UIDs kept",
    ]
    assert all(len(part) <= 64 for part in method)


@pytest.mark.parametrize(
    ("config", "codes"),
    [
        (BASIC, ["113100"]),
        (tag_config(options={"primaryIds": "KEEP"}), ["113100", "113110"]),
        (tag_config(options={"cleanDescriptors": {}}), ["113100", "113105"]),
        (keep("FrameOfReferenceUID"), ["113100", "113110"]),
        (keep("Rows"), ["113100"]),
        ({"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}}, []),
    ],
)
def test_identity_is_said_to_be_removed_when_all_of_the_table_is_treated(config, codes):
    said = claims(compile_config(config))
    assert said.identity_removed
    assert [value for value, _meaning in said.codes] == codes


@pytest.mark.parametrize(
    "config",
    [
        keep("PatientName"),
        keep("DA"),
        keep("OverlayData"),
        keep("00091001"),
        keep("SharedFunctionalGroupsSequence"),
        keep("SQ"),
        keep("FL", "FD", "OB"),
        tag_config(actions=[{"queries": ["ContentSequence"], "recurseTag": {}}]),
        tag_config(actions=[{"queries": ["PatientName"], "cleanTextTag": {}}]),
        tag_config(profileType="DEIDENTIFY_TAG_CONTENTS"),
        tag_config(profileType="KEEP_ALL_PROFILE"),
        {"dicom": {}},
        {"dicom": {"removeList": {"tags": ["PatientName", "PatientID"]}}},
        {"dicom": {"keepList": {"tags": ["StudyDate"]}}},
    ],
)
def test_identity_is_not_said_to_be_removed_when_something_of_it_may_stay(instance, encoded, config):
    profile = marked(config)
    said = claims(profile)
    assert (said.identity_removed, said.codes) == (False, ())
    result = read(deidentify_data(encoded(instance()), profile)[0])
    assert "PatientIdentityRemoved" not in result
    assert "DeidentificationMethodCodeSequence" not in result
    assert "DeidentificationMethod" in result


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("REDACT_ALL_TEXT", "all text in images redacted"),
        ("REDACT_SENSITIVE_TEXT", "sensitive text in images redacted"),
    ],
)
def test_redaction_of_images_is_told_with_its_code(mode, told):
    pytest.importorskip("rapidocr")
    said = claims(compile_config(tag_config(options={"cleanImage": {"textRedactionMode": mode}})))
    assert [value for value, _meaning in said.codes] == ["113100", "113101"]
    assert told in said.method


def element(tag, value):
    return (
        tag.to_bytes(4, "big")[1::-1] + tag.to_bytes(4, "big")[:1:-1] + b"LO" + len(value).to_bytes(2, "little") + value
    )


def test_elements_find_their_places_across_pieces_and_before_what_was_not_read():
    first, second, third = element(0x00100010, b"AB"), element(0x00180010, b"CDEF"), element(0x00280010, b"GH")
    new = {0x00080005: b"<1>", 0x00120062: b"<2>", 0x00180010: b"<3>"}
    pieces = [first[:3], memoryview(first[3:] + second[:9]), second[9:], third, Span(100, 200)]
    result = insert(pieces, new, Encoding(implicit=False, little_endian=True))
    assert result[-1] == Span(100, 200)
    assert b"".join(result[:-1]) == b"<1>" + first + b"<2>" + b"<3>" + third


def test_elements_after_the_last_one_are_put_at_the_end():
    only = element(0x00100010, b"AB")
    result = insert([only], {0x00120062: b"<1>", 0x00280301: b"<2>"}, Encoding(implicit=False, little_endian=True))
    assert b"".join(result) == only + b"<1><2>"
