"""Regular expressions with a check of what they match."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator, Sequence
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

    def matches(self, text: Text) -> Iterator[Match]:
        """Every place in the text."""
        if text.digits < self.digits or (self.words and not any(word in text.lowered for word in self.words)):
            return
        group = "value" if "value" in self.expression.groupindex else 0
        for match in self.expression.finditer(text.text):
            if self.check(match):
                yield Match(*match.span(group), self.info_type)


def matches(patterns: Sequence[Pattern], text: Text, info_types: Collection[str]) -> Iterator[Match]:
    """What the patterns of these info types find."""
    for pattern in patterns:
        if pattern.info_type in info_types:
            yield from pattern.matches(text)


VERSION = re.compile(
    r"(?:\bv|\bver|\bversion|\brelease|\brev|\bsw|\bsoftware|\bbuild|\bfirmware)[\s.:#]{0,3}\Z", re.IGNORECASE
)


def follows_version(match: re.Match[str]) -> bool:
    """Whether the word before a match says that it is the version of a program."""
    return VERSION.search(match.string, max(0, match.start() - 16), match.start()) is not None
