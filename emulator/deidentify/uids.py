"""The rule by which a UID gets its replacement, and what counts as a UID.

The Healthcare API documents "a deterministic transformation" (how-to "De-identify DICOM data using DicomTagConfig").
The rule below reproduces all six pairs of source and result that the how-to prints. It uses no key: whoever holds the
original UIDs can compute the new ones.
"""

from __future__ import annotations

import re
import uuid
from functools import lru_cache

PREFIX = "1.3.6.1.4.1.11129.5.1."
STANDARD_ROOT = "1.2.840.10008."
"""UIDs the DICOM standard assigns (PS3.6 annex A): classes, syntaxes and tables, never somebody's instance."""

_NIL = uuid.UUID(int=0)
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")


@lru_cache(maxsize=4096)
def regenerate_uid(uid: str) -> str:
    """The UID that takes the place of `uid`: at most 61 characters, the same every time.

    >>> regenerate_uid("2222222")
    '1.3.6.1.4.1.11129.5.1.286710307126045768765142714621897494633'
    """
    return PREFIX + str(uuid.uuid3(_NIL, uid).int)


def is_standard(uid: str) -> bool:
    """Whether the DICOM standard itself assigned `uid`."""
    return uid.startswith(STANDARD_ROOT) and is_uid(uid)


def is_uid(text: str) -> bool:
    """Whether `text` is digits and dots in the form of a UID, 64 characters or fewer (PS3.5 section 9.1).

    Leading zeros in a component, which the standard forbids and real files have, are let through.
    """
    return len(text) <= 64 and _UID.fullmatch(text) is not None
