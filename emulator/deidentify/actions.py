"""What can happen to one data element, and where in a data set a rule is asked."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Action(enum.Enum):
    """What happens to a data element.

    KEEP: its bytes are copied. On a sequence: the whole of it, unread.
    DELETE: it is not written.
    EMPTY: written with zero length; a sequence without items.
    DUMMY: the value becomes one that says nothing and is legal for the VR. A sequence keeps its items, and what is in
        them gets dummies.
    UID: every UID in the value becomes its replacement (`uids.regenerate_uid`).
    UID_UNLESS_STANDARD: the same, except for UIDs that the DICOM standard assigns (SOP classes, coding schemes).
    RECURSE: for sequences: the items are de-identified by the profile.
    REFERENCES: for sequences of references to other instances: the items keep the instances they name, with new UIDs,
        and nothing that such a reference does not consist of.
    RECURSE_KEPT: for sequences: everything in the items is kept, but UIDs follow the instances they name.
    CHARACTER_SET: kept when it names character sets; emptied when it says something else.
    CLEAN_TEXT: the value's text is inspected, and what is sensitive in it transformed (TextConfig). A sequence keeps
        its items, and text in them is cleaned.
    """

    KEEP = "keep"
    DELETE = "delete"
    EMPTY = "empty"
    DUMMY = "dummy"
    UID = "uid"
    UID_UNLESS_STANDARD = "uid unless standard"
    RECURSE = "recurse"
    REFERENCES = "references"
    RECURSE_KEPT = "recurse, kept"
    CHARACTER_SET = "character set"
    CLEAN_TEXT = "clean text"


class Scope(enum.Enum):
    """Where an element lies.

    TOP: directly in the instance's data set.
    NESTED: in a sequence whose items the profile judges.
    DUMMY: in a sequence that gets dummies: what no rule names is replaced.
    REFERENCES: in a sequence of references: what is not part of one is removed.
    KEPT: in a sequence that is kept as a whole: only UIDs change.
    CLEANED: in a sequence whose text is cleaned: what no rule names is inspected.
    """

    TOP = "top"
    NESTED = "nested"
    DUMMY = "dummy"
    REFERENCES = "references"
    KEPT = "kept"
    CLEANED = "cleaned"


class Decision(NamedTuple):
    """What to do with one element.

    Attributes:
        action: KEEP, DELETE, EMPTY, DUMMY, UID, UID_UNLESS_STANDARD, CHARACTER_SET or CLEAN_TEXT for an element as a
            whole; for a sequence to be walked RECURSE.
        vr: the VR by which the value is read and written.
        inside: the scope of a walked sequence's items.
        identity: whether the value is one of the instance's ids or its SOP class, wanted in the outcome.
    """

    action: Action
    vr: str
    inside: Scope | None = None
    identity: bool = False
