"""Streaming a JSON array in pieces that are worth a write each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

_PIECE_CHARACTERS = 1 << 16


def json_array(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The text of a JSON array of `items`, in pieces of some 64 KiB; items are made as they are needed."""
    pending, size = ["["], 0
    for number, item in enumerate(items):
        text = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
        pending.append("," + text if number else text)
        size += len(text)
        if size >= _PIECE_CHARACTERS:
            yield "".join(pending)
            pending, size = [], 0
    pending.append("]")
    yield "".join(pending)
