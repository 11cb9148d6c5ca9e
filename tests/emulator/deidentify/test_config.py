import pickle
import re

import pytest

from emulator.deidentify import ConfigError, compile_config

BASIC = "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"


def refusal(config, api_version=None):
    with pytest.raises(ConfigError) as caught:
        compile_config(config, api_version)
    assert str(caught.value) == f"{caught.value.json_path}: {caught.value.message}"
    return caught.value


WRAPPED = {
    "additionalTransformations": [
        {
            "infoTypes": ["DATE"],
            "dateShiftConfig": {
                "kmsWrapped": {
                    "wrappedKey": "bm90IGEga2V5IGF0IGFsbCwgb25seSBieXRlcyBoZXJl",
                    "cryptoKey": "projects/p/locations/global/keyRings/r/cryptoKeys/k",
                }
            },
        }
    ]
}


def actions(*items):
    return {"dicomTagConfig": {"actions": list(items)}}


@pytest.mark.parametrize(
    ("config", "path", "says"),
    [
        ([], "$", "must be an object"),
        ({}, "$", "says nothing about DICOM tags"),
        ({"dicom": {}, "dicomTagConfig": {}}, "$", "both dicom and dicomTagConfig"),
        ({"config": {"dicom": {}}}, "$.config", "a field of the request"),
        ({"dicm": {}}, "$.dicm", 'did you mean "dicom"?'),
        ({"dicom": []}, "$.dicom", "must be an object"),
        ({"dicom": {"filterProfil": 1}}, "$.dicom.filterProfil", 'did you mean "filterProfile"?'),
        ({"dicom": {"filterProfile": "BASIC"}}, "$.dicom.filterProfile", f"must be one of .*{BASIC}"),
        ({"dicom": {"filterProfile": []}}, "$.dicom.filterProfile", "must be one of"),
        ({"dicom": {"skipIdRedaction": "yes"}}, "$.dicom.skipIdRedaction", "must be true or false"),
        (
            {"dicom": {"filterProfile": BASIC, "keepList": {"tags": []}}},
            "$.dicom",
            "keepList and filterProfile, which exclude each other",
        ),
        ({"dicom": {"keepList": {}, "removeList": {}}}, "$.dicom", "keepList and removeList"),
        ({"dicom": {"keepList": {"tags": ["PatientNam"]}}}, "$.dicom.keepList.tags[0]", 'did you mean "PatientName"?'),
        ({"dicom": {"keepList": {"tags": ["Rows", "PN"]}}}, "$.dicom.keepList.tags[1]", "value representation"),
        ({"dicom": {"keepList": {"tags": ["(0010,0010)"]}}}, "$.dicom.keepList.tags[0]", "eight hexadecimal digits"),
        ({"dicom": {"keepList": {"tags": [1048592]}}}, "$.dicom.keepList.tags[0]", "must be a string"),
        ({"dicom": {"keepList": {"tags": "Rows"}}}, "$.dicom.keepList.tags", "must be an array"),
        ({"dicom": {"keepList": {"tags": ["FFFEE000"]}}}, "$.dicom.keepList.tags[0]", "hold no attribute"),
        ({"dicom": {"removeList": {"tags": ["00280010"]}}}, "$.dicom.removeList.tags[0]", "cannot be removed"),
        ({"dicom": {"removeList": {"tags": ["Highbit"]}}}, "$.dicom.removeList.tags[0]", "cannot be removed"),
        ({"dicom": {"removeList": {"tags": ["SOPClassUID"]}}}, "$.dicom.removeList.tags[0]", "cannot be removed"),
        ({"dicomTagConfig": {"profileType": "X"}}, "$.dicomTagConfig.profileType", "must be one of"),
        ({"dicomTagConfig": {"options": {"primaryIds": "X"}}}, "$.dicomTagConfig.options.primaryIds", "KEEP, REGEN"),
        (actions({"queries": ["PN"]}), "$.dicomTagConfig.actions[0]", "says no action"),
        (actions({"keepTag": {}}), "$.dicomTagConfig.actions[0]", "has no queries"),
        (
            actions({"queries": ["PN"], "keepTag": {}, "resetTag": {}}),
            "$.dicomTagConfig.actions[0]",
            "keepTag and resetTag",
        ),
        (
            actions({"queries": ["PN"], "keepTag": {"x": 1}}),
            "$.dicomTagConfig.actions[0].keepTag.x",
            "is no field",
        ),
        (
            actions({"queries": ["PN"], "keepTag": {}}, {"queries": ["Rows", "PN"], "deleteTag": {}}),
            "$.dicomTagConfig.actions[1].queries[1]",
            r"has an action in \$.dicomTagConfig.actions\[0\]",
        ),
        (
            actions({"queries": ["00100010"], "keepTag": {}}, {"queries": ["PatientName"], "resetTag": {}}),
            "$.dicomTagConfig.actions[1].queries[0]",
            "has an action",
        ),
        (
            actions({"queries": ["PatientName"], "regenUidTag": {}}),
            "$.dicomTagConfig.actions[0].queries[0]",
            "VR UI only",
        ),
        (actions({"queries": ["LO"], "recurseTag": {}}), "$.dicomTagConfig.actions[0].queries[0]", "VR SQ only"),
        (
            actions({"queries": ["StudyInstanceUID"], "deleteTag": {}}),
            "$.dicomTagConfig.actions[0].queries[0]",
            "without one of its ids",
        ),
        (actions({"queries": ["UI"], "resetTag": {}}), "$.dicomTagConfig.actions[0].queries[0]", "one of its ids"),
        (
            actions({"queries": ["00020003"], "keepTag": {}}),
            "$.dicomTagConfig.actions[0].queries[0]",
            "same effect as on SOPInstanceUID",
        ),
        (
            actions({"queries": ["TransferSyntaxUID"], "deleteTag": {}}),
            "$.dicomTagConfig.actions[0].queries[0]",
            "file meta information",
        ),
        (
            actions({"queries": ["SpecificCharacterSet"], "resetTag": {}}),
            "$.dicomTagConfig.actions[0].queries[0]",
            "cannot be read without",
        ),
        (
            actions({"queries": ["PixelData"], "removeTag": {}}),
            "$.dicomTagConfig.actions[0].queries[0]",
            "PixelData unreadable",
        ),
        (actions({"queries": ["OW"], "resetTag": {}}), "$.dicomTagConfig.actions[0].queries[0]", "PixelData"),
        (
            actions({"queries": ["Rows"], "cleanImageTag": {}}),
            "$.dicomTagConfig.actions[0].queries[0]",
            "pixels only",
        ),
    ],
)
def test_a_mistake_is_refused_with_its_json_path_and_the_cure(config, path, says):
    error = refusal(config)
    assert error.json_path == path
    assert re.search(says, error.message)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"dicom": {"filterProfile": BASIC}, "text": {"profileType": "BASIC"}}, "$.text.profileType"),
        (
            {"dicomTagConfig": {"options": {"cleanDescriptors": {"all": True}}}},
            "$.dicomTagConfig.options.cleanDescriptors.all",
        ),
        (actions({"queries": ["Rows"], "cleanTextTag": {}}), "$.dicomTagConfig.actions[0].queries[0]"),
        (actions({"queries": ["SQ"], "cleanTextTag": {}}), "$.dicomTagConfig.actions[0].queries[0]"),
        (
            {"dicom": {}, "image": {"textRedactionMode": "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS"}},
            "$.image.textRedactionMode",
        ),
        ({"dicomTagConfig": {}, "image": {"textRedactionMode": "REDACT_ALL_TEXT"}}, "$.image"),
        (
            {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "text": WRAPPED},
            "$.text.additionalTransformations[0].dateShiftConfig.kmsWrapped",
        ),
    ],
)
def test_text_and_pixels_are_asked_for_where_and_how_the_api_says(config, path):
    assert refusal(config).json_path.startswith(path)


