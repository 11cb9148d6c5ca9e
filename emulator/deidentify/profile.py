"""A compiled DeidentifyConfig: for each tag, VR and place in the data set, the decision.

Order, as the API documents it: actions, in the order given, over options over the profile. One action per tag: the
first one whose query hits the element is the one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.deidentify.actions import Action, Decision, Scope
from emulator.deidentify.attributes import (
    PRIMARY_IDS,
    REFERENCE_PARTS,
    SOP_CLASS_UID,
    SOP_INSTANCE_REFERENCES,
    SOP_INSTANCE_UID,
    SPECIFIC_CHARACTER_SET,
    TEXT_VRS,
    dictionary_vr,
    effective_vr,
    is_private,
    is_structural,
)
from emulator.deidentify.options import EngineOptions

if TYPE_CHECKING:
    from emulator.deidentify.pixels.config import ImagePlan
    from emulator.deidentify.text.plan import TextPlan

_FOR_SEQUENCES = frozenset({Action.RECURSE, Action.RECURSE_KEPT, Action.REFERENCES})
_OPAQUE = frozenset({"OB", "OW", "UN"})
_BINARY_NUMBERS = frozenset({"AT", "FD", "FL", "OD", "OF", "OL", "OV", "SL", "SS", "SV", "UL", "US", "UV"})


@dataclasses.dataclass(frozen=True)
class Mask:
    """Tags in which `tag & mask == value`: one tag, or one attribute in each of the groups 50xx or 60xx."""

    mask: int
    value: int

    def matches(self, tag: int) -> bool:
        """Whether `tag` is one of them."""
        return tag & self.mask == self.value


@dataclasses.dataclass(frozen=True)
class TagAction:
    """What one query of one action of the configuration asks for. Exactly one of `tags` and `vr` is given."""

    action: Action
    tags: Mask | None = None
    vr: str | None = None

    def hits(self, tag: int, vr: str) -> bool:
        """Whether the query selects an element with this tag, read by this VR.

        A query by VR goes by the dictionary as well: a name encoded as LO is still a name to be removed, and is not
        kept with the LOs.
        """
        if self.tags is not None:
            return self.tags.matches(tag)
        known = dictionary_vr(tag)
        if self.action is Action.KEEP:
            return self.vr == (known or vr)
        return self.vr in {vr, known}


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a profile does to elements that no action and no option names.

    Attributes:
        tags: by tag.
        nested_tags: by tag, instead of `tags` inside sequences.
        masks: by repeating group; the first that matches. Looked at after the tags.
        standard: other elements of even groups.
        sequences: other sequences of even groups.
        private: elements of odd groups.
        unknown: elements of even groups of which neither file nor dictionary tells the VR, and those that should be
            sequences and are not: nobody can say what they hold.
        unlisted: elements of even groups that the data dictionary does not list, whatever VR the file gives them;
            None: as those that it lists.
    """

    tags: Mapping[int, Action]
    nested_tags: Mapping[int, Action]
    masks: tuple[tuple[Mask, Action], ...]
    standard: Action
    sequences: Action
    private: Action
    unknown: Action
    unlisted: Action | None = None

    def action(self, tag: int, vr: str, scope: Scope) -> Action:
        """The action for an element; asks nothing about the instance's ids."""
        if scope is not Scope.TOP and (nested := self.nested_tags.get(tag)) is not None:
            return nested
        if (named := self.tags.get(tag)) is not None:
            return named
        for mask, action in self.masks:
            if mask.matches(tag):
                return action
        return self._unnamed(tag, vr, scope)

    def _unnamed(self, tag: int, vr: str, scope: Scope) -> Action:
        if is_private(tag):
            return self.private
        if self.unlisted is not None and dictionary_vr(tag) is None:
            return self.unlisted
        if vr == "UN" or (vr != "SQ" and dictionary_vr(tag) == "SQ"):
            return self.unknown
        if scope is Scope.DUMMY:
            return Action.DUMMY
        if scope is Scope.CLEANED:
            return Action.CLEAN_TEXT
        return self.sequences if vr == "SQ" else self.standard


