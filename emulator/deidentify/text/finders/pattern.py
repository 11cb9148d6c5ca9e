"""Regular expressions with a check of what they match."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple


class Match(NamedTuple):
    """`text[start:end]` is of `info_type`."""

    start: int
    end: int
    info_type: str


class Text:
    """A text, and what tells at a glance that most patterns cannot be in it."""

    __slots__ = ("digits", "lowered", "text")

    def __init__(self, text: str) -> None:
        """Take any text."""
        self.text = text
        self.lowered = text.lower()
        self.digits = sum(map(str.isdigit, text))


def _always(_match: re.Match[str]) -> bool:
    return True


@dataclasses.dataclass(frozen=True)
class Pattern:
    """What an info type looks like. The group `value` is what is found, or the whole match without such a group.

    Expressions have bounded repetitions or none that overlap, so that hostile text costs no more than its length.

    Attributes:
        info_type: what is found.
        expression: what it looks like.
        check: whether a match is one: check digits, calendars.
        digits: how many digits a text must have to be looked at.
        words: parts of words in small letters of which a text must have one; empty for any text.
    """

    info_type: str
    expression: re.Pattern[str]
    check: Callable[[re.Match[str]], bool] = _always
    digits: int = 0
    words: Sequence[str] = ()


class Patterns:
    """Patterns that are looked for together."""

    def __init__(self, *patterns: Pattern) -> None:
        """Take them in the order in which they are tried."""
        self._patterns = patterns
        self._chosen: dict[tuple[frozenset[str], bool], tuple[Pattern, ...]] = {}

    def matches(self, text: Text, info_types: frozenset[str]) -> Iterator[Match]:
        """What those of these info types find."""
        for pattern in self._for(info_types, digits=text.digits > 0):
            if text.digits < pattern.digits or not _has_one(text.lowered, pattern.words):
                continue
            group = "value" if "value" in pattern.expression.groupindex else 0
            for match in pattern.expression.finditer(text.text):
                if pattern.check(match):
                    yield Match(*match.span(group), pattern.info_type)

    def _for(self, info_types: frozenset[str], *, digits: bool) -> tuple[Pattern, ...]:
        chosen = self._chosen.get((info_types, digits))
        if chosen is None:
            chosen = tuple(one for one in self._patterns if one.info_type in info_types and (digits or not one.digits))
            self._chosen[info_types, digits] = chosen
        return chosen


def _has_one(lowered: str, words: Sequence[str]) -> bool:
    for word in words:
        if word in lowered:
            return True
    return not words


VERSION = re.compile(
    r"(?:\bv|\bver|\bversion|\brelease|\brev|\bsw|\bsoftware|\bbuild|\bfirmware)[\s.:#]{0,3}\Z", re.IGNORECASE
)


_VERSION_BEHIND = re.compile(r"\s?(?:release|version|build|beta)\b", re.IGNORECASE)


def follows_version(match: re.Match[str]) -> bool:
    """Whether the word before or behind a match says that it is the version of a program."""
    before = VERSION.search(match.string, max(0, match.start() - 16), match.start())
    return before is not None or _VERSION_BEHIND.match(match.string, match.end()) is not None
