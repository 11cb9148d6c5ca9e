"""The two ways this package says no. Neither message holds a value, a UID, a path or a key of anyone's data."""

from __future__ import annotations


class ConfigError(ValueError):
    """A DeidentifyConfig that cannot be carried out as it stands; the message names the place and the cure.

    Attributes:
        json_path: where, for example "$.dicomTagConfig.actions[2].queries[0]".
        message: what is wrong and what to write instead.
    """

    def __init__(self, json_path: str, message: str) -> None:
        """Keep both parts; `str()` gives "path: message"."""
        super().__init__(json_path, message)
        self.json_path = json_path
        self.message = message

    def __str__(self) -> str:
        return f"{self.json_path}: {self.message}"


class InstanceError(ValueError):
    """One instance that cannot be de-identified; nothing was written for it. `str()` is the reason."""
