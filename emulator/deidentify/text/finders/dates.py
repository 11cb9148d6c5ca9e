"""DATE, DATE_OF_BIRTH, AGE and TIME."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from emulator.deidentify.text.finders.pattern import Match, Pattern, Patterns, Text, follows_version
from emulator.deidentify.text.month_names import MONTH_WORDS, month, weekday

INFO_TYPES: Final = frozenset({"AGE", "DATE", "DATE_OF_BIRTH", "TIME"})

_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_YEAR: Final = r"(?:1[89]|20|21)\d\d"
_ZONE: Final = r"(?:\s?(?:Z(?![^\W_])|UTC|GMT|[+-]\d\d:?\d\d))?"
_ORDINAL: Final = r"(?:st|nd|rd|th|er|[.ºª])?"
_GAP: Final = r"[ \t\-/,.]{0,3}"

_BORN: Final = re.compile(
    r"(?:\bd\.?\s?o\.?\s?b\b\.?|date of birth|birth\s?-?date|birthday|\bborn(?: on| in)?|\bgeb(?:oren)?\b\.?(?: am)?"
    r"|geburts(?:datum|tag)|\bn[ée]e?(?: le)?|nacimiento|nascita|\*)[\s:=#.()-]{0,4}\Z",
    re.IGNORECASE,
)
_CUE: Final = re.compile(
    r"\b(?:on|dated?|since|until|from|seen|visit|exam|performed|admitted|discharged|today is|am|vom|seit|bis)"
    r"[\s:=,]{1,3}\Z",
    re.IGNORECASE,
)
_AMBIGUOUS: Final = frozenset({"set", "out", "ago", "gen", "may", "mar", "mai", "march", "dec", "maj", "lug"})
"""Month names that are also other words: on their own they need a year of four digits or a capital and an ordinal."""

_ENGLISH: Final = frozenset({"may", "mar", "march", "dec"})
"""Those of them that a day alone makes a date, when they are written with a capital."""

_MEASURE: Final = re.compile(
    r"\s?(?:[mcµ]?m|m?s|mm2|[km]?g|ml|cc|k?hz|kvp?|mas?|gy|deg|%|°|/\d)(?![^\W\d_])", re.IGNORECASE
)

_MONTH_BEGINNINGS: Final = tuple(sorted({word[:3] for word in MONTH_WORDS}))


def _after_year_cue(match: re.Match[str]) -> bool:
    return _YEAR_CUE.search(match.string, max(0, match.start() - 14), match.start()) is not None


def _two_numbers(match: re.Match[str]) -> bool:
    """Whether one of two numbers can be a month; 1.2.24 may be a version."""
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    if follows_version(match):
        return False
    if match["sep"] == "." and len(year) < 4 and len(match["first"]) + len(match["second"]) < 4:
        return len(match["first"]) == 2 or len(match["second"]) == 2
    return first <= 12 or second <= 12


def _not_version(match: re.Match[str]) -> bool:
    return not follows_version(match)


_COUNTED: Final = re.compile(
    r"(?:\b(?:im|img|images?|slices?|frames?|series|se|ser|scan|phase|page|t[rei]|w[wlc]|level|window|ratio|bp|grade)"
    r"|/t[er])[\s:.#=]{0,3}\Z",
    re.IGNORECASE,
)


def _no_count(match: re.Match[str]) -> bool:
    """Whether two numbers with a stroke are not said to count something: "Series 3/2001", "TE/TR 12/2000"."""
    return _COUNTED.search(match.string, max(0, match.start() - 12), match.start()) is None


def _after_cue(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 20) : match.start()]
    return _CUE.search(before) is not None or _BORN.search(before) is not None


_WORDS: Final = "|".join(sorted((re.escape(word) for word in MONTH_WORDS), key=len, reverse=True))
_NAMED: Final = re.compile(
    rf"(?<![^\W_])(?:(?P<day>{_DAY}){_ORDINAL}{_GAP}(?:(?:of|de|del|do)[ ])?)?"
    rf"(?<![^\W\d_])(?P<word>{_WORDS})(?![^\W\d_])\.?"
    rf"(?:{_GAP}(?P<after>{_DAY})(?!\d)(?P<ordinal>{_ORDINAL})(?!:\d))?"
    rf"(?:[ \t\-/,.']{{0,3}}(?:(?:of|de|del|do)[ ])?(?P<year>'?\d\d(?:\d\d)?)(?![\d:]))?",
    re.IGNORECASE,
)


def _named(match: re.Match[str]) -> bool:
    """Whether a month's name stands with enough to be a date."""
    if month(match["word"]) is None:
        return False
    day, year = match["day"] or match["after"], match["year"] or ""
    if len(year) == 4 and not 1800 <= int(year) <= 2199:
        return False
    if not day:
        return len(year) == 4
    if year or match["word"].casefold() not in _AMBIGUOUS:
        return True
    if not match["word"][0].isupper() or _MEASURE.match(match.string, match.end()):
        return False
    return match["word"].casefold() in _ENGLISH or (match["ordinal"] or "").isalpha() or _after_cue(match)


_YEAR_CUE: Final = re.compile(r"\b(?:in|since|year|seit|im jahr|born(?: in)?|\*)\s{1,2}\Z", re.IGNORECASE)

