"""The UIDs the pipeline predicts are those the de-identify engine writes."""

from __future__ import annotations

import json
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from emulator.deidentify import compile_config, deidentify_file
from pipeline.config import load_config

READY = sorted((Path(__file__).parents[2] / "templates" / "configs").glob("*.json"))
BASIC = "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"
STUDY, SERIES, SOP = "1.2.826.0.1.3680043.2.1125.1", "1.2.826.0.1.3680043.2.1125.1.2", "2.25.70541616638819138568043293"


def beta(*actions: dict, profile: str = BASIC, primary_ids: str = "PRIMARY_IDS_OPTION_UNSPECIFIED") -> dict:
    return {
        "dicomTagConfig": {"profileType": profile, "options": {"primaryIds": primary_ids}, "actions": list(actions)}
    }


def keep(*queries: str) -> dict:
    return {"queries": list(queries), "keepTag": {}}


def regenerate(*queries: str) -> dict:
    return {"queries": list(queries), "regenUidTag": {}}


BODIES = {
    "v1beta1, nothing specified": {"dicomTagConfig": {}},
    "v1beta1, keep all": beta(profile="KEEP_ALL_PROFILE"),
    "v1beta1, keep all and ids": beta(profile="KEEP_ALL_PROFILE", primary_ids="KEEP"),
    "v1beta1, minimal, ids kept": beta(profile="MINIMAL_KEEP_LIST_PROFILE", primary_ids="KEEP"),
    "keepTag by keyword": beta(keep("StudyInstanceUID")),
    "keepTag by tag id": beta(keep("00100010", "0020000e")),
    "keepTag by VR": beta(keep("UI")),
    "keepTag by VR, ids to be regenerated": beta(keep("UI"), primary_ids="REGEN"),
    "regenUidTag by tag id, as in the how-to": beta(
        regenerate("00080018"), profile="KEEP_ALL_PROFILE", primary_ids="KEEP"
    ),
    "regenUidTag by keyword": beta(regenerate("SeriesInstanceUID"), primary_ids="KEEP"),
    "regenUidTag by VR": beta(regenerate("UI"), primary_ids="KEEP"),
    "an action for each level": beta(keep("StudyInstanceUID"), regenerate("SeriesInstanceUID"), keep("SOPInstanceUID")),
    "v1, keep all": {"dicom": {"filterProfile": "KEEP_ALL_PROFILE"}},
    "v1, minimal": {"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}},
    "v1, ids skipped": {"dicom": {"filterProfile": BASIC, "skipIdRedaction": True}},
    "v1, keepList": {"dicom": {"keepList": {"tags": ["PatientSex", "StudyInstanceUID"]}}},
    "v1, removeList": {"dicom": {"removeList": {"tags": ["PatientName"]}}},
    "v1, removeList, ids skipped": {"dicom": {"removeList": {"tags": ["00100010"]}, "skipIdRedaction": True}},
}


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """A small instance with known UIDs."""
    dataset = Dataset()
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = STUDY, SERIES, SOP
    dataset.PatientName = "Nobody"
    dataset.PatientSex = "O"
    dataset.FrameOfReferenceUID = "1.2.3"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = tmp_path / "in.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return path


def assert_prediction_holds(text: str, instance: Path) -> None:
    config = load_config(text, name="deid.json", operations_may_exceed_one=True)
    written = instance.with_name("out.dcm")
    deidentify_file(instance, written, compile_config(config.body, config.api_version))
    found = pydicom.dcmread(written)
    assert config.uid_plan.predict(STUDY, SERIES, SOP) == (
        found.StudyInstanceUID,
        found.SeriesInstanceUID,
        found.SOPInstanceUID,
    )
    assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID


@pytest.mark.parametrize("path", READY, ids=lambda path: path.name)
def test_prediction_holds_for_each_ready_configuration(path: Path, instance: Path) -> None:
    assert_prediction_holds(path.read_text(encoding="utf-8"), instance)


@pytest.mark.parametrize("name", BODIES)
def test_prediction_holds_for_each_way_to_name_an_id(name: str, instance: Path) -> None:
    assert_prediction_holds(json.dumps(BODIES[name]), instance)
