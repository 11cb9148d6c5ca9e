"""Elements that have to stay with elements that are kept by request, for them to have a meaning."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import OVERLAY_DATA, is_private
from emulator.deidentify.profile import Mask, TagAction

_GROUP = 0xFFFF0000
_REPEATING_ATTRIBUTE = 0xFF00FFFF
_OVERLAY_DESCRIPTION = 0xFFFFF000
"""(60xx,0eee): rows, columns, origin, type and label of the plane whose data is (60xx,3000)."""


def companions(actions: Iterable[TagAction]) -> list[TagAction]:
    """KEEP actions for what belongs to the elements that `actions` keep by tag.

    A private element means nothing without the private creator that reserves its block (PS3.5 section 7.8.1), and
    overlay data nothing without the rest of its plane's description (PS3.3 C.9.2).
    """
    masks: list[Mask] = []
    for action in actions:
        if action.action is not Action.KEEP or action.tags is None:
            continue
        mask, tag = action.tags.mask, action.tags.value
        if is_private(tag) and tag & 0xFFFF >= 0x1000:
            masks.append(Mask(mask, (tag & _GROUP) | (tag & 0xFFFF) >> 8))
        if tag & _REPEATING_ATTRIBUTE == OVERLAY_DATA:
            masks.append(Mask(mask & _OVERLAY_DESCRIPTION, tag & _GROUP))
    return [TagAction(Action.KEEP, mask) for mask in masks]
