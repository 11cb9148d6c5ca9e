"""Dates as people write them, moved by days, in the form they stood in.

Which number is the day and which the month: with points the day comes first (5.6.2021 is in June), otherwise the month
(5/6/2021 is in May), unless only the other way is a date (25/6/2021). A year of two digits is one of 1969 to 2068, as
POSIX strptime has it. What has no day, no month or no year cannot be moved, and neither can what is no date of the
calendar.
"""

from __future__ import annotations

import datetime
import re
from typing import Final

from emulator.deidentify.text.date_shift import moved
from emulator.deidentify.text.month_names import Name, month, weekday, written_like

_LONGEST: Final = 80
"""Characters; a longer text is no date, and patterns never see it."""

_CLOCK: Final = (
    r"[0-9]{1,2}(?:[:.h][0-9]{2}){1,2}(?:[.,][0-9]{1,9})?|[0-9]{6}(?:\.[0-9]{1,9})?|[0-9]{4}|[0-9]{1,2}(?=\s*[ap])"
)
_TAIL: Final = (
    rf"(?P<tail>(?:(?:\s*[T,;@_]\s*|\s+)(?:at\s|um\s|à\s)?(?:{_CLOCK})"
    r"(?:\s?[ap]\.?m\.?|\s?uhr)?(?:\s?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?)?[.,;]?)"
)
_LEAD: Final = r"(?P<lead>(?P<weekday>[^\W\d_]{2,12})(?P<comma>[.,]{0,2}\s+(?:the\s|den\s|le\s|el\s)?))?"
_DAY: Final = r"(?P<day>[0-9]{1,2})(?P<ordinal>st|nd|rd|th|er|[.ºª])?"
_MONTH: Final = r"(?P<month>[^\W\d_]{3,12})(?P<dot>\.?)"
_YEAR: Final = r"(?P<year>[0-9]{4}|'?[0-9]{2})"
_SOME_GAP: Final = r"(?:\s*[-/,.]\s*|\s+(?:(?:of|de|del|do)\s+)?)"
_GAP: Final = rf"{_SOME_GAP}?"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(_LEAD + pattern + _TAIL, re.IGNORECASE)


_NUMERIC: Final = (
    _form(
        r"(?P<year>[0-9]{4})(?P<s1>\s*[-/.:_]\s*|\s)(?P<month>[0-9]{1,2})(?P<s2>\s*[-/.:_]\s*|\s)(?P<day>[0-9]{1,2})"
    ),
    _form(r"(?P<year>[0-9]{4})(?P<s1>\s?年\s?)(?P<month>[0-9]{1,2})(?P<s2>\s?月\s?)(?P<day>[0-9]{1,2})(?P<s3>\s?日)"),
    _form(r"(?P<first>[0-9]{1,2})(?P<s1>\s*[-/._]\s*|\s)(?P<second>[0-9]{1,2})(?P<s2>\s*[-/._]\s*|\s)" + _YEAR),
)
_NAMED: Final = (
    _form(_DAY + f"(?P<g1>{_GAP})" + _MONTH + f"(?P<g2>{_GAP})" + _YEAR),
    _form(_MONTH + f"(?P<g1>{_GAP})" + _DAY + f"(?P<g2>{_SOME_GAP})" + _YEAR),
    _form(f"(?P<year>[0-9]{{4}})(?P<g1>{_GAP})" + _MONTH + f"(?P<g2>{_GAP})" + _DAY),
)
_COMPACT: Final = re.compile(
    r"((?:1[89]|20|21)[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])"
    r"((?:[T _-]?[0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:\.[0-9]{1,9})?)?)?)?(?:Z|[+-][0-9]{4})?)"
)


def shift_text(text: str, days: int) -> str | None:
    """The date moved, in the same form; None when it is not one full date, or a form that is not known here.

    Args:
        text: a date and nothing else but a day of the week before it and a time after it.
        days: later, or earlier when negative.

    >>> shift_text("Dec 31, 2020", 1), shift_text("31.12.20", 1), shift_text("May 2021", 1)
    ('Jan 1, 2021', '01.01.21', None)
    """
    bare = text.strip()
    if len(bare) > _LONGEST:
        return None
    for shifted in (_shift_compact, _shift_numeric, _shift_named):
        if (result := shifted(bare, days)) is not None:
            return text.replace(bare, result, 1)
    return None