_DATES: Final = Patterns(
    Pattern(
        "DATE",
        re.compile(
            rf"(?<![\d.]){_YEAR}(?P<s>[-/._]){_MONTH}(?P=s){_DAY}(?![\d]|[.]\d)"
            rf"(?:T\d\d:?\d\d(?::?\d\d(?:[.,]\d{{1,9}})?)?{_ZONE})?"
        ),
        _not_version,
        digits=6,
    ),
    Pattern("DATE", re.compile(rf"(?<!\d){_YEAR}\s?年\s?{_MONTH}\s?月\s?{_DAY}\s?日"), digits=6, words=("年",)),
    Pattern(
        "DATE",
        re.compile(
            rf"(?<![\d./-])(?P<first>{_DAY})(?P<sep>[-/._])(?P<second>{_DAY})(?P=sep)(?P<year>{_YEAR}|'?\d\d)"
            r"(?!\d|[./-]\d)"
        ),
        _two_numbers,
        digits=4,
    ),
    Pattern(
        "DATE",
        re.compile(
            rf"(?<![\d.]){_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
            r"(?:[T _-]?(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-6]\d(?:\.\d{1,9})?)?)?)?(?:Z|[+-]\d{4})?(?!\d|\.\d)"
        ),
        _not_version,
        digits=8,
    ),
    Pattern("DATE", re.compile(rf"(?<![\d/.-]){_MONTH}[-/]{_YEAR}(?![\d/-])"), _no_count, digits=5),
    Pattern("DATE", re.compile(r"(?<![\d/.-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?![\d/-]|\.\d)"), digits=6, words=("-",)),
    Pattern("DATE", re.compile(rf"(?<![\d/.-]){_MONTH}/{_DAY}(?![\d/]|\.\d)"), _after_cue, digits=2, words=("/",)),
    Pattern("DATE", re.compile(rf"(?<![\d.-]){_DAY}\.{_MONTH}\.(?!\d)"), _after_cue, digits=2, words=(".",)),
    Pattern(
        "DATE",
        re.compile(rf"(?<![\d.]){_YEAR}(?![\d.]\d|\s?(?:m[lmg]|cm|cc|hz|ms|images|frames|slices)\b|-)", re.IGNORECASE),
        _after_year_cue,
        digits=4,
    ),
    Pattern("DATE", _NAMED, _named, digits=1, words=_MONTH_BEGINNINGS),
)

_OTHERS: Final = Patterns(
    Pattern(
        "AGE",
        re.compile(
            r"(?<![\w.])\d{1,3}[ -]?"
            r"(?:(?:y/o|yo|y\.o\.|yrs?\.? old|years?[ -]old|years? of age|yo[mf])(?!\w)"
            r"|(?:months?|mos?|weeks?|wks?|days?)[ -](?:old|of age)(?!\w)"
            r"|jahre alt|jährige?[rns]?(?!\w)|ans(?!\w)|años(?!\w)|anni(?!\w)|jaar(?: oud)?(?!\w))",
            re.IGNORECASE,
        ),
        digits=1,
        words=("y/o", "yo", "y.o", "old", "of age", "jahr", "jähr", "ans", "años", "anni", "jaar"),
    ),
    Pattern(
        "AGE",
        re.compile(
            r"\b(?:aged?|alter|edad|âge)(?:\s?[:=]\s?|\s)(?:of )?"
            r"(?P<value>\d{1,3}(?:\s?(?:years?|yrs?|y|months?|m|d|w))?)(?![\w.]|\s?(?:%|mm|cm|ml))",
            re.IGNORECASE,
        ),
        digits=1,
        words=("age", "alter", "edad", "âge"),
    ),
    Pattern("AGE", re.compile(r"(?<![\w.])0\d\d[DWMY](?!\w)"), digits=3),
    Pattern("AGE", re.compile(r"(?<![\w.])\d{1,3} ?[Yy](?= ?[/,]? ?[MmFf](?!\w))"), digits=1, words=("y",)),
    Pattern(
        "TIME",
        re.compile(
            r"(?<![\d:.])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:\s?[ap]\.?m\b\.?)?(?![\d:])",
            re.IGNORECASE,
        ),
        digits=3,
        words=(":",),
    ),
)


_WEEKDAY: Final = re.compile(r"(?<![^\W_])([^\W\d_]{2,12})(\.|,|\.,)?\s{1,2}(?:(?:the|den|le|el)\s)?\Z", re.IGNORECASE)


def _weekday_before(text: str, first: int, start: int) -> int:
    """How many characters before a date say its day of the week: "Monday, "."""
    match = _WEEKDAY.search(text, first, start)
    if match is None or weekday(match[1]) is None or (len(match[1]) == 2 and not match[2]):
        return 0
    return start - match.start()


def matches(text: Text, info_types: frozenset[str]) -> Iterator[Match]:
    """Dates, ages and times. A date that is said to be one of birth is DATE_OF_BIRTH where that is asked for."""
    if {"DATE", "DATE_OF_BIRTH"} & info_types:
        for start, end, _ in _DATES.matches(text, frozenset({"DATE"})):
            before = max(0, start - 24)
            first = start - _weekday_before(text.text, before, start)
            born = "DATE_OF_BIRTH" in info_types and _BORN.search(text.text, before, start) is not None
            if born or "DATE" in info_types:
                yield Match(first, end, "DATE_OF_BIRTH" if born else "DATE")
    yield from _OTHERS.matches(text, info_types)