@pytest.mark.parametrize(
    "config",
    [
        {"dicom": {}},
        {"dicom": None, "dicomTagConfig": {}},
        {"dicom": {"filterProfile": "TAG_FILTER_PROFILE_UNSPECIFIED"}, "useRegionalDataProcessing": True, "fhir": {}},
        {"dicom": {"filterProfile": BASIC}, "image": {}},
        {"dicom": {"filterProfile": BASIC}, "text": {}},
        {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "image": {"textRedactionMode": "REDACT_ALL_TEXT"}},
        {"dicomTagConfig": {"profileType": "DEIDENTIFY_TAG_CONTENTS"}},
        {"dicomTagConfig": {"options": {"cleanDescriptors": {}}}},
        {"dicomTagConfig": {"options": {"cleanImage": {"textRedactionMode": "REDACT_SENSITIVE_TEXT"}}}},
        actions({"queries": ["PN", "StudyDescription"], "cleanTextTag": {}}),
        actions(
            {
                "queries": ["PixelData"],
                "cleanImageTag": {"textRedactionMode": "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS"},
            }
        ),
        {"dicom": {"filterProfile": BASIC}, "image": {"textRedactionMode": "REDACT_NO_TEXT"}},
        {"dicom": {"keepList": {"tags": ["Highbit", "00091001", "OverlayData"]}, "skipIdRedaction": True}},
        {"dicomTagConfig": {"options": {"cleanImage": {"textRedactionMode": "REDACT_NO_TEXT"}}}},
        {"dicomTagConfig": {}, "fhirFieldConfig": {}, "operationMetadata": {}},
        actions({"queries": ["PatientName", "00100020", "LO"], "keepTag": {}}),
        actions({"queries": ["PatientName", "00100010", "PatientName"], "keepTag": {}}),
        actions({"queries": ["SOPInstanceUID", "00020003"], "keepTag": {}}),
        actions({"queries": ["PixelData"], "cleanImageTag": {"textRedactionMode": "REDACT_NO_TEXT"}}),
        actions({"queries": ["PixelData"], "keepTag": {}}, {"queries": ["OW", "OB"], "removeTag": {}}),
        actions({"queries": ["UI"], "regenUidTag": {}}, {"queries": ["SQ"], "recurseTag": {}}),
    ],
)
def test_what_the_api_takes_is_taken(config):
    compile_config(config)


