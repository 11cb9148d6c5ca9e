"""The set: instances with identifiers planted in them, and the answer key that follows from what was planted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydicom import dcmwrite
from pydicom.dataset import Dataset

from benchmarks.midi.answer_key import AnswerKey, Check, InstanceKey
from benchmarks.midi.book import Book, Piece, kept, phi
from benchmarks.midi.modules import DEVICE, PATIENT, Study
from benchmarks.midi.paths import values, walk
from benchmarks.midi.people import make_person
from benchmarks.midi.recipes import Made, abdomen_us, brain_mr, chest_cr, chest_ct
from benchmarks.midi.reports import report

PATIENT_ID: Final = "(0010,0020)"
DEFAULT_INSTANCES: Final = 100

_TYPE_1_KEYWORDS: Final = (
    "SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID Modality Rows Columns BitsAllocated BitsStored "
    "SamplesPerPixel PhotometricInterpretation PixelRepresentation ImageType FrameOfReferenceUID PixelSpacing "
    "ImagePositionPatient ImageOrientationPatient RescaleSlope RescaleIntercept ValueType CompletionFlag"
)
_TYPE_2_KEYWORDS: Final = (
    "PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime StudyID AccessionNumber "
    "ReferringPhysicianName SeriesNumber InstanceNumber Manufacturer PositionReferenceIndicator"
)
_UNCHANGED_KEYWORDS: Final = (
    "Rows Columns BitsAllocated BitsStored SamplesPerPixel PixelSpacing ImagePositionPatient ImageType "
    "ImageOrientationPatient RescaleSlope RescaleIntercept WindowCenter WindowWidth ValueType"
)
_TYPE_1: Final = frozenset(_TYPE_1_KEYWORDS.split())
_TYPE_2: Final = frozenset(_TYPE_2_KEYWORDS.split())
_UNCHANGED: Final = {
    **dict.fromkeys(_UNCHANGED_KEYWORDS.split(), "DICOM-IOD-1"),
    "PatientSex": PATIENT,
    "ViewPosition": DEVICE,
}


def generate(seed: int = 0, instances: int = DEFAULT_INSTANCES) -> Iterator[Made]:
    """`instances` instances in order, ten to a patient; the same seed gives the same ones.

    Raises:
        ValueError: fewer than one instance.
    """
    if instances < 1:
        raise ValueError("a set has one instance or more")
    made = (one for number in itertools.count() for one in _of_patient(seed, number))
    return itertools.islice(made, instances)


def write_set(folder: Path, seed: int = 0, instances: int = DEFAULT_INSTANCES) -> AnswerKey:
    """Write the set under `folder` as `0001.dcm`, `0002.dcm`, ... and return its key.

    Raises:
        OSError: a file cannot be written.
        ValueError: fewer than one instance.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keys = []
    for number, made in enumerate(generate(seed, instances), start=1):
        name = f"{number:04d}.dcm"
        dcmwrite(folder / name, made.instance, enforce_file_format=True)
        keys.append(InstanceKey(name, made.checks))
    return AnswerKey(seed, tuple(keys))


def checks_of(instance: Dataset, book: Book) -> Iterator[Check]:
    """The checks of an instance's elements: of what was planted in them, and of what its IOD needs."""
    for path, element in walk(instance):
        for value in values(element):
            for mark in book.marks(value):
                if mark.action == "patid_consistent" and path != PATIENT_ID:
                    continue  # copies of it elsewhere may as well go
                yield Check(mark.action, path, mark.answer, mark.category)
        if "[" in path:
            continue
        keyword = element.keyword
        if keyword in _TYPE_1:
            yield Check("text_notnull", path, "", "DICOM-IOD-1")
        elif keyword in _TYPE_2:
            yield Check("tag_retained", path, "", "DICOM-IOD-2")
        if keyword in _UNCHANGED:
            yield Check("text_retained", path, "\\".join(values(element)), _UNCHANGED[keyword])


def _of_patient(seed: int, number: int) -> Iterator[Made]:
    """Five studies of one patient. The order brings one of each kind early, for small sets."""
    person, book = make_person(seed, number), Book()
    studies = itertools.count(number * 5)

    def study(*description: Piece | str) -> Study:
        return Study(seed, next(studies), person, book, book.text(*description))

    made = itertools.chain(
        abdomen_us(study(kept("US ABDOMEN")), stills=2),
        chest_ct(study(kept("CT CHEST W CONTRAST"), " for ", phi("A", person.family)), slices=4),
        report(study(kept("Consultation"), " at ", phi("B", person.hospital))),
        brain_mr(study(kept("MR BRAIN Parkinson protocol")), slices=2),
        chest_cr(study(kept("CR CHEST"), " ", phi("H", person.mrn))),
    )
    for one in made:
        found = dict.fromkeys(itertools.chain(checks_of(one.instance, book), one.checks))
        yield Made(one.instance, tuple(found))
