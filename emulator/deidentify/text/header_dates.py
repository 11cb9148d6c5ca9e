"""Dates of the header, found again in the forms that people write them in."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from emulator.deidentify.text.month_names import month
from emulator.deidentify.text.phrase import Phrase
from emulator.deidentify.text.runs import MAX_GAP, Run

DATED: Final = frozenset({"DATE", "DATE_OF_BIRTH"})
"""Info types of phrases that are dates."""

_COMPACT: Final = re.compile(r"(\d{4})[.-]?(\d\d)[.-]?(\d\d)")
_MONTHS: Final = "January February March April May June July August September October November December"
_FILLERS: Final = frozenset({"st", "nd", "rd", "th", "er", "of", "de", "del", "do", "the", "den", "年", "月", "日"})
_MOST_RUNS: Final = 6


class HeaderDates:
    """Dates of the header with their info types."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._dates: dict[datetime.date, str] = {}
        for phrase in phrases:
            if phrase.info_type in DATED and (date := date_of(phrase.text)) is not None:
                self._dates.setdefault(date, phrase.info_type)

    def find(self, runs: Sequence[Run]) -> Iterator[tuple[int, int, str]]:
        """Dates in a text whose day, month and year stand apart: index of the first run, of the one behind the last."""
        if not self._dates:
            return
        for first, run in enumerate(runs):
            if len(run.text) > 2 and run.text.isdigit() and len(run.text) != 4:
                continue
            words: list[str] = []
            for last in range(first, min(first + _MOST_RUNS, len(runs))):
                if last > first and runs[last].start - runs[last - 1].end > MAX_GAP:
                    break
                if runs[last].text not in _FILLERS:
                    words.append(runs[last].text)
                elif last == first:
                    break
                if len(words) == 3:
                    for date in _readings(*words):
                        if date in self._dates:
                            yield first, last + 1, self._dates[date]
                    break


def date_of(value: str) -> datetime.date | None:
    """The date of a DA or DT value; None when it is none."""
    match = _COMPACT.match(value)
    try:
        return datetime.date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def digits_of(date: datetime.date) -> Iterator[str]:
    """The date as digits alone, in the usual orders, with four and with two digits of the year."""
    year, mon, day = f"{date.year:04}", f"{date.month:02}", f"{date.day:02}"
    for full in (year, year[2:]):
        yield from (full + mon + day, day + mon + full, mon + day + full)


def forms_of(value: str) -> Iterator[str]:
    """A date of a DA or DT value as it may stand in pixels; nothing for a value that is no date.

    >>> "12081988" in set(forms_of("19880812"))
    True
    """
    date = date_of(value)
    if date is None:
        return
    yield from digits_of(date)
    year, full = f"{date.year:04}", _MONTHS.split()[date.month - 1]
    for number in {f"{date.day:02}", str(date.day)}:
        yield f"{date.month}{number}{year}"
        yield f"{number}{date.month}{year}"
        for name in (full, full[:3]):
            yield f"{number}{name}{year}"
            yield f"{name}{number}{year}"


@functools.lru_cache(maxsize=4096)
def _readings(first: str, second: str, third: str) -> frozenset[datetime.date]:
    """The dates that three runs may be."""
    words = (first, second, third)
    if sum(word.isdigit() for word in words) < 2:
        return frozenset()
    found = set()
    for year, mon, day in _orders(words):
        for full in _years(year):
            try:
                found.add(datetime.date(full, mon, day))
            except ValueError:
                continue
    return frozenset(found)


def _orders(words: tuple[str, str, str]) -> Iterator[tuple[str, int, int]]:
    """Year, month and day in the orders that are in use."""
    one, two, three = words
    orders = [(one, two, three), (three, two, one), (three, one, two)]
    for index, word in enumerate(words):
        if not word.isdigit():
            if (name := month(word)) is None:
                return
            others = [other for place, other in enumerate(words) if place != index]
            orders = [(others[1], str(name.place + 1), others[0]), (others[0], str(name.place + 1), others[1])]
    for year, mon, day in orders:
        if max(len(mon), len(day)) <= 2:
            yield year, int(mon), int(day)


def _years(digits: str) -> list[int]:
    if len(digits) == 4:
        return [int(digits)]
    return [century + int(digits) for century in (1900, 2000)] if len(digits) == 2 else []
