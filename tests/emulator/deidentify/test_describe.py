"""What is said of a configuration is what happens to an instance under it."""

import pytest

from emulator.deidentify import compile_config
from emulator.deidentify.describe import attributes, describe
from emulator.deidentify.options import EDITIONS, EngineOptions
from emulator.deidentify.text.keys import KeySource

BASIC = {"dicomTagConfig": {}}


def lines(config, **kwargs):
    return describe(compile_config(config, **kwargs))


def by_keyword(config):
    return {one.keyword: one for one in attributes(compile_config(config))}


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_profile_and_its_edition_come_first(edition):
    first = lines(BASIC, options=EngineOptions(edition=edition))[0]
    assert first == f"profile ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE, attributes as PS3.15 {edition} lists them"


def test_actions_are_told_in_their_order():
    config = {
        "dicomTagConfig": {
            "actions": [
                {"queries": ["PatientName", "DA"], "keepTag": {}},
                {"queries": ["ContentSequence"], "recurseTag": {}},
                {"queries": ["OverlayData"], "deleteTag": {}},
            ]
        }
    }
    told = lines(config)
    assert told[1:5] == [
        "action 1: PatientName is kept",
        "action 2: every element of VR DA is kept",
        "action 3: ContentSequence is walked: what is inside is treated by the same rules",
        "action 4: (60xx,3000) is removed",
    ]


@pytest.mark.parametrize(
    ("keyword", "what"),
    [
        ("PatientName", "emptied"),
        ("PatientAddress", "removed"),
        ("StudyInstanceUID", "given a new UID"),
        ("SeriesDate", "replaced with 19000101"),
        ("VerifyingOrganization", "replaced with PLACEHOLDER"),
        ("ContentSequence", "kept in form, with dummy values and new UIDs throughout"),
        ("ReferencedImageSequence", "kept as references, with new UIDs and nothing else"),
        ("SOPClassUID", "kept"),
    ],
)
def test_each_attribute_of_the_basic_profile_is_told(keyword, what):
    assert by_keyword(BASIC)[keyword].what == what


def test_an_attribute_that_is_treated_otherwise_inside_sequences_says_so():
    told = by_keyword(BASIC)["TreatmentMachineName"]
    assert (told.tag, told.vr, told.what, told.nested) == ("300A,00B2", "SH", "removed", "emptied")


def test_what_is_told_of_values_is_what_is_written(instance, deidentified):
    told = by_keyword(BASIC)
    result = deidentified(instance(PatientName="A^B", SeriesDate="20200101", DetectorID="D", PatientAddress="X"))
    assert told["SeriesDate"].what == f"replaced with {result.SeriesDate}"
    assert told["DetectorID"].what == f"replaced with {result.DetectorID}"
    assert (told["PatientName"].what, result.PatientName) == ("emptied", "")
    assert (told["PatientAddress"].what, "PatientAddress" in result) == ("removed", False)


def test_text_is_told_by_info_type_and_keys_are_not():
    config = {
        "dicomTagConfig": {"profileType": "DEIDENTIFY_TAG_CONTENTS"},
        "text": {
            "transformations": [
                {"infoTypes": ["PERSON_NAME"], "cryptoHashConfig": {"cryptoKey": "U0VDUkVUU0VDUkVUMTIzNA=="}}
            ]
        },
    }
    told = lines(config, keys=KeySource(b"operation key of 32 bytes......."))
    (hashed,) = [line for line in told if "hash" in line]
    assert hashed.startswith("in text, PERSON_NAME: replaced with a hash")
    assert not any("SECRET" in line or "U0VD" in line or "operation key of" in line for line in told)


def test_pixels_are_told():
    config = {"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}}
    assert "pixels are not looked at" in lines(config)
    pytest.importorskip("rapidocr")
    told = lines(config | {"image": {"textRedactionMode": "REDACT_ALL_TEXT"}})
    assert "all text in images is blackened" in told
    assert "pixels are not looked at" not in told


def test_what_is_carried_over_of_the_file_meta_information_is_told():
    kept = {"dicom": {"keepList": {"tags": ["SourceApplicationEntityTitle"]}}}
    assert lines(kept)[-1] == "the file meta information is written anew, but for SourceApplicationEntityTitle"
    assert lines(BASIC)[-1] == "the file meta information is written anew"


def test_keeping_everything_says_so():
    told = lines({"dicom": {}})
    assert "other attributes are kept" in told
    assert "private elements are kept" in told
    assert "overlays are kept" in told