def _shift_compact(text: str, days: int) -> str | None:
    if not (match := _COMPACT.fullmatch(text)):
        return None
    date = moved(int(match[1]), int(match[2]), int(match[3]), days)
    return None if date is None else f"{date.year:04}{date.month:02}{date.day:02}{match[4]}"


def _shift_numeric(text: str, days: int) -> str | None:
    for form in _NUMERIC:
        match = form.fullmatch(text)
        if match is None or ("年" not in match["s1"] and match["s1"].strip() != match["s2"].strip()):
            continue
        parts = match.groupdict()
        if "first" in parts:
            order = _order(int(match["first"]), int(match["second"]), match["year"], points="." in match["s1"])
            parts |= {order[0]: parts.pop("first"), order[1]: parts.pop("second"), order[2]: parts.pop("year")}
        else:
            order = ("year", "month", "day")
        date = moved(_century(parts["year"]), int(parts["month"]), int(parts["day"]), days)
        lead = None if date is None else _lead(match, date)
        if date is None or lead is None:
            return None
        two = len(parts["day"]) == len(parts["month"]) == 2
        numbers = {name: _number(parts[name], getattr(date, name), two=two) for name in ("day", "month")}
        new = [(numbers | {"year": _year(parts["year"], date)})[name] for name in order]
        ending = (match["s3"] if "s3" in parts else "") + match["tail"]
        return f"{lead}{new[0]}{match['s1']}{new[1]}{match['s2']}{new[2]}{ending}"
    return None


def _order(first: int, second: int, third: str, *, points: bool) -> tuple[str, str, str]:
    """Names of the three numbers of a date whose last one may be a year."""
    if first > 31 and len(third) == 2:
        return "year", "month", "day"
    day_first = second <= 12 if points else first > 12
    return ("day", "month", "year") if day_first else ("month", "day", "year")


def _shift_named(text: str, days: int) -> str | None:
    for form in _NAMED:
        match = form.fullmatch(text)
        named = None if match is None else _month_of(match)
        if match is None or named is None:
            continue
        date = moved(_century(match["year"]), named.place + 1, int(match["day"]), days)
        lead = None if date is None else _lead(match, date)
        if date is None or lead is None:
            return None
        new = {
            "day": _day(match, date),
            "month": written_like(match["month"], named.cycles[0][date.month - 1]) + match["dot"],
            "year": _year(match["year"], date),
        }
        first, second, third = (new[name] for name in sorted(new, key=match.start))
        return f"{lead}{first}{match['g1']}{second}{match['g2']}{third}{match['tail']}"
    return None


def _month_of(match: re.Match[str]) -> Name | None:
    compact = "-" in match["g1"] or match["g1"] == "" or match["dot"] == "."
    return month(match["month"], short=compact)


def _day(match: re.Match[str], date: datetime.date) -> str:
    tight = match["g1"].strip() in {"-", "/"} or match["g1"] == ""
    padded = match["day"].startswith("0") or (tight and len(match["day"]) == 2)
    number = f"{date.day:02}" if padded else str(date.day)
    ordinal = match["ordinal"] or ""
    if ordinal.lower() in {"st", "nd", "rd", "th"}:
        english = "th" if date.day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(date.day % 10, "th")
        return number + written_like(ordinal, english)
    if ordinal.lower() == "er" and date.day != 1:
        return number
    return number + ordinal


def _lead(match: re.Match[str], date: datetime.date) -> str | None:
    """The day of the week of the new date, as the old one was written; None when the word before the date is none."""
    if match["lead"] is None:
        return ""
    name = weekday(match["weekday"])
    return name and written_like(match["weekday"], name.cycles[0][date.weekday()]) + match["comma"]


def _century(year: str) -> int:
    digits = year.removeprefix("'")
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= 69 else 2000)


def _year(model: str, date: datetime.date) -> str:
    if len(model) == 4:
        return f"{date.year:04}"
    return model[:-2] + f"{date.year % 100:02}"


def _number(model: str, number: int, *, two: bool) -> str:
    """A day or month with two digits when the old one shows that it would have had them."""
    return f"{number:02}" if two or model.startswith("0") else str(number)