def test_snake_case_means_the_same_as_camel_case():
    camel = {"dicomTagConfig": {"profileType": BASIC, "options": {"primaryIds": "KEEP"}}}
    snake = {"dicom_tag_config": {"profile_type": BASIC, "options": {"primary_ids": "KEEP"}}}
    assert compile_config(snake) == compile_config(camel)


def test_both_spellings_of_one_field_are_refused():
    error = refusal({"dicom": {"skipIdRedaction": True, "skip_id_redaction": False}})
    assert error.json_path == "$.dicom.skipIdRedaction"


@pytest.mark.parametrize("field", ["dicomTagConfig", "dicom_tag_config", "fhirFieldConfig"])
def test_fields_of_v1beta1_are_named_as_such_in_v1(field):
    assert "v1beta1 only" in refusal({field: {}}, "v1").message


def test_v1beta1_takes_the_deprecated_dicom_as_v1_does():
    config = {"dicom": {"filterProfile": BASIC}}
    assert compile_config(config, "v1beta1") == compile_config(config, "v1")


def test_unspecified_is_keep_all_in_v1_and_basic_in_v1beta1():
    keep_all = compile_config({"dicom": {"filterProfile": "KEEP_ALL_PROFILE"}})
    basic = compile_config({"dicomTagConfig": {"profileType": BASIC}})
    assert compile_config({"dicom": {}}).rules == keep_all.rules
    assert compile_config({"dicomTagConfig": {}}) == basic
    assert basic.rules != keep_all.rules


def test_another_api_version_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="v1, v1beta1 or None"):
        compile_config({"dicom": {}}, "v2")


def test_a_profile_survives_pickling_and_leaves_its_memos_behind():
    profile = compile_config(actions({"queries": ["PN", "00080018"], "keepTag": {}}))
    profile.memos["anything"] = 1
    copy = pickle.loads(pickle.dumps(profile))
    assert copy == profile
    assert copy.memos == {}


def test_a_field_name_that_is_no_name_is_not_repeated():
    error = refusal({"dicom": {"CANARY with blanks": 1}})
    assert "CANARY" not in str(error)
