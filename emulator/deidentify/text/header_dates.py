"""The usual forms of a date of the header."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Final

_COMPACT: Final = re.compile(r"(\d{4})[.-]?(\d\d)[.-]?(\d\d)")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def forms_of(value: str) -> Iterator[str]:
    """A date of a DA or DT value as it may stand in text; nothing for a value that is no date.

    >>> "12/08/1988" in set(forms_of("19880812"))
    True
    """
    match = _COMPACT.match(value)
    if match is None:
        return
    try:
        date = datetime.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return
    year, month, day = f"{date.year:04}", f"{date.month:02}", f"{date.day:02}"
    yield year + month + day
    for order in ((year, month, day), (day, month, year), (month, day, year)):
        for separator in "-/.":
            yield separator.join(order)
    for first, second in ((str(date.day), str(date.month)), (str(date.month), str(date.day))):
        for separator in "-/.":
            yield separator.join((first, second, year))
            yield separator.join((first, second, year[2:]))
    for name in (_MONTHS[date.month - 1], _MONTHS[date.month - 1][:3]):
        for number in {day, str(date.day)}:
            yield f"{number} {name} {year}"
            yield f"{name} {number} {year}"