@dataclasses.dataclass(frozen=True)
class Profile:
    """A compiled configuration: a value, picklable, equal to another compiled from an equal configuration.

    Attributes:
        name: the API's name of the profile, or keepList, removeList.
        rules: what the profile does.
        actions: what the configuration's actions ask for, in their order.
        ids: KEEP or UID for StudyInstanceUID, SeriesInstanceUID and SOPInstanceUID, the actions taken into account.
        kept_meta: elements of the file meta information that are carried over by request; the rest is written anew.
        descriptors: tags whose text `options.cleanDescriptors` has cleaned, whatever the profile does to them.
        contextual: whether phrases of the instance's own header become [CTX] in text that is cleaned.
        text: how found text is transformed; None when no text is inspected.
        image: what is redacted in pixels; None when they are not looked at.
        options: the engine's settings.
    """

    name: str
    rules: Rules
    ids: Mapping[int, Action]
    actions: tuple[TagAction, ...] = ()
    kept_meta: frozenset[int] = frozenset()
    descriptors: frozenset[int] = frozenset()
    contextual: bool = False
    text: TextPlan | None = None
    image: ImagePlan | None = None
    options: EngineOptions = dataclasses.field(default_factory=EngineOptions)
    memos: dict[Any, Any] = dataclasses.field(default_factory=dict, init=False, repr=False, compare=False)
    """What the rewriters remember of decisions from one instance to the next. No part of the value."""

    def __getstate__(self) -> dict[str, Any]:
        """Leave the memos behind."""
        return {**self.__dict__, "memos": {}}

    def decide(self, scope: Scope, tag: int, encoded_vr: str | None) -> Decision:
        """What to do with an element; `encoded_vr` is None when the file does not say (implicit VR)."""
        vr = effective_vr(tag, encoded_vr)
        if is_structural(tag):
            return Decision(Action.DELETE, vr)
        identity = scope is Scope.TOP and (tag in PRIMARY_IDS or tag == SOP_CLASS_UID)
        if tag == SPECIFIC_CHARACTER_SET:
            return Decision(Action.DELETE if vr == "SQ" else Action.CHARACTER_SET, vr)
        if identity and tag == SOP_CLASS_UID:
            return Decision(Action.DELETE if vr == "SQ" else Action.KEEP, vr, identity=identity)
        if tag in PRIMARY_IDS:
            return _decision(self.ids[tag], scope, vr, by_request=False, identity=identity)
        for asked in self.actions:
            if asked.hits(tag, vr) and _applies(asked.action, tag, vr):
                return _decision(_on_text(asked.action, tag, vr), scope, vr, by_request=True, identity=identity)
        return _decision(self._by_rule(scope, tag, vr), scope, vr, by_request=False, identity=identity)

    def _by_rule(self, scope: Scope, tag: int, vr: str) -> Action:
        if scope is Scope.KEPT:
            ruled = Action.RECURSE_KEPT if vr == "SQ" else Action.KEEP
        elif scope is Scope.REFERENCES:
            ruled = _in_reference(tag, vr)
        elif tag in self.descriptors and (vr == "SQ" or vr in TEXT_VRS):
            ruled = Action.CLEAN_TEXT
        else:
            ruled = _on_text(self.rules.action(tag, vr, scope), tag, vr)
        if scope is Scope.DUMMY and ruled is Action.KEEP:
            ruled = Action.DUMMY
        if tag in SOP_INSTANCE_REFERENCES and ruled not in {Action.DELETE, Action.EMPTY}:
            return self.ids[SOP_INSTANCE_UID]
        return ruled


def _on_text(action: Action, tag: int, vr: str) -> Action:
    """CLEAN_TEXT as it applies to an element: other VRs stay, what could hide text from inspection goes.

    That is text under a VR of another kind than the dictionary's, values whose VR nobody can tell, and private bytes.
    """
    if action is not Action.CLEAN_TEXT or vr == "SQ" or vr in TEXT_VRS:
        return action
    hidden = dictionary_vr(tag) in TEXT_VRS or vr == "UN" or (is_private(tag) and vr in _OPAQUE)
    return Action.DELETE if hidden else Action.KEEP


def _in_reference(tag: int, vr: str) -> Action:
    if vr == "UI":
        return Action.UID_UNLESS_STANDARD
    if tag in REFERENCE_PARTS:
        return Action.RECURSE if vr == "SQ" else Action.KEEP
    return Action.DELETE


def _applies(action: Action, tag: int, vr: str) -> bool:
    """Whether an action that supports one VR alone meets it: recurseTag SQ, regenUidTag UI."""
    if action is Action.RECURSE:
        return vr == "SQ"
    if action in {Action.UID, Action.UID_UNLESS_STANDARD}:
        return vr in {"UI", "UN"} or dictionary_vr(tag) == "UI"
    return True


def _decision(action: Action, scope: Scope, vr: str, *, by_request: bool, identity: bool) -> Decision:
    if vr == "SQ":
        return _on_sequence(action, scope, by_request=by_request)
    if action in _FOR_SEQUENCES:
        # The standard has a sequence here and the file something else: nobody can say what it holds.
        kept = action is Action.RECURSE_KEPT
        return Decision(Action.KEEP if kept else Action.DELETE, vr, identity=identity)
    if action is Action.DUMMY and vr == "UI":
        return Decision(Action.UID_UNLESS_STANDARD, vr, identity=identity)
    if action in {Action.UID, Action.UID_UNLESS_STANDARD}:
        numbers = vr in _BINARY_NUMBERS
        return Decision(Action.DELETE if numbers else action, "UI", identity=identity)
    return Decision(action, vr, identity=identity)


def _on_sequence(action: Action, scope: Scope, *, by_request: bool) -> Decision:
    if action is Action.KEEP and by_request:
        return Decision(Action.KEEP, "SQ")
    if action in {Action.KEEP, Action.RECURSE_KEPT}:
        return Decision(Action.RECURSE, "SQ", Scope.KEPT)
    if action is Action.CLEAN_TEXT:
        return Decision(Action.RECURSE, "SQ", Scope.CLEANED)
    if action is Action.RECURSE:
        inside = Scope.NESTED if by_request or scope is not Scope.DUMMY else Scope.DUMMY
        return Decision(Action.RECURSE, "SQ", inside)
    if action is Action.REFERENCES and scope is not Scope.DUMMY:
        return Decision(Action.RECURSE, "SQ", Scope.REFERENCES)
    if action in {Action.DUMMY, Action.REFERENCES}:
        return Decision(Action.RECURSE, "SQ", Scope.DUMMY)
    if action is Action.EMPTY:
        return Decision(Action.EMPTY, "SQ")
    return Decision(Action.DELETE, "SQ")
