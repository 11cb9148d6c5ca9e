"""What names data elements in a configuration: tag ids ("00100010"), keywords ("PatientName") and VRs ("PN")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final

from pydicom.datadict import DicomDictionary, RepeatersDictionary

from emulator.deidentify.attributes import VALUE_REPRESENTATIONS, dictionary_vr
from emulator.deidentify.errors import ConfigError
from emulator.deidentify.profile import Mask

ONE_TAG: Final = 0xFFFFFFFF
_TAG_ID = re.compile(r"[0-9A-Fa-f]{8}")
_DOCUMENTED_SPELLINGS: Final[Mapping[str, str]] = {"Highbit": "HighBit"}
"""The how-to's list of required tags spells it so."""


@cache
def _keywords() -> dict[str, Mask]:
    """Every keyword of PS3.6; those of repeating groups stand for the attribute in each of the groups."""
    tags = {entry[4]: Mask(ONE_TAG, tag) for tag, entry in DicomDictionary.items() if entry[4]}
    for pattern, entry in RepeatersDictionary.items():
        mask = int("".join("0" if digit == "x" else "F" for digit in pattern), 16)
        tags.setdefault(entry[4], Mask(mask, int(pattern.replace("x", "0"), 16)))
    return tags


def parse_tags(text: object, path: str) -> Mask:
    """The tags that a tag id or keyword names.

    Raises:
        ConfigError: it is neither.
    """
    if not isinstance(text, str):
        raise ConfigError(path, "must be a string")
    if _TAG_ID.fullmatch(text):
        return _tag_id(text, path)
    keyword = _DOCUMENTED_SPELLINGS.get(text, text)
    tags = _keywords().get(keyword)
    if tags is None:
        raise ConfigError(path, _cure(text))
    return tags


def parse_query(text: object, path: str) -> Mask | str:
    """The tags a query names, or the VR.

    Raises:
        ConfigError: it is no tag id, keyword or VR.
    """
    if isinstance(text, str) and text in VALUE_REPRESENTATIONS:
        return text
    return parse_tags(text, path)


def known_vr(tags: Mask) -> str | None:
    """The dictionary's VR of the attribute; None for private and unknown ones."""
    return dictionary_vr(tags.value)


def _tag_id(text: str, path: str) -> Mask:
    tag = int(text, 16)
    if tag >> 16 == 0xFFFE or tag & 0xFFFF == 0:
        raise ConfigError(path, "is the tag of an item or of a group length, which hold no attribute; remove it")
    return Mask(ONE_TAG, tag)


def _cure(text: str) -> str:
    if _TAG_ID.fullmatch(re.sub(r"^0[xX]|[(),\s]", "", text)):
        return 'must be a tag id of eight hexadecimal digits and nothing else: "00100010"'
    if text in VALUE_REPRESENTATIONS:
        return "is a value representation; here tags are named by id or keyword"
    near = get_close_matches(text, _keywords(), n=1, cutoff=0.8)
    hint = f'did you mean "{near[0]}"?' if near else "name an element that is not in it by its tag id"
    return f"is no keyword of DICOM PS3.6; {hint}"
