"""A value of an instance's own header that identifies someone wherever it is found again."""

from __future__ import annotations

from typing import NamedTuple


class Phrase(NamedTuple):
    """One value.

    Attributes:
        text: decoded, without padding; names as in the file, components separated by ^.
        info_type: what it is: PERSON_NAME, MEDICAL_RECORD_NUMBER, DATE, PHONE_NUMBER, LOCATION, ORGANIZATION_NAME,
            or "" for others.
    """

    text: str
    info_type: str
