"""What a compiled configuration does to an instance, in plain words.

`describe` says it in a page, `attributes` attribute by attribute. Both ask the profile itself, so what they say is what
happens. Neither shows a key, and there are no values to show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from pydicom.datadict import keyword_for_tag

from emulator.deidentify.actions import Action, Decision, Scope
from emulator.deidentify.attributes import (
    PRIMARY_IDS,
    SOP_CLASS_UID,
    SPECIFIC_CHARACTER_SET,
    dictionary_vr,
    is_structural,
)
from emulator.deidentify.profile import Mask, Profile, TagAction
from emulator.deidentify.tables.rows import rows
from emulator.deidentify.values import dummy, dummy_is_fixed

_WORDS: Final = {
    Action.KEEP: "kept",
    Action.DELETE: "removed",
    Action.EMPTY: "emptied",
    Action.UID: "given a new UID",
    Action.UID_UNLESS_STANDARD: "given a new UID, unless the DICOM standard assigned it",
    Action.CLEAN_TEXT: "cleaned: text is inspected, and what is sensitive in it transformed",
    Action.CHARACTER_SET: "kept, unless it names no character set",
    Action.DUMMY: "given a dummy value",
    Action.RECURSE: "walked: what is inside is treated by the same rules",
    Action.REFERENCES: "kept as references, with new UIDs and nothing else",
    Action.RECURSE_KEPT: "kept, with new UIDs",
}
_INSIDE: Final = {
    Scope.NESTED: _WORDS[Action.RECURSE],
    Scope.DUMMY: "kept in form, with dummy values and new UIDs throughout",
    Scope.REFERENCES: _WORDS[Action.REFERENCES],
    Scope.KEPT: "kept whole, with new UIDs of instances",
    Scope.CLEANED: "walked, and texts inside cleaned",
}
_ONE_TAG: Final = 0xFFFFFFFF
_REPEATING: Final = (0x50000000, 0x60000000)
_PRIVATE: Final = 0x00091001
_PIXELS: Final = {
    "all": "all text in images is blackened",
    "sensitive": "text in images is blackened where something of these is found in it: ",
    "sensitive_clean_descriptors": (
        "text in images is blackened where a value of the instance's own header shows, or something of these is "
        "found in it: "
    ),
}


class Described(NamedTuple):
    """What happens to one attribute.

    Attributes:
        tag: as "0010,0010".
        keyword: PS3.6's, or empty.
        vr: PS3.6's, or empty.
        what: in words, directly in the instance.
        nested: in words, inside a sequence that is walked; the same as `what` for most.
    """

    tag: str
    keyword: str
    vr: str
    what: str
    nested: str


def describe(profile: Profile) -> list[str]:
    """The configuration as lines of text, in the order in which its parts decide."""
    lines = [f"profile {profile.name}, attributes as PS3.15 {profile.options.edition} lists them"]
    lines += [f"action {number}: {_action(asked)}" for number, asked in enumerate(profile.actions, start=1)]
    lines += [f"{_name(tag)} is {_WORDS[profile.ids[tag]]}" for tag in PRIMARY_IDS]
    if profile.descriptors:
        lines.append(f"descriptive attributes ({len(profile.descriptors)}) are {_WORDS[Action.CLEAN_TEXT]}")
    counts = Counter(described.what for described in attributes(profile))
    lines += [
        f"of those that are listed or named, {number} {_are(number)} {what}" for what, number in counts.most_common()
    ]
    lines += _rest(profile)
    if profile.text is not None:
        lines += [f"in text, {line}" for line in profile.text.describe()]
    if profile.image is not None:
        info_types = "" if profile.image.mode == "all" else ", ".join(sorted(profile.image.info_types))
        lines.append(_PIXELS[profile.image.mode] + info_types)
        if profile.image.custom:
            lines.append(f"text in images is blackened where patterns match ({len(profile.image.custom)})")
    else:
        lines.append("pixels are not looked at")
    lines.append("the file meta information is written anew" + _kept_meta(profile))
    return lines


def attributes(profile: Profile) -> Iterator[Described]:
    """Each attribute that table E.1-1 lists or the configuration names, with what happens to it, in order of tags."""
    tags = {row.tag for row in rows(profile.options.edition)} | profile.rules.tags.keys() | set(PRIMARY_IDS)
    tags |= profile.descriptors | {SOP_CLASS_UID, SPECIFIC_CHARACTER_SET}
    tags |= {one.tags.value for one in profile.actions if one.tags is not None and one.tags.mask == _ONE_TAG}
    for tag in sorted(tag for tag in tags if not is_structural(tag)):
        vr = dictionary_vr(tag)
        what, nested = (words(profile.decide(scope, tag, vr), tag) for scope in (Scope.TOP, Scope.NESTED))
        yield Described(f"{tag >> 16:04X},{tag & 0xFFFF:04X}", keyword_for_tag(tag), vr or "", what, nested)


def words(decision: Decision, tag: int) -> str:
    """One decision, for example "replaced with PLACEHOLDER"."""
    if decision.action is Action.RECURSE and decision.inside is not None:
        return _INSIDE[decision.inside]
    if decision.action is Action.KEEP and decision.vr == "SQ":
        return "kept whole, unread"
    if decision.action is Action.DUMMY and dummy_is_fixed(tag, decision.vr):
        value = dummy(tag, decision.vr, b"", little_endian=True)
        if value.strip(b"\0"):
            return f"replaced with {value.decode('ascii').rstrip()}"
    return _WORDS[decision.action]


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _action(asked: TagAction) -> str:
    which = f"every element of VR {asked.vr}" if asked.tags is None else _masked(asked.tags)
    return f"{which} is {_WORDS[asked.action]}"


def _masked(mask: Mask) -> str:
    if mask.mask == _ONE_TAG:
        return _name(mask.value)
    digits = f"{mask.value:08X}"
    shown = "".join(digit if mask.mask >> 4 * (7 - place) & 0xF == 0xF else "x" for place, digit in enumerate(digits))
    return f"({shown[:4]},{shown[4:]})"


def _name(tag: int) -> str:
    return keyword_for_tag(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _rest(profile: Profile) -> list[str]:
    rules = profile.rules
    private = profile.decide(Scope.TOP, _PRIVATE, "LO")
    lines = [
        f"other attributes are {_WORDS[rules.standard]}",
        f"other sequences are {_WORDS[rules.sequences]}",
        f"private elements are {words(private, _PRIVATE)}",
        f"elements of which nobody knows the VR are {_WORDS[rules.unknown]}",
    ]
    if rules.unlisted is not None:
        lines.append(f"attributes that the data dictionary does not list are {_WORDS[rules.unlisted]}")
    for group in _REPEATING:
        decision = profile.decide(Scope.TOP, group | 0x3000, "OW")
        name = "curves" if group == _REPEATING[0] else "overlays"
        lines.append(f"{name} are {words(decision, group | 0x3000)}")
    return lines


def _kept_meta(profile: Profile) -> str:
    kept = ", ".join(_name(tag) for tag in sorted(profile.kept_meta))
    return f", but for {kept}" if kept else ""
