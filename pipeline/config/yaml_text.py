"""YAML read so that nothing changes its meaning on the way.

YAML 1.1, which PyYAML speaks, reads an unquoted 00100010 as the octal number 32776, 2020-01-01 as a date and `on`
as true. Here a scalar that YAML would turn into anything but a string, a plain decimal number, true, false or null
is a mistake with its line, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import yaml

from pipeline.config.raw import MAX_VALUES, TOO_MANY_VALUES, Members, RawTree, Unreadable, UnreadableTextError

_TAG = "tag:yaml.org,2002:"
# PyYAML quotes what it found; tokens such as '<block end>' or ']' may be repeated, the file's own words not.
_QUOTED = re.compile(r"['\"](.+?)['\"]")
_TOKEN = re.compile(r"<[a-z ]+>|[\[\]{},:?-]")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,18})")


def read_yaml(text: str) -> RawTree:
    """The tree of one YAML document; anchors and aliases are expanded, objects keep repeated names.

    Raises `UnreadableTextError` with line and column when the text is not YAML, when an alias contains itself, or
    when aliases multiply to more than `MAX_VALUES` values.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise UnreadableTextError(_where(error)) from None  # its text quotes the file, which may hold a key
    return None if node is None else _read(node, (), count(1))


def _where(error: yaml.YAMLError) -> str:
    if not isinstance(error, yaml.MarkedYAMLError):
        return "is not valid YAML: it holds a character that YAML does not allow; save it as plain UTF-8 text"
    mark = error.problem_mark or error.context_mark
    place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    reason = error.problem or ""
    shown = f" ({reason})" if reason and all(map(_TOKEN.fullmatch, _QUOTED.findall(reason))) else ""
    return f"is not valid YAML{place}{shown}; correct that line"


def _read(node: yaml.Node, parents: tuple[int, ...], values: Iterator[int]) -> RawTree:
    if next(values) > MAX_VALUES:
        raise UnreadableTextError(TOO_MANY_VALUES)
    if id(node) in parents:
        raise UnreadableTextError(f"holds an alias of itself at line {_line(node)}; write the object out")
    below = (*parents, id(node))
    if isinstance(node, yaml.MappingNode):
        return Members((_name(key), _read(value, below, values)) for key, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_read(item, below, values) for item in node.value]
    return _scalar(node)


def _name(key: yaml.Node) -> str | Unreadable:
    if isinstance(key, yaml.ScalarNode) and key.tag == f"{_TAG}str":
        return key.value
    if key.tag == f"{_TAG}merge":
        return Unreadable(f"line {_line(key)}: merge keys (<<) are not supported; write the fields out")
    return Unreadable(f"line {_line(key)}: a field name must be text; correct the name or put it in quotes")


def _scalar(node: yaml.Node) -> Any:
    kind, text = node.tag.removeprefix(_TAG), node.value
    if kind == "str":
        return text
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if kind == "int" and _DECIMAL.fullmatch(text):
        return int(text)
    if kind == "float" and "_" not in text and ":" not in text:
        return Unreadable(f"line {_line(node)}: no field takes a fraction; put text in quotes")
    read_as = {"int": "an octal, hexadecimal or grouped number", "timestamp": "a date", "bool": "true or false"}
    what = read_as.get(kind, "something other than text")
    return Unreadable(
        f'line {_line(node)}: YAML reads this unquoted value as {what}; put it in quotes (a tag id: "00100010")'
    )


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
