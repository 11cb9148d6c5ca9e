"""What was planted: values that were written into instances, and what must become of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from benchmarks.midi.answer_key import Action

Letter = Literal["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R"]
"""The identifiers of 45 CFR 164.514(b)(2)(i): A names, B places, C dates, D telephone, E fax, F e-mail, G social
security, H medical record, I health plan, J account, K licence, L vehicle, M device, N URL, O IP address, P biometric,
Q photograph, R any other unique number."""

DESCRIPTION: Final = "BEST-P15-DESC"
"""Words of a description that say nothing about anybody: the Clean Descriptors Option keeps them."""


class Mark(NamedTuple):
    """A check that an element has to pass wherever the marked value stands."""

    action: Action
    answer: str
    category: str


class Piece(NamedTuple):
    """A part of a text, with what must become of it."""

    text: str
    mark: Mark


def phi(letter: Letter, text: str) -> Piece:
    """A part of a text that must go."""
    return Piece(text, Mark("text_removed", text, f"HIPAA-{letter}"))


def kept(text: str, category: str = DESCRIPTION) -> Piece:
    """A part of a text that must stay."""
    return Piece(text, Mark("text_retained", text, category))


class Book:
    """Hands out values and remembers what must become of each; a value means the same wherever it is written."""

    def __init__(self) -> None:
        self._marks: dict[str, list[Mark]] = {}

    def marks(self, value: str) -> tuple[Mark, ...]:
        """What must become of a value; nothing for one that was not planted."""
        return tuple(self._marks.get(value, ()))

    def identifier(self, letter: Letter, value: str) -> str:
        """An element's whole value, which must go."""
        return self._keep(value, [Mark("text_removed", value, f"HIPAA-{letter}")])

    def date(self, value: str) -> str:
        """A date, or date and time, as an element's whole value: it must change or go."""
        return self._keep(value, [Mark("date_shifted", value, "HIPAA-C")])

    def patient_id(self, value: str) -> str:
        """A medical record number: it must go, and be the same new one for all instances of the patient."""
        removed = Mark("text_removed", value, "HIPAA-H")
        return self._keep(value, [removed, Mark("patid_consistent", value, "DICOM-P15-BASIC-C")])

    def uid(self, value: str) -> str:
        """An instance's, series', study's or device's UID: it must change, and to the same one everywhere."""
        changed = Mark("uid_changed", value, "HIPAA-R")
        return self._keep(value, [changed, Mark("uid_consistent", value, "DICOM-P15-BASIC-U")])

    def safe(self, value: str, category: str) -> str:
        """An element's whole value, which must stay."""
        return self._keep(value, [Mark("text_retained", value, category)])

    def text(self, *pieces: Piece | str) -> str:
        """A text put together from parts; plain strings have nothing asked of them.

        >>> book = Book()
        >>> book.text(kept("Chest pain"), ", seen by ", phi("A", "Dr. Okafor"))
        'Chest pain, seen by Dr. Okafor'
        """
        whole = "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)
        return self._keep(whole, [piece.mark for piece in pieces if isinstance(piece, Piece)])

    def _keep(self, value: str, marks: Iterable[Mark]) -> str:
        known = self._marks.setdefault(value, [])
        known.extend(mark for mark in marks if mark not in known)
        return value
