"""Which of an instance's three ids change, and into what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.config.uids import regenerated_uid

UidEffect = Literal["keep", "regenerate"]
Level = Literal["study", "series", "sop"]

PRIMARY_IDS: dict[Level, tuple[str, str]] = {
    "study": ("0020000D", "StudyInstanceUID"),
    "series": ("0020000E", "SeriesInstanceUID"),
    "sop": ("00080018", "SOPInstanceUID"),
}
"""Tag id and keyword of each level. The API's fourth primary id, MediaStorageSOPInstanceUID, repeats the third."""

MEDIA_STORAGE_SOP_INSTANCE_UID = "00020003"


@dataclass(frozen=True)
class UidPlan:
    """What de-identification under one configuration does to the Study, Series and SOP Instance UID."""

    study: UidEffect
    series: UidEffect
    sop: UidEffect

    def predict(self, study: str, series: str, sop: str) -> tuple[str, str, str]:
        """Study, Series and SOP Instance UID in the destination of the instance with these UIDs in the source."""
        return (_apply(self.study, study), _apply(self.series, series), _apply(self.sop, sop))


def _apply(effect: UidEffect, uid: str) -> str:
    return uid if effect == "keep" else regenerated_uid(uid)
