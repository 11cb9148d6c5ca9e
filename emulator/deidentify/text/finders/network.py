"""EMAIL_ADDRESS, URL, IP_ADDRESS and MAC_ADDRESS."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from emulator.deidentify.text.finders.pattern import Match, Pattern, Patterns, Text, follows_version

INFO_TYPES: Final = frozenset({"EMAIL_ADDRESS", "IP_ADDRESS", "MAC_ADDRESS", "URL"})


def _address(match: re.Match[str]) -> bool:
    if follows_version(match):
        return False
    try:
        ipaddress.ip_address(match[0])
    except ValueError:
        return False
    return match[0] != "::"


def _not_a_number(match: re.Match[str]) -> bool:
    return not match[0].replace(".", "").isdigit()


_PATTERNS: Final = Patterns(
    Pattern(
        "EMAIL_ADDRESS",
        re.compile(r"(?<![\w.+-])[\w.%+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?!\w)"),
        words=("@",),
    ),
    Pattern("URL", re.compile(r"\b(?:https?|ftp|file)://[^\s<>\"]{1,2000}", re.IGNORECASE), words=("://",)),
    Pattern(
        "URL",
        re.compile(r"(?<![\w.@])www\.[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?:/[^\s<>\"]{0,2000})?", re.IGNORECASE),
        words=("www.",),
    ),
    Pattern("IP_ADDRESS", re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"), _address, digits=4),
    Pattern(
        "IP_ADDRESS",
        re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])"),
        _address,
        digits=1,
        words=(":",),
    ),
    Pattern(
        "MAC_ADDRESS",
        re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?P<s>[:-])(?:[0-9A-Fa-f]{2}(?P=s)){4}[0-9A-Fa-f]{2}(?![\w:-])"),
        words=(":", "-"),
    ),
    Pattern(
        "MAC_ADDRESS",
        re.compile(r"(?<![\w.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\w.])"),
        _not_a_number,
        words=(".",),
    ),
)


def matches(text: Text, info_types: frozenset[str]) -> Iterator[Match]:
    """Addresses of the network."""
    return _PATTERNS.matches(text, info_types)
