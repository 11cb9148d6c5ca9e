"""A JSON object whose fields include strings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields


class TextFields(Fields):
    """`Fields` that reads strings, and gives objects that do.

    >>> TextFields({"masking_character": "#"}, "$", ["maskingCharacter"]).text("maskingCharacter")
    '#'
    """

    @classmethod
    def of(
        cls, parent: Fields, name: str, names: Iterable[str], elsewhere: Mapping[str, str] | None = None
    ) -> TextFields:
        """The object in the field `name` of `parent`; an empty one when it is absent.

        Raises:
            ConfigError: it is no object, or has fields that are not in `names`.
        """
        return cls(parent.mapping(name), parent.at(name), names, elsewhere)

    def text(self, name: str) -> str:
        """A field that is a string; "" when it is absent, as in proto3.

        Raises:
            ConfigError: it is something else.
        """
        value = self._values.get(name, "")
        if not isinstance(value, str):
            raise ConfigError(self.at(name), "must be a string")
        return value
