"""Which attributes belong to a study and a series, for `includefield` (PS3.3 modules Patient, General Study, Patient
Study, General Series and PS3.18 Tables 10.6.3-3 and 10.6.3-4)."""

from __future__ import annotations

MODALITIES_IN_STUDY = 0x00080061
NUMBER_OF_STUDY_RELATED_SERIES = 0x00201206
NUMBER_OF_STUDY_RELATED_INSTANCES = 0x00201208
NUMBER_OF_SERIES_RELATED_INSTANCES = 0x00201209

_STUDY = frozenset(
    (
        *(0x00080005, 0x00080020, 0x00080030, 0x00080050, 0x00080051, 0x00080090, 0x00080096, 0x0008009C, 0x0008009D),
        *(0x00080201, 0x00081030, 0x00081032, 0x00081048, 0x00081049, 0x00081060, 0x00081062, 0x00081080, 0x00081084),
        *(0x00081110, 0x0020000D, 0x00200010, 0x00321034, 0x00380010, 0x00380014, 0x00380060, 0x00380062, 0x00380064),
        *(0x00380500, 0x00401012),
    )
)
_SERIES = frozenset(
    (
        *(0x00080005, 0x00080021, 0x00080031, 0x00080060, 0x00080068, 0x00080070, 0x00080080, 0x00080081, 0x00080201),
        *(0x00081010, 0x0008103E, 0x0008103F, 0x00081040, 0x00081050, 0x00081052, 0x00081070, 0x00081072, 0x00081090),
        *(0x00081111, 0x00180015, 0x00181000, 0x00181020, 0x00181030, 0x00185100, 0x0020000D, 0x0020000E, 0x00200011),
        *(0x00200052, 0x00200060, 0x00280108, 0x00280109, 0x00400244, 0x00400245, 0x00400250, 0x00400251, 0x00400253),
        *(0x00400254, 0x00400260, 0x00400275, 0x00400280),
    )
)


def is_study_attribute(tag: int) -> bool:
    """Whether a study has the attribute; group 0010 is the patient's."""
    return tag in _STUDY or tag >> 16 == 0x0010


def is_series_attribute(tag: int) -> bool:
    """Whether a series has the attribute of its own."""
    return tag in _SERIES
