"""Reading of an instance's header what its texts and pixels are judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from emulator.deidentify import rules
from emulator.deidentify.attributes import (
    PIXEL_DATA,
    SPECIFIC_CHARACTER_SET,
    STUDY_INSTANCE_UID,
    TEXT_VRS,
    effective_vr,
    tag_of,
)
from emulator.deidentify.bounded import MAX_SCAN_READS, BoundedReader, Budget
from emulator.deidentify.character_sets import codecs_of
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.instance import Instance
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.part10 import UNDEFINED_LENGTH, Buffer, Encoding
from emulator.deidentify.text.attributes import info_type_of
from emulator.deidentify.text.charset import decode
from emulator.deidentify.text.phrase import Phrase
from emulator.deidentify.tolerant_reader import Element, items_of, raw_elements, reading
from emulator.deidentify.values import text_of_uid

_PATIENT_ID = tag_of("PatientID")
_SINGLE_VALUED = frozenset({"LT", "ST", "UT"})


def scan(data: Buffer, position: int, encoding: Encoding, options: EngineOptions) -> Instance:
    """Read the data set at `position` up to Pixel Data.

    Raises:
        InstanceError: it cannot be read.
    """
    # Descriptions do not count: each would be found in itself, and nothing of them be left.
    budget = Budget(len(data), MAX_SCAN_READS)
    scanner = _Scanner(rules.header_tags(options.edition) - rules.cleaned_descriptors(options.edition), budget)
    with reading(budget):
        stream = cast(BinaryIO, BoundedReader(data, budget, position))
        elements = data_element_generator(stream, encoding.implicit, encoding.little_endian, _at_pixels)
        scanner.elements(elements, ("iso8859",), top=True)
    return Instance(
        scanner.patient_id,
        scanner.study_instance_uid,
        scanner.character_sets,
        tuple(dict.fromkeys(scanner.phrases)),
        options.finders,
    )


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag >= PIXEL_DATA


class _Scanner:
    """Collects from elements, nested ones too."""

    def __init__(self, header_tags: frozenset[int], budget: Budget) -> None:
        self._header_tags = header_tags
        self._budget = budget
        self.patient_id = ""
        self.study_instance_uid = ""
        self.character_sets: tuple[str, ...] = ("iso8859",)
        self.phrases: list[Phrase] = []

    def elements(self, elements: Iterable[Element], codecs: tuple[str, ...], *, top: bool = False) -> None:
        """Take the elements of one data set."""
        for element in elements:
            tag = int(element.tag)
            if isinstance(element, DataElement):
                self._nested(cast(Sequence, element.value or []), codecs)
                continue
            value = element.value or b""
            if element.length not in {UNDEFINED_LENGTH, len(value)}:
                raise InstanceError("is truncated: an element is longer than the rest of the file")
            vr = effective_vr(tag, element.VR)
            if tag == SPECIFIC_CHARACTER_SET:
                codecs = codecs_of(value)
                if top:
                    self.character_sets = codecs
            elif vr == "SQ":
                self._nested(items_of(element, value, self._budget), codecs)
            elif top and tag == STUDY_INSTANCE_UID:
                self.study_instance_uid = text_of_uid(value)
            elif vr in TEXT_VRS:
                self._text(tag, vr, value, codecs, top=top)

    def _nested(self, items: Iterable[Dataset], codecs: tuple[str, ...]) -> None:
        for dataset in items:
            self.elements(raw_elements(dataset), codecs)

    def _text(self, tag: int, vr: str, value: bytes, codecs: tuple[str, ...], *, top: bool) -> None:
        if top and tag == _PATIENT_ID:
            self.patient_id = _decoded(value, vr, codecs).strip(" \0")
        if tag in self._header_tags and value:
            texts = list(_values(_decoded(value, vr, codecs), vr))
            self.phrases += [Phrase(text, info_type_of(tag, vr)) for text in texts]


def _decoded(value: bytes, vr: str, codecs: tuple[str, ...]) -> str:
    text = decode(value, codecs, "\\^=" if vr == "PN" else "\t\n\f\r\\")
    return value.decode("latin-1") if text is None else text


def _values(text: str, vr: str) -> Iterator[str]:
    """Each value of an element; of a name each of its representations (PS3.5 section 6.2)."""
    for one in [text] if vr in _SINGLE_VALUED else text.split("\\"):
        for part in one.split("=") if vr == "PN" else [one]:
            if stripped := part.strip(" \0"):
                yield stripped
