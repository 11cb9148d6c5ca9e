"""The studies that the samples consist of, and the functions that make them in order."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pydicom.dataset import Dataset
from pydicom.uid import BasicTextSRStorage

from emulator.samples import cr, ct, enhanced, mr, sr, states, us
from emulator.samples.build import Reference, Uids
from emulator.samples.canary import Mint
from emulator.samples.encode import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
)
from emulator.samples.people import make_person
from emulator.samples.visit import Visit

Recipe = Callable[[Visit], Iterator[Dataset]]


def chest_ct(visit: Visit) -> Iterator[Dataset]:
    """A scout and an axial series that references it, with a report on the first slices."""
    yield from ct.axial_series(visit, slices=10, size=128, body_part="CHEST", scout=True, private=True)
    yield sr.report(visit, images=visit.made[1:4])


def follow_up_ct(visit: Visit) -> Iterator[Dataset]:
    """Implicit VR little endian, RLE compressed, and one Enhanced CT volume of both."""
    yield from ct.axial_series(
        visit, slices=6, size=96, body_part="CHEST", transfer_syntax=ImplicitVRLittleEndian, contrast=True
    )
    yield from ct.axial_series(visit, slices=4, size=96, body_part="ABDOMEN", transfer_syntax=RLELossless)
    yield enhanced.enhanced_ct(visit, frames=6, size=64, transfer_syntax=RLELossless)


def brain_mr(visit: Visit) -> Iterator[Dataset]:
    """T1 and T2 weighted slices."""
    yield from mr.slices(visit, count=6, size=96, weighting="T1", body_part="BRAIN")
    yield from mr.slices(visit, count=6, size=96, weighting="T2", body_part="BRAIN", transfer_syntax=RLELossless)


def volume_mr(visit: Visit) -> Iterator[Dataset]:
    """An Enhanced MR volume, derived from the patient's earlier slices."""
    yield enhanced.enhanced_mr(visit, frames=10, size=64, transfer_syntax=ExplicitVRLittleEndian)


def abdomen_us(visit: Visit) -> Iterator[Dataset]:
    """Colour stills in both planar configurations, a grey and a colour cine loop."""
    series = us.us_series(visit, "ABDOMEN")
    yield us.still(visit, series, rows=120, columns=160, planar=False)
    yield us.still(visit, series, rows=120, columns=160, planar=True)
    yield us.cine(visit, series, frames=12, rows=96, columns=128, colour=False)
    yield us.cine(visit, series, frames=8, rows=96, columns=128, colour=True)


def chest_cr(visit: Visit) -> Iterator[Dataset]:
    """Two views, each with an overlay plane."""
    yield cr.radiograph(visit, view="PA", size=256, transfer_syntax=ExplicitVRLittleEndian)
    yield cr.radiograph(visit, view="LL", size=192, transfer_syntax=ImplicitVRLittleEndian)


def spine_mr(visit: Visit) -> Iterator[Dataset]:
    """A deflated series."""
    yield from mr.slices(
        visit, count=5, size=64, weighting="T2", body_part="SPINE", transfer_syntax=DeflatedExplicitVRLittleEndian
    )


def annotated_ct(visit: Visit) -> Iterator[Dataset]:
    """Slices with a presentation state and a key object selection over them."""
    yield from ct.axial_series(visit, slices=8, size=64, body_part="HEAD", private=True)
    yield states.presentation_state(visit, images=visit.made[:3], size=64)
    yield sr.key_objects(visit, images=visit.made[:2])


def captures(visit: Visit) -> Iterator[Dataset]:
    """Secondary captures, JPEG and uncompressed."""
    series = visit.series("OT", "Capture")
    yield cr.capture(visit, series, size=96, transfer_syntax=JPEGBaseline8Bit)
    yield cr.capture(visit, series, size=64, transfer_syntax=ExplicitVRLittleEndian)


def reading_room(visit: Visit) -> Iterator[Dataset]:
    """A text report, and a report that replaces it and references the patient's earlier images."""
    images = [one for one in visit.earlier if one.modality in ("CT", "MR", "US")][:3]
    yield sr.report(visit, images=[], sop_class=BasicTextSRStorage)
    yield sr.report(visit, images=images)


class Planned(NamedTuple):
    """One study of the default set: whose, and how it is made."""

    patient: int
    recipe: Recipe


DEFAULT_STUDIES: tuple[Planned, ...] = (
    Planned(0, chest_ct),
    Planned(0, follow_up_ct),
    Planned(1, brain_mr),
    Planned(1, volume_mr),
    Planned(2, abdomen_us),
    Planned(2, reading_room),
    Planned(3, chest_cr),
    Planned(3, spine_mr),
    Planned(4, annotated_ct),
    Planned(4, captures),
)
"""Ten studies of five patients. More studies repeat them with new patients."""


def _generate(seed: int, studies: int, mint: Mint) -> Iterator[Dataset]:
    if studies < 0:
        raise ValueError("the number of studies is 0 or more")
    uids = Uids(seed)
    patients_a_round = len({planned.patient for planned in DEFAULT_STUDIES})
    person, earlier = None, list[Reference]()
    for number in range(studies):
        round_number, place = divmod(number, len(DEFAULT_STUDIES))
        planned = DEFAULT_STUDIES[place]
        patient = round_number * patients_a_round + planned.patient
        if person is None or person.number != patient:
            person, earlier = make_person(patient, mint, uids), []
        visit = Visit(seed, number, person, mint, uids, earlier)
        yield from planned.recipe(visit)
        earlier.extend(visit.made)


def generate_studies(seed: int = 0, *, studies: int = len(DEFAULT_STUDIES)) -> Iterator[Dataset]:
    """Instances of `studies` studies in order, each with `file_meta` and `preamble`, ready for `dcmwrite`.

    The same seed gives the same bytes; another seed gives other UIDs and other noise, with the same canaries of text.

    Raises:
        ValueError: a negative number of studies.
    """
    return _generate(seed, studies, Mint())


def ct_series(count: int, rows: int = 512, columns: int = 512, *, seed: int = 0) -> Iterator[Dataset]:
    """One study with one CT series of `count` instances of rows x columns 16-bit pixels, for benchmarks."""
    mint, uids = Mint(), Uids(seed)
    return ct.plain_series(Visit(seed, 0, make_person(0, mint, uids), mint, uids, []), count, rows, columns)


@functools.cache
def _minted(seed: int, studies: int) -> Mint:
    mint = Mint()
    for _ in _generate(seed, studies, mint):
        pass
    return mint


def text_canaries(seed: int = 0, *, studies: int = len(DEFAULT_STUDIES)) -> frozenset[str]:
    """Every planted value except UIDs: none may occur in anything that a run wrote, its records included."""
    return _minted(seed, studies).text


def uid_canaries(seed: int = 0, *, studies: int = len(DEFAULT_STUDIES)) -> frozenset[str]:
    """Every identifying UID: allowed in the audit table, the ledger and the filter file, nowhere else."""
    return _minted(seed, studies).uids


def canaries(seed: int = 0, *, studies: int = len(DEFAULT_STUDIES)) -> frozenset[str]:
    """All of them. Values in other scripts must be encoded before bytes are searched: `canary.byte_patterns`."""
    return text_canaries(seed, studies=studies) | uid_canaries(seed, studies=studies)
