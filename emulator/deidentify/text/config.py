"""Reading a TextConfig: which info types are looked for, and what is done to each.

Discovery documents v1 and v1beta1, schemas TextConfig and InfoTypeTransformation. What they leave open:

- v1 has no profile. What no transformation names gets what v1beta1's BASIC, the default there, does.
- DATE_OF_BIRTH that no transformation names is treated as DATE is. When DATE is excluded it is still replaced.
- v1's transformation without info types "applies to any info_type"; beside others it would apply to theirs as well, in
  an order nobody states. It is refused there; in v1beta1 it is the default for what the others do not name.
- One info type in two transformations is refused, in either version and whichever of the two lists they are in.
- Info types that the engine cannot find are refused where they are to be transformed. Excluding one changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.text.finding import DEFAULT_INFO_TYPES, INFO_TYPES
from emulator.deidentify.text.keys import KeySource, read_key
from emulator.deidentify.text.text_fields import TextFields
from emulator.deidentify.text.transform import (
    DATES,
    CharacterMask,
    CryptoHash,
    DateShift,
    Redact,
    ReplaceWithInfoType,
    Transformation,
)

ApiVersion = Literal["v1", "v1beta1"]

LOOKED_FOR: Final = DEFAULT_INFO_TYPES | {"DATE_OF_BIRTH", "MEDICAL_RECORD_NUMBER"}
"""Info types looked for in text that the configuration does not name. Google's list of default DICOM info types is not
at hand; birth dates and patient ids are known by their attributes, and are of what de-identification is for."""

_PROFILES: Final = ("PROFILE_TYPE_UNSPECIFIED", "EMPTY", "BASIC")
_LISTS: Final = ("transformations", "additionalTransformations")
_V1: Final = (*_LISTS, "excludeInfoTypes")
_V1BETA1_ONLY: Final = dict.fromkeys(
    ("profileType", "profile_type"), "exists in v1beta1 only; remove it, or send the request to v1beta1"
)
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_FORBIDDEN_MASKS = re.compile(r"[\\\x00-\x1f\x7f-\x9f]")


class Transformations(NamedTuple):
    """What a TextConfig asks for.

    Attributes:
        by_info_type: every info type that is looked for, with what is done to it.
        excluded: what `excludeInfoTypes` names.
    """

    by_info_type: Mapping[str, Transformation]
    excluded: frozenset[str]


class _Item(NamedTuple):
    path: str
    info_types: frozenset[str]
    transformation: Transformation


def read_text_config(
    parent: Fields, name: str, api_version: ApiVersion, keys: KeySource, options: EngineOptions
) -> Transformations:
    """Read the TextConfig in the field `name` of `parent`, which may be absent.

    Raises:
        ConfigError: it is not a legal TextConfig, names an info type that the engine cannot find, has a key that is
            none or cannot be unwrapped, or leaves open what is to be done (see above).
    """
    v1 = api_version == "v1"
    text = TextFields.of(parent, name, _V1 if v1 else (*_V1, "profileType"), _V1BETA1_ONLY if v1 else None)
    basic = v1 or text.choice("profileType", _PROFILES) != "EMPTY"
    excluded = frozenset(_excluded(text))
    explicit: dict[str, Transformation] = {}
    others: Transformation | None = None
    items = [_item(path, item, keys, options) for list_name in _LISTS for path, item in text.items(list_name)]
    for item in items:
        if not item.info_types:
            _check_only_default(item, items, v1=v1)
            others = item.transformation
        for info_type in item.info_types:
            if info_type in explicit:
                raise ConfigError(f"{item.path}.infoTypes", f"{info_type} has a transformation already; keep one")
            explicit[info_type] = item.transformation
    resolved = dict(explicit)
    if others is not None or basic:
        rest = others or ReplaceWithInfoType()
        shift = others or DateShift(keys.key_for("dateShift"), options.date_shift_zero)
        resolved = dict.fromkeys(LOOKED_FOR, rest) | {"DATE": shift} | explicit
    if "DATE_OF_BIRTH" not in explicit and "DATE" in resolved and "DATE" not in excluded:
        resolved["DATE_OF_BIRTH"] = resolved["DATE"]
    found = {info_type: resolved[info_type] for info_type in sorted(resolved) if info_type not in excluded}
    return Transformations(found, excluded)


def _item(path: str, value: object, keys: KeySource, options: EngineOptions) -> _Item:
    fields = TextFields(value, path, ("infoTypes", *_KINDS))
    info_types = {_info_type(place, name) for place, name in fields.items("infoTypes")}
    kinds = fields.present(_KINDS)
    if len(kinds) > 1:
        raise ConfigError(path, f"holds {' and '.join(kinds)}, which exclude each other; keep one")
    if not kinds:
        raise ConfigError(path, f"says which info types but not what to do; add one of {', '.join(_KINDS)}")
    if kinds == ["dateShiftConfig"] and (not info_types or info_types - DATES):
        cure = '"infoTypes": ["DATE"]'
        raise ConfigError(f"{path}.infoTypes", f"dateShiftConfig is for dates; write {cure}, and others in another")
    return _Item(path, frozenset(info_types), _KINDS[kinds[0]](fields, keys, options))


def _check_only_default(item: _Item, items: list[_Item], *, v1: bool) -> None:
    if sum(not other.info_types for other in items) > 1:
        raise ConfigError(item.path, "is the second transformation without infoTypes; name those of one of them")
    if v1 and len(items) > 1:
        raise ConfigError(
            item.path,
            "has no infoTypes and so applies to any, those of the other transformations too; name its infoTypes, or "
            "send the request to v1beta1, where it is for what the others do not name",
        )


def _info_type(path: str, value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ConfigError(path, "must be the name of an info type, such as PERSON_NAME")
    if value not in INFO_TYPES:
        raise ConfigError(path, f"the engine has no detector for {value}; {_hint(value)}")
    return value


def _hint(value: str) -> str:
    near = get_close_matches(value, sorted(INFO_TYPES), n=1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else f"it has those for {', '.join(sorted(INFO_TYPES))}"


def _excluded(text: Fields) -> Iterator[str]:
    """What `excludeInfoTypes` names. A name that is nearly that of a known info type is taken for a mistake."""
    for path, value in text.items("excludeInfoTypes"):
        if isinstance(value, str) and _NAME.fullmatch(value) and not get_close_matches(value, INFO_TYPES, 1, 0.85):
            continue
        yield _info_type(path, value)


def _redact(item: TextFields, _keys: KeySource, _options: EngineOptions) -> Redact:
    TextFields.of(item, "redactConfig", ())
    return Redact()


def _replace(item: TextFields, _keys: KeySource, _options: EngineOptions) -> ReplaceWithInfoType:
    TextFields.of(item, "replaceWithInfoTypeConfig", ())
    return ReplaceWithInfoType()


def _mask(item: TextFields, _keys: KeySource, _options: EngineOptions) -> CharacterMask:
    config = TextFields.of(item, "characterMaskConfig", ("maskingCharacter",))
    character = config.text("maskingCharacter") or CharacterMask.character
    if len(character) != 1:
        raise ConfigError(config.at("maskingCharacter"), "must be a single character")
    if _FORBIDDEN_MASKS.match(character):
        raise ConfigError(config.at("maskingCharacter"), "must be neither a backslash nor a control character")
    return CharacterMask(character)


def _hash(item: TextFields, keys: KeySource, _options: EngineOptions) -> CryptoHash:
    config = TextFields.of(item, "cryptoHashConfig", ("cryptoKey", "kmsWrapped"))
    return CryptoHash(read_key(config, keys, "cryptoHash"))


def _shift(item: TextFields, keys: KeySource, options: EngineOptions) -> DateShift:
    config = TextFields.of(item, "dateShiftConfig", ("cryptoKey", "kmsWrapped"))
    return DateShift(read_key(config, keys, "dateShift"), options.date_shift_zero)


_Reader = Callable[[TextFields, KeySource, EngineOptions], Transformation]
_KINDS: Final[Mapping[str, _Reader]] = MappingProxyType(
    {
        "redactConfig": _redact,
        "characterMaskConfig": _mask,
        "cryptoHashConfig": _hash,
        "dateShiftConfig": _shift,
        "replaceWithInfoTypeConfig": _replace,
    }
)
