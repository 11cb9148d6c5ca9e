"""The tree as the file wrote it: repeated names and unreadable values are still visible."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MAX_VALUES = 1_000_000
"""Values of a tree, YAML aliases expanded: a hundred aliases of aliases would otherwise be more than memory holds."""
TOO_MANY_VALUES = f"has more than {MAX_VALUES:,} values"

RawTree = Any
"""`Members` | list | str | int | float | bool | None | `Unreadable`, nested."""


class Members(list[tuple[Any, RawTree]]):
    """The members of an object in the order of the file: (name, value), repetitions included."""


@dataclass(frozen=True)
class Unreadable:
    """A name or value that stands in the file but has no safe meaning; the message tells the cure."""

    message: str


class UnreadableTextError(ValueError):
    """The whole text cannot be read; the message completes "the file ..."."""


def read_json(text: str) -> RawTree:
    """The tree of a JSON document; objects keep repeated names.

    Raises `UnreadableTextError` with line and column.
    """
    try:
        return json.loads(text, object_pairs_hook=Members, parse_constant=_not_json, parse_int=_integer)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableTextError(f"is not valid JSON at {where} ({error.msg}); correct that line") from None


def _not_json(_literal: str) -> Unreadable:
    return Unreadable("NaN and Infinity are not JSON; write a number")


def _integer(digits: str) -> int | Unreadable:
    if len(digits) > 20:  # no 64-bit number is longer
        return Unreadable("the number is too large for any field; put text in quotes")
    return int(digits)
