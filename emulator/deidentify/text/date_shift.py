"""By how many days the dates of a patient move, and dates of DICOM's own form moved by them.

The API shifts dates by a number of days that is the same for a patient and a key, within 100 days; how it computes it
is not documented (Discovery, DateShiftConfig). Here it comes from HMAC-SHA-256. The message begins with a byte that no
UTF-8 text has: what cryptoHash writes under the same key can then never be a number this is computed from.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import hmac
import re
from typing import Final

MAX_DAYS: Final = 100
"""Dates stay "in the range of 100 days of the original values" (tutorial on de-identifying medical images)."""

_NOT_TEXT: Final = b"\xff"
_YEAR_MONTH_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")
_DOTTED = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)")
_TIME = r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
_DATE_TIME = re.compile(rf"(\d{{4}})(\d\d)(\d\d)((?:{_TIME})?(?:[+-](?:0\d|1[0-4])[0-5]\d)?)")


@functools.lru_cache(maxsize=64)
def days_of(key: bytes, patient_id: str, study_instance_uid: str, *, zero: bool) -> int:
    """Days by which the dates of a patient move: -100 to 100, and 0 only when `zero` allows it.

    Args:
        key: of the transformation.
        patient_id: decides alone, so that all studies of a patient move together.
        study_instance_uid: decides when the patient id is empty.
        zero: whether dates may stay where they are (`EngineOptions.date_shift_zero`).
    """
    kind, whose = (b"patient ", patient_id) if patient_id else (b"study ", study_instance_uid)
    message = _NOT_TEXT + b"date shift of " + kind + whose.encode("utf-8", "surrogatepass")
    number = int.from_bytes(hmac.digest(key, message, hashlib.sha256), "big")
    if zero:
        return number % (2 * MAX_DAYS + 1) - MAX_DAYS
    days = number % (2 * MAX_DAYS) - MAX_DAYS
    return days if days < 0 else days + 1


def moved(year: int, month: int, day: int, days: int) -> datetime.date | None:
    """The date so many days later; None when either is none of the calendar, whose years are 1 to 9999."""
    try:
        return datetime.date(year, month, day) + datetime.timedelta(days=days)
    except (ValueError, OverflowError):
        return None


def shift_da(value: str, days: int) -> str | None:
    """A value of DA moved, in its form YYYYMMDD or the older YYYY.MM.DD (PS3.5 table 6.2-1); None when it is no date.

    >>> shift_da("20201231", 1)
    '20210101'
    """
    for form, separator in ((_YEAR_MONTH_DAY, ""), (_DOTTED, ".")):
        if match := form.fullmatch(value):
            date = moved(int(match[1]), int(match[2]), int(match[3]), days)
            return None if date is None else f"{date.year:04}{separator}{date.month:02}{separator}{date.day:02}"
    return None


def shift_dt(value: str, days: int) -> str | None:
    """A value of DT moved; time, fraction and offset stay. None when it is none, or has no day (PS3.5 table 6.2-1).

    >>> shift_dt("20201231235959.5+0100", 1)
    '20210101235959.5+0100'
    """
    match = _DATE_TIME.fullmatch(value)
    if not match:
        return None
    year, month, day, rest = match.groups()
    date = moved(int(year), int(month), int(day), days)
    return None if date is None else f"{date.year:04}{date.month:02}{date.day:02}{rest}"
