"""What the engine knows of an instance as a whole before it touches any element of it."""

from __future__ import annotations

import dataclasses
import functools

from emulator.deidentify.text.finding import HeaderWords
from emulator.deidentify.text.phrase import Phrase


@dataclasses.dataclass(frozen=True)
class Instance:
    """Facts of one instance's own header that its texts and pixels are judged by.

    Attributes:
        patient_id: PatientID without padding; empty when there is none.
        study_instance_uid: as in the file.
        character_sets: Python codecs of the top data set's SpecificCharacterSet, in order.
        phrases: values of the attributes that the Basic profile marks D, Z, X or U, nested ones too; not those of
            descriptions, which the Clean Descriptors Option cleans.
        finders: names of further finders that are asked about each text (`text.plugins`).
    """

    patient_id: str
    study_instance_uid: str
    character_sets: tuple[str, ...] = ("iso8859",)
    phrases: tuple[Phrase, ...] = ()
    finders: tuple[str, ...] = ()

    @functools.cached_property
    def header(self) -> HeaderWords:
        """The phrases, ready to be looked for."""
        return HeaderWords.of(self.phrases)

    def __repr__(self) -> str:
        """Say nothing: everything here identifies a patient."""
        return f"Instance({len(self.phrases)} phrases)"
