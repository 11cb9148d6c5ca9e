"""Custom regexes of an ImageConfig: RE2's language, as far as Python's has the same construct with the same meaning.

Google evaluates patterns with RE2 (https://github.com/google/re2/wiki/Syntax), which has neither look-around nor
back-references and takes linear time. Here a pattern is read by RE2's rules, refused where Python would understand it
differently, and given up on a line of text that it does not finish in `TIME_LIMIT_SECS`.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import warnings
from collections.abc import Iterator
from typing import Any, Final

import regex  # type: ignore[import-untyped]

from emulator.deidentify.errors import InstanceError

TIME_LIMIT_SECS: Final = 10.0
"""A line of text takes microseconds; a pattern that needs longer backtracks exponentially, which RE2 would not."""

_MAX_REPEAT: Final = 1000
"""RE2's limit for the numbers in {n,m}."""

_TOKEN: Final = re.compile(
    r"""(?P<escape>\\(?:x\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|.)|\\$)
    |(?P<class>\[\^?\]?(?:\[:|\\.|[^\]\\])*\])
    |(?P<group>\(\?(?:P<\w+>|<[A-Za-z_]\w*>|[A-Za-z]*(?:-[A-Za-z]+)?[:)]|.{0,2}))
    |(?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})(?:[?+*]|\{\d+(?:,\d*)?\})*)""",
    re.VERBOSE | re.DOTALL,
)
_SAME_ESCAPES: Final = frozenset("dDwWsSbBAfnrtv")
_NOT_IN_CLASSES: Final = frozenset("bBA")
_FLAGS: Final = re.compile(r"\(\?[ims]*(?:-[ims]+)?:")


class PatternError(ValueError):
    """A pattern or group index that cannot be used; the message says why and holds nothing of the pattern."""


@dataclasses.dataclass(frozen=True)
class CustomRegex:
    """A pattern and which of its groups are redacted.

    Attributes:
        pattern: as in the configuration, checked by `read`.
        groups: indexes of capturing groups; (0,), the whole match, when the configuration names none.
    """

    pattern: str
    groups: tuple[int, ...] = (0,)

    @classmethod
    def read(cls, pattern: str, groups: tuple[int, ...] = ()) -> CustomRegex:
        """Check both parts.

        Raises:
            PatternError: RE2 has no such pattern, Python's means something else, or it has no such group.
        """
        if not pattern:
            raise PatternError("is empty, which matches everywhere; write what is to be redacted")
        count = _compiled(pattern).groups
        if any(not 0 <= index <= count for index in groups):
            raise PatternError(f"names a group that the pattern does not have; it has 0 (the whole match) to {count}")
        return cls(pattern, tuple(sorted(set(groups))) or (0,))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end in `text` of everything to redact: the chosen groups of every match that are not empty.

        Raises:
            InstanceError: the pattern did not come to an end within `TIME_LIMIT_SECS`.
        """
        compiled = _compiled(self.pattern)
        try:
            found = [
                match.span(group) for match in compiled.finditer(text, timeout=TIME_LIMIT_SECS) for group in self.groups
            ]
        except TimeoutError:
            raise InstanceError(
                "a pattern of customRegexes takes exponential time on text of this image; "
                "rewrite it without repetitions inside repetitions"
            ) from None
        return [(start, end) for start, end in found if end > start]


@functools.lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    """The pattern for the `regex` module, which can be stopped. ASCII classes, as in RE2."""
    translated = "".join(_translate(pattern))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(translated, re.ASCII)
            return regex.compile(translated, regex.ASCII | regex.VERSION0)
    except (re.error, regex.error, Warning, OverflowError, RecursionError):
        raise PatternError("is no regular expression of RE2; test it, for example with grep -P") from None


def _translate(pattern: str) -> Iterator[str]:
    """The pattern in Python's spelling, piece by piece.

    Raises:
        PatternError: it has something that RE2 lacks or Python lacks.
    """
    at = 0
    for token in _TOKEN.finditer(pattern):
        yield pattern[at : token.start()]
        at = token.end()
        kind, text = str(token.lastgroup), token.group()
        yield {"escape": _escape, "class": _character_class, "group": _group, "repeat": _repeat}[kind](text)
    yield pattern[at:]


def _escape(text: str) -> str:
    """One escape outside a character class."""
    code = text[1:]
    if code == "z":
        return r"\Z"
    if code.startswith("x{"):
        return re.escape(_character(code[2:-1]))
    if (code.startswith("x") and len(code) == 3) or code in _SAME_ESCAPES:
        return text
    if len(code) != 1 or code.isalnum() or not code.isascii():
        raise PatternError(
            "has an escape that is not supported; after a backslash write one of d D w W s S b B A z n r t f v, x with "
            "hexadecimal digits, or a punctuation mark"
        )
    return text


def _character_class(text: str) -> str:
    """A whole [class]."""
    if "[:" in text:
        raise PatternError("has a named class such as [[:alpha:]]; write the characters, for example [A-Za-z]")
    return re.sub(r"\\(?:x\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|.)", _escape_in_class, text, flags=re.DOTALL)


def _escape_in_class(match: re.Match[str]) -> str:
    if match.group()[1:] in _NOT_IN_CLASSES or match.group() == r"\z":
        raise PatternError("has \\b, \\B, \\A or \\z within [ ]; they stand for positions, not for characters")
    return _escape(match.group())


def _group(text: str) -> str:
    """The opening of a group that begins with (?."""
    if text.startswith("(?P<") and text.endswith(">"):
        return text
    if re.fullmatch(r"\(\?<[A-Za-z_]\w*>", text):
        return "(?P" + text[2:]
    if _FLAGS.fullmatch(text):
        return text
    if re.fullmatch(r"\(\?[ims]+\)", text):
        raise PatternError("has flags for the rest of the pattern; put them around it, for example (?i:name)")
    raise PatternError(
        "has a group RE2 does not know, such as look-ahead or look-behind; use groupIndexes to redact part of a match"
    )


def _repeat(text: str) -> str:
    """A repetition, possibly lazy."""
    if not re.fullmatch(r"(?:[*+?]|\{\d+(?:,\d*)?\})\??", text):
        raise PatternError("has a repetition of a repetition, or a possessive one; RE2 has neither")
    if any(int(number) > _MAX_REPEAT for number in re.findall(r"\d+", text)):
        raise PatternError(f"repeats something more than {_MAX_REPEAT} times, which is RE2's limit")
    return text


def _character(digits: str) -> str:
    number = int(digits, 16)
    if number > 0x10FFFF:
        raise PatternError("names a character beyond U+10FFFF")
    return chr(number)
