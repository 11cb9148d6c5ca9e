"""Reading a JSON object as proto3 JSON does, with the path of whatever is wrong.

Names in lowerCamelCase or as in the .proto (snake_case); null means absent; anything not defined is refused.
https://protobuf.dev/programming-guides/json/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from emulator.deidentify.errors import ConfigError


class Fields:
    """The fields of one JSON object, checked against the names it may have.

    >>> Fields({"skip_id_redaction": True}, "$", ["skipIdRedaction"]).flag("skipIdRedaction")
    True
    """

    def __init__(
        self, value: object, path: str, names: Iterable[str], elsewhere: Mapping[str, str] | None = None
    ) -> None:
        """Take `value`, found at `path`, whose fields may be `names`; `elsewhere` says what is wrong with others.

        Raises:
            ConfigError: it is no object, or has a field that is not in `names`, or has one twice.
        """
        if not isinstance(value, Mapping):
            raise ConfigError(path, "must be an object")
        self.path = path
        self._values: dict[str, Any] = {}
        known = list(names)
        spelled = {_snake(name): name for name in known} | {name: name for name in known}
        for key, item in value.items():
            name = spelled.get(str(key))
            if name is None:
                raise ConfigError(f"{path}.{_shown(key)}", _unknown(str(key), known, elsewhere or {}))
            if name in self._values:
                raise ConfigError(f"{path}.{name}", "is given twice, in camelCase and in snake_case; keep one")
            if item is not None:
                self._values[name] = item

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def present(self, names: Iterable[str]) -> list[str]:
        """Those of `names` that are given."""
        return [name for name in names if name in self._values]

    def at(self, name: str) -> str:
        """JSON path of a field."""
        return f"{self.path}.{name}"

    def object(self, name: str, names: Iterable[str]) -> Fields:
        """A field that is an object; an empty one when it is absent."""
        return Fields(self._values.get(name, {}), self.at(name), names)

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A field that is an object whose fields are not looked into.

        Raises:
            ConfigError: it is something else.
        """
        value = self._values.get(name, {})
        if not isinstance(value, Mapping):
            raise ConfigError(self.at(name), "must be an object")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """A field that is an enum; the first of `choices`, the unspecified value, when it is absent.

        Raises:
            ConfigError: it is none of them.
        """
        value = self._values.get(name, choices[0])
        if value not in choices:
            raise ConfigError(self.at(name), f"must be one of {', '.join(choices)}")
        return str(value)

    def flag(self, name: str) -> bool:
        """A field that is a boolean; False when it is absent.

        Raises:
            ConfigError: it is something else.
        """
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise ConfigError(self.at(name), "must be true or false")
        return value

    def items(self, name: str) -> list[tuple[str, Any]]:
        """A field that is an array, each item with its path; empty when it is absent.

        Raises:
            ConfigError: it is something else.
        """
        value = self._values.get(name, [])
        if not isinstance(value, list | tuple):
            raise ConfigError(self.at(name), "must be an array")
        return [(f"{self.at(name)}[{index}]", item) for index, item in enumerate(value)]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _shown(key: object) -> str:
    """A field's name for a path; what is no name, and could be anything, is not repeated."""
    return str(key) if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,39}", str(key)) else "?"


def _unknown(key: str, known: list[str], elsewhere: Mapping[str, str]) -> str:
    if key in elsewhere:
        return elsewhere[key]
    near = get_close_matches(key, known, n=1, cutoff=0.6)
    hint = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known) or 'none'}"
    return f"is no field of the API; {hint}"
