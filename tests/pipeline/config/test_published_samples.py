"""Configurations printed in Google's pages are accepted as printed.

The how-to "De-identify DICOM data using the v1beta1 DicomTagConfig" and the tutorial "De-identifying medical images
with the Cloud Healthcare API".
"""

import pytest

from pipeline.config import UidPlan

RENAMED = {"infoTypes": ["PERSON_NAME"], "replaceWithInfoTypeConfig": {}}
HOW_TO = [
    {"dicomTagConfig": {"options": {"cleanImage": {"textRedactionMode": "REDACT_ALL_TEXT"}}}},
    {"dicomTagConfig": {"options": {"cleanImage": {"textRedactionMode": "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS"}}}},
    *({"dicomTagConfig": {"actions": [{"queries": ["PatientName"], kind: {}}]}} for kind in ("keepTag", "removeTag")),
    *({"dicomTagConfig": {"actions": [{"queries": ["PatientName"], kind: {}}]}} for kind in ("deleteTag", "resetTag")),
    {
        "dicomTagConfig": {"actions": [{"queries": ["PatientName"], "cleanTextTag": {}}]},
        "text": {"additionalTransformations": [RENAMED]},
    },
    {"dicomTagConfig": {"actions": [{"queries": ["PhysiciansReadingStudyIdentificationSequence"], "recurseTag": {}}]}},
    {
        "dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
        "image": {"textRedactionMode": "REDACT_ALL_TEXT"},
    },
]
REGENERATE_ONE_UID = {
    "dicomTagConfig": {
        "options": {"primaryIds": "KEEP"},
        "actions": [{"queries": ["00080018"], "regenUidTag": {}}],
        "profileType": "KEEP_ALL_PROFILE",
    }
}
KEPT = """StudyInstanceUID SOPInstanceUID TransferSyntaxUID PixelData Columns NumberOfFrames PixelRepresentation
    MediaStorageSOPClassUID MediaStorageSOPInstanceUID Rows SamplesPerPixel BitsAllocated HighBit
    PhotometricInterpretation BitsStored"""
TUTORIAL = [
    {"dicom": {"keepList": {"tags": KEPT.split()}}, "image": {"textRedactionMode": "REDACT_ALL_TEXT"}},
    {"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}, "image": {"textRedactionMode": "REDACT_ALL_TEXT"}},
]
USE_CASE_TWO = {
    "dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
    "text": {
        "transformations": [
            {"infoTypes": ["PERSON_NAME"], "redactConfig": {}},
            {"infoTypes": ["PHONE_NUMBER"], "characterMaskConfig": {"maskingCharacter": ""}},
            {
                "infoTypes": ["DATE", "DATE_OF_BIRTH"],
                "dateShiftConfig": {"cryptoKey": "U2FsdGVkX19bS2oZsdbK9X5zi2utBn22uY+I2Vo0zOU="},
            },
        ]
    },
    "image": {"textRedactionMode": "REDACT_SENSITIVE_TEXT"},
}


@pytest.mark.parametrize("body", [*HOW_TO, *TUTORIAL])
def test_published_configuration_is_accepted(load, body):
    assert load(body).uid_plan == UidPlan("regenerate", "regenerate", "regenerate")


def test_how_to_regenerates_the_sop_instance_uid_alone(load):
    assert load(REGENERATE_ONE_UID).uid_plan == UidPlan("keep", "keep", "regenerate")


def test_tutorial_with_its_key_is_consistent_over_several_operations(mistakes, load):
    assert mistakes(USE_CASE_TWO, several_operations=True) == {}
    assert any("openssl enc" in warning for warning in load(USE_CASE_TWO).warnings)
