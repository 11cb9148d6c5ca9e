"""What the index keeps of an instance: its UIDs, what searches match, and the attributes that searches answer.

Attribute lists: the Healthcare API's DICOM conformance statement, Search transaction.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from emulator.healthcare.dicom.dicom_json import Attribute, JsonEncoder
from emulator.healthcare.dicom.part10 import NotDicom, is_uid, open_part10

SOP_CLASS_UID = 0x00080016
SOP_INSTANCE_UID = 0x00080018
STUDY_INSTANCE_UID = 0x0020000D
SERIES_INSTANCE_UID = 0x0020000E
INSTANCE_AVAILABILITY = 0x00080056

STUDY_DEFAULTS = (
    0x00080005,  # SpecificCharacterSet
    0x00080020,  # StudyDate
    0x00080030,  # StudyTime
    0x00080050,  # AccessionNumber
    INSTANCE_AVAILABILITY,
    0x00080090,  # ReferringPhysicianName
    0x00080201,  # TimezoneOffsetFromUTC
    0x00100010,  # PatientName
    0x00100020,  # PatientID
    0x00100030,  # PatientBirthDate
    0x00100040,  # PatientSex
    STUDY_INSTANCE_UID,
    0x00200010,  # StudyID
)
SERIES_DEFAULTS = (
    0x00080005,  # SpecificCharacterSet
    0x00080060,  # Modality
    0x00080201,  # TimezoneOffsetFromUTC
    0x0008103E,  # SeriesDescription
    STUDY_INSTANCE_UID,
    SERIES_INSTANCE_UID,
    0x00400244,  # PerformedProcedureStepStartDate
    0x00400245,  # PerformedProcedureStepStartTime
    0x00400275,  # RequestAttributesSequence
)
INSTANCE_DEFAULTS = (
    0x00080005,  # SpecificCharacterSet
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    INSTANCE_AVAILABILITY,
    0x00080201,  # TimezoneOffsetFromUTC
    STUDY_INSTANCE_UID,
    SERIES_INSTANCE_UID,
    0x00200013,  # InstanceNumber
    0x00280008,  # NumberOfFrames
    0x00280010,  # Rows
    0x00280011,  # Columns
    0x00280100,  # BitsAllocated
)
_ONLINE: Attribute = {"vr": "CS", "Value": ["ONLINE"]}


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One instance as the index knows it; every text is "" where the file has none.

    Attributes:
        study, series, sop, sop_class: UIDs.
        patient_name, referring_physician: all component groups, divided by "=".
        study_date: as in the file, with the dots of the retired format taken out.
        study_json, series_json, instance_json: the default attributes of each level as DICOM JSON text.
        digest: SHA-256 of the file's bytes, hexadecimal.
        size: of the file, in bytes.
    """

    study: str
    series: str
    sop: str
    sop_class: str
    patient_id: str
    patient_name: str
    accession_number: str
    referring_physician: str
    study_date: str
    modality: str
    transfer_syntax: str
    study_json: str
    series_json: str
    instance_json: str
    digest: str
    size: int


def read_entry(path: Path) -> IndexEntry:
    """Check the file at `path` to its last byte and read what the index keeps of it.

    Raises:
        NotDicom: not a DICOM file, truncated, malformed, or without its identifying UIDs.
    """
    with open_part10(path) as file:
        encoder = JsonEncoder(file)
        text = encoder.text
        uids = _uids(encoder)
        return IndexEntry(
            **uids,
            patient_id=text(0x00100020),
            patient_name=text(0x00100010),
            accession_number=text(0x00080050),
            referring_physician=text(0x00080090),
            study_date=text(0x00080020).replace(".", ""),
            modality=text(0x00080060),
            transfer_syntax=file.transfer_syntax,
            study_json=_json(encoder, STUDY_DEFAULTS),
            series_json=_json(encoder, SERIES_DEFAULTS),
            instance_json=_json(encoder, INSTANCE_DEFAULTS),
            digest=digest_of(path),
            size=path.stat().st_size,
        )


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _uids(encoder: JsonEncoder) -> dict[str, str]:
    uids = {
        "sop_class": encoder.text(SOP_CLASS_UID),
        "sop": encoder.text(SOP_INSTANCE_UID),
        "study": encoder.text(STUDY_INSTANCE_UID),
        "series": encoder.text(SERIES_INSTANCE_UID),
    }
    names = {
        "sop_class": "SOPClassUID (0008,0016)",
        "sop": "SOPInstanceUID (0008,0018)",
        "study": "StudyInstanceUID (0020,000D)",
        "series": "SeriesInstanceUID (0020,000E)",
    }
    for key, name in names.items():
        if not is_uid(uids[key]):
            state = "is not a UID of at most 64 digits and dots" if uids[key] else "is missing from the dataset"
            raise NotDicom(
                f"{name} {state}",
                sop_class=uids["sop_class"] if is_uid(uids["sop_class"]) else None,
                sop=uids["sop"] if is_uid(uids["sop"]) else None,
            )
    return uids


def _json(encoder: JsonEncoder, tags: tuple[int, ...]) -> str:
    attributes = encoder.selected(tags)
    if INSTANCE_AVAILABILITY in tags:
        attributes[f"{INSTANCE_AVAILABILITY:08X}"] = _ONLINE
        attributes = dict(sorted(attributes.items()))
    return json.dumps(attributes, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
