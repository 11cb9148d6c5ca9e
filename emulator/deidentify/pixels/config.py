"""Compiling an ImageConfig: which text of an image is redacted.

Fields, modes and which go together: Discovery documents of the Healthcare API, ImageConfig of v1 and v1beta1.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Final, Literal

from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.custom_regex import CustomRegex, PatternError
from emulator.deidentify.pixels.installed import ReaderMissingError, installed_models
from emulator.deidentify.text.finding import DEFAULT_INFO_TYPES, INFO_TYPES

Mode = Literal["all", "sensitive", "sensitive_clean_descriptors"]

UNSPECIFIED: Final = "TEXT_REDACTION_MODE_UNSPECIFIED"
ALL: Final = "REDACT_ALL_TEXT"
SENSITIVE: Final = "REDACT_SENSITIVE_TEXT"
NOTHING: Final = "REDACT_NO_TEXT"
CLEAN_DESCRIPTORS: Final = "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS"

MODES_V1: Final = (UNSPECIFIED, ALL, SENSITIVE, NOTHING)
MODES_V1BETA1: Final = (*MODES_V1, CLEAN_DESCRIPTORS)

_V1: Final = ("textRedactionMode", "customRegexes")
_V1BETA1: Final = (*_V1, "additionalInfoTypes", "excludeInfoTypes")
_V1BETA1_ONLY: Final = dict.fromkeys(
    ("additionalInfoTypes", "excludeInfoTypes", "additional_info_types", "exclude_info_types"),
    "exists in v1beta1 only; send the request to v1beta1",
)
_INFO_TYPE: Final = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_MAX_GROUP: Final = 2**31 - 1


@dataclasses.dataclass(frozen=True)
class ImagePlan:
    """What is redacted in images.

    Attributes:
        mode: "all" text, whatever it says; "sensitive": text in which something of `info_types` or `custom` is found;
            "sensitive_clean_descriptors": also where a value of the instance's own header shows.
        info_types: what is looked for in sensitive modes.
        custom: patterns of the configuration's own.
        thorough: whether small and faint text is looked for, at twice the time.
    """

    mode: Mode
    info_types: frozenset[str] = frozenset()
    custom: tuple[CustomRegex, ...] = ()
    thorough: bool = False


def compile_image(parent: Fields, name: str, api_version: str | None, options: EngineOptions) -> ImagePlan | None:
    """The plan for the ImageConfig in the field `name` of `parent`, or None when it redacts nothing.

    An unspecified mode is REDACT_NO_TEXT; with it `additionalInfoTypes` are the only ones looked for. `customRegexes`
    are redacted whatever the mode, REDACT_NO_TEXT included: the API forbids neither, and this is the safe side.

    Args:
        parent: the object that holds the ImageConfig.
        name: "image", "cleanImage" or "cleanImageTag"; the field may be absent.
        api_version: "v1", "v1beta1", or None when the configuration may be of either.
        options: `ocr_thorough` counts.

    Raises:
        ConfigError: it is no legal ImageConfig of that version, names what the engine cannot find, or asks for
            redaction when the packages that read text in images are missing.
    """
    v1 = api_version == "v1"
    image = Fields(parent.mapping(name), parent.at(name), _V1 if v1 else _V1BETA1, _V1BETA1_ONLY if v1 else None)
    mode = image.choice("textRedactionMode", MODES_V1 if v1 else MODES_V1BETA1)
    plan = _plan(image, mode, options.ocr_thorough)
    if plan is not None:
        _need_reader(image.at(image.present(("textRedactionMode", "additionalInfoTypes", "customRegexes"))[0]))
    return plan


def _plan(image: Fields, mode: str, thorough: bool) -> ImagePlan | None:
    additional, excluded = _additional(image, mode), _excluded(image, mode)
    custom = tuple(_custom(path, item) for path, item in image.items("customRegexes"))
    if mode == ALL:
        return ImagePlan("all", custom=custom, thorough=thorough)
    if mode == CLEAN_DESCRIPTORS:
        wanted = (DEFAULT_INFO_TYPES | additional) - excluded
        return ImagePlan("sensitive_clean_descriptors", wanted, custom, thorough)
    if mode == SENSITIVE:
        return ImagePlan("sensitive", (DEFAULT_INFO_TYPES | additional) - excluded, custom, thorough)
    return ImagePlan("sensitive", additional, custom, thorough) if additional or custom else None


def _additional(image: Fields, mode: str) -> frozenset[str]:
    if "additionalInfoTypes" in image and mode in {ALL, NOTHING}:
        raise ConfigError(
            image.at("additionalInfoTypes"), f"needs textRedactionMode {SENSITIVE} or {CLEAN_DESCRIPTORS}"
        )
    names = _info_types(image, "additionalInfoTypes")
    for path, name in names:
        if name not in INFO_TYPES:
            known = ", ".join(sorted(INFO_TYPES))
            raise ConfigError(path, f"is no info type that can be found here; use customRegexes or one of {known}")
    return frozenset(name for _, name in names)


def _excluded(image: Fields, mode: str) -> frozenset[str]:
    if "excludeInfoTypes" in image and mode not in {SENSITIVE, CLEAN_DESCRIPTORS}:
        raise ConfigError(image.at("excludeInfoTypes"), f"needs textRedactionMode {SENSITIVE} or {CLEAN_DESCRIPTORS}")
    return frozenset(name for _, name in _info_types(image, "excludeInfoTypes"))


def _info_types(image: Fields, field: str) -> list[tuple[str, str]]:
    names = image.items(field)
    for path, name in names:
        if not isinstance(name, str) or not _INFO_TYPE.match(name):
            raise ConfigError(path, "must be the name of an info type, such as PERSON_NAME")
    return names


def _custom(path: str, item: object) -> CustomRegex:
    fields = Fields(item, path, ("pattern", "groupIndexes"))
    pattern = item.get("pattern") if isinstance(item, Mapping) else None
    if not isinstance(pattern, str):
        raise ConfigError(fields.at("pattern"), "must be a regular expression")
    groups = [_group_index(where, index) for where, index in fields.items("groupIndexes")]
    try:
        CustomRegex.read(pattern)
    except PatternError as error:
        raise ConfigError(fields.at("pattern"), str(error)) from None
    try:
        return CustomRegex.read(pattern, tuple(groups))
    except PatternError as error:
        raise ConfigError(fields.at("groupIndexes"), str(error)) from None


def _group_index(path: str, index: object) -> int:
    """An int32 of proto3 JSON: a number or the same as a string."""
    if isinstance(index, str) and re.fullmatch(r"-?\d{1,10}", index):
        index = int(index)
    if isinstance(index, float) and index.is_integer():
        index = int(index)
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index <= _MAX_GROUP:
        raise ConfigError(path, "must be the index of a capturing group, 0 for the whole match")
    return index


def _need_reader(path: str) -> None:
    try:
        installed_models()
    except ReaderMissingError as error:
        raise ConfigError(
            path, f"needs the packages that read text in images ({error}); pip install -r requirements/pixels.txt"
        ) from error
