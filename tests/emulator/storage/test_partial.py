"""The `fields` parameter."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.storage.partial import parse_fields, select

ANSWER = {
    "kind": "k",
    "items": [{"name": "a", "metadata": {"x": "1", "y": "2"}}, {"name": "b"}],
    "nextPageToken": "t",
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("kind", {"kind": "k"}),
        ("items/name", {"items": [{"name": "a"}, {"name": "b"}]}),
        ("items(name,metadata/x)", {"items": [{"name": "a", "metadata": {"x": "1"}}, {"name": "b"}]}),
        ("nextPageToken, items(name)", {"items": [{"name": "a"}, {"name": "b"}], "nextPageToken": "t"}),
        ("items/name,items/metadata/y", {"items": [{"name": "a", "metadata": {"y": "2"}}, {"name": "b"}]}),
        ("items/*/x", {"items": [{"name": "a", "metadata": {"x": "1"}}, {"name": "b"}]}),
        ("*", ANSWER),
        ("absent", {}),
    ],
)
def test_fields_select(fields: str, expected: dict[str, Any]) -> None:
    assert select(ANSWER, parse_fields(fields)) == expected
