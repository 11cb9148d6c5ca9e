"""Reading a JSON tree of unknown quality: accessors that answer "nothing" where the type is wrong.

The schema reports wrong types; the rules that run after it look only at the parts that have the right ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.config.errors import JsonPath


def as_object(value: object) -> dict[str, Any]:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_array(value: object) -> list[Any]:
    """The value when it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def strings(value: object) -> list[tuple[int, str]]:
    """The strings of an array with their indexes; other elements are left out."""
    return [(index, item) for index, item in enumerate(as_array(value)) if isinstance(item, str)]


def walk(value: object, path: JsonPath = ()) -> Iterator[tuple[JsonPath, dict[str, Any]]]:
    """Every object of a tree with its path, outermost first."""
    if isinstance(value, dict):
        yield path, value
        for name, item in value.items():
            yield from walk(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, (*path, index))
