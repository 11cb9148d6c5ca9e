"""Cleaning the texts of one instance, element by element, in the character set that holds where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from emulator.deidentify.character_sets import codecs_of
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.instance import Instance
from emulator.deidentify.profile import Profile
from emulator.deidentify.text.value import clean_value

MAX_TEXT_BYTES: Final = 2**23
"""Text of one instance that is inspected: 8 MiB, far more than reports have. Inspecting takes some hundred times as
much memory, and seconds for each MiB."""


class Cleaner:
    """What both rewriters ask for cleaned values. SpecificCharacterSet holds for an item and what is nested in it.

    Attributes:
        encodings: Python codecs of the item that is being walked. Its own end with it (PS3.5 section 7.5.3): whoever
            walks it puts back afterwards what was here before.
    """

    def __init__(self, profile: Profile, instance: Instance | None) -> None:
        """Clean as `profile` says; `instance` is None when no text is inspected."""
        self._plan = profile.text
        self._contextual = profile.contextual
        self._left = MAX_TEXT_BYTES
        self._instance = instance
        self.encodings: Sequence[str] = instance.character_sets if instance else ()

    def clean(self, tag: int, vr: str, value: bytes) -> bytes:
        """The cleaned value, equal to `value` when nothing was found in it.

        Raises:
            InstanceError: that is more text than is inspected.
        """
        self._left -= len(value)
        if self._left < 0:
            raise InstanceError("has more text than is inspected in one instance (8 MiB)")
        assert self._plan is not None  # noqa: S101 - no profile without a plan decides CLEAN_TEXT
        assert self._instance is not None  # noqa: S101 - made for every profile with a plan
        return clean_value(
            tag,
            vr,
            value,
            plan=self._plan,
            instance=self._instance,
            encodings=self.encodings,
            contextual=self._contextual,
        )

    def character_set(self, value: bytes) -> None:
        """Note the SpecificCharacterSet of the item that is being walked."""
        self.encodings = codecs_of(value)
