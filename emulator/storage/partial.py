"""Partial answers: the `fields` parameter, `items(name,size),nextPageToken` (https://cloud.google.com/storage/docs/json_api#partial-response)."""

from __future__ import annotations

import re
from typing import Any

from emulator.errors import GoogleError

Selection = dict[str, "Selection"]
_TOKEN = re.compile(r"[A-Za-z0-9_.-]+|[*(),/]")
_MAX_DEPTH = 10


def parse_fields(text: str) -> Selection:
    """`a,b(c,d/e)` -> `{"a": {}, "b": {"c": {}, "d": {"e": {}}}}`; an empty selection means everything below.

    Raises:
        GoogleError: 400 when the text has another form.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise _invalid()
    selection, rest = _parse_list(tokens, 0)
    if rest:
        raise _invalid()
    return selection


def select(value: Any, selection: Selection) -> Any:
    """The part of a JSON value that `selection` names; lists are looked through; absent names are left out."""
    if not selection:
        return value
    if isinstance(value, list):
        return [select(item, selection) for item in value]
    if not isinstance(value, dict):
        return value
    everything = selection.get("*")
    chosen = {key: selection.get(key, everything) for key in value}
    return {key: select(value[key], below) for key, below in chosen.items() if below is not None}


def _parse_list(tokens: list[str], depth: int) -> tuple[Selection, list[str]]:
    selection: Selection = {}
    while True:
        tokens = _parse_path(tokens, selection, depth)
        if tokens[:1] != [","]:
            return selection, tokens
        tokens = tokens[1:]


def _parse_path(tokens: list[str], selection: Selection, depth: int) -> list[str]:
    """Add one path to `selection`; returns the tokens behind it."""
    if not tokens or tokens[0] in set("(),/") or depth > _MAX_DEPTH:
        raise _invalid()
    below = selection.setdefault(tokens[0], {})
    rest = tokens[1:]
    if rest[:1] == ["/"]:
        return _parse_path(rest[1:], below, depth + 1)
    if rest[:1] == ["("]:
        inner, rest = _parse_list(rest[1:], depth + 1)
        if rest[:1] != [")"]:
            raise _invalid()
        below.update(inner)
        return rest[1:]
    return rest


def _invalid() -> GoogleError:
    return GoogleError(400, "Invalid field selection: write it as a,b(c,d),e/f.", reason="invalidParameter")
