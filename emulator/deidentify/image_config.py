"""ImageConfig, as far as it asks for nothing: redaction of burned-in text is refused."""

from __future__ import annotations

from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields

_MODES = (
    "TEXT_REDACTION_MODE_UNSPECIFIED",
    "REDACT_ALL_TEXT",
    "REDACT_SENSITIVE_TEXT",
    "REDACT_NO_TEXT",
    "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS",
)
_LISTS = ("additionalInfoTypes", "excludeInfoTypes", "customRegexes")


def refuse_redaction(parent: Fields, name: str) -> None:
    """Check the ImageConfig in the field `name`. REDACT_NO_TEXT, or nothing said, which means the same, passes.

    Raises:
        ConfigError: it is not a legal ImageConfig or asks for redaction.
    """
    image = parent.object(name, ("textRedactionMode", *_LISTS))
    mode = image.choice("textRedactionMode", _MODES)
    if mode not in {"TEXT_REDACTION_MODE_UNSPECIFIED", "REDACT_NO_TEXT"}:
        raise ConfigError(
            image.at("textRedactionMode"), "redaction of pixels is not implemented; set REDACT_NO_TEXT or remove it"
        )
    for field in _LISTS:
        if image.items(field):
            raise ConfigError(image.at(field), "redaction of pixels is not implemented; remove it")
