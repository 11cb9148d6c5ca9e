"""The instances of the set: CT, MR, ultrasound and radiographs, some with text burned in, and reports."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    CTImageStorage,
    ImplicitVRLittleEndian,
    MRImageStorage,
    RLELossless,
    UltrasoundImageStorage,
)

from benchmarks.midi.answer_key import Check, Region
from benchmarks.midi.book import Piece, kept, phi
from benchmarks.midi.burn import Burned, burn
from benchmarks.midi.checks import crop, digest
from benchmarks.midi.modules import DEVICE, PRIVATE, Study
from emulator.samples.build import code, dataset, merged
from emulator.samples.ct import image_plane
from emulator.samples.encode import put_pixels
from emulator.samples.pixels import body, fan, gray, tinted

PIXELS = "BEST-PIX-K"
"""Pixels that show nobody's name stay as they are."""


@dataclasses.dataclass(frozen=True)
class Made:
    """An instance, and the checks of its pixels."""

    instance: Dataset
    checks: tuple[Check, ...] = ()


def chest_ct(study: Study, slices: int) -> Iterator[Made]:
    """An axial series with private elements, a device sequence and words in the window's explanation."""
    person, book = study.person, study.book
    description = book.text(kept("AXIAL LUNG"), " ", phi("A", person.family))
    series = study.series("CT", description, protocol="CHEST ROUTINE", body_part="CHEST")
    rng = np.random.default_rng([person.number, study.number])
    for number in range(slices):
        comment = book.text(
            kept("Breath hold incomplete"), ". Repeated for ", phi("A", f"{person.given} {person.family}")
        )
        instance = study.instance(
            series,
            CTImageStorage,
            study.acquired(comment),
            image_plane(360, 128, -5.0 * number),
            dataset(
                ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
                PatientPosition="HFS",
                FrameOfReferenceUID=study.uid("frame"),
                PositionReferenceIndicator=None,
                RescaleIntercept=-1024,
                RescaleSlope=1,
                KVP=book.safe("120.5", DEVICE),
                ConvolutionKernel=book.safe("BR44F", DEVICE),
                WindowCenter=40,
                WindowWidth=400,
                WindowCenterWidthExplanation=book.text(
                    kept("Mediastinum"), " preset of ", phi("A", person.technologist)
                ),
                IrradiationEventUID=study.uid("irradiation"),
                DeviceSequence=[
                    merged(
                        code("A-26800", "SRT", "Catheter"),
                        dataset(
                            DeviceSerialNumber=book.identifier("M", f"CATH{21_000 + person.number}"),
                            DeviceDescription=book.text(kept("Pigtail catheter")),
                        ),
                    )
                ],
            ),
        )
        put_pixels(
            instance,
            gray(body(128, 128, number / slices, rng), 0, 2600, "uint16"),
            bits_stored=12,
            photometric="MONOCHROME2",
        )
        study.private_block(instance)
        yield _untouched(study.finished(instance))


def brain_mr(study: Study, slices: int) -> Iterator[Made]:
    """Slices, RLE compressed or of implicit VR, with a description full of words that look like names."""
    book = study.book
    description = book.text(kept("SAG T1 MPRAGE Circle of Willis"))
    series = study.series("MR", description, protocol="HEAD STROKE", body_part="BRAIN")
    rng = np.random.default_rng([study.person.number, study.number])
    for number in range(slices):
        comment = book.text(kept("Wall motion normal, no Brown tumor, Foley catheter seen"))
        instance = study.instance(
            series,
            MRImageStorage,
            study.acquired(comment),
            image_plane(240, 96, 5.0 * number),
            dataset(
                ImageType=["ORIGINAL", "PRIMARY", "M", "SE"],
                PatientPosition="HFS",
                FrameOfReferenceUID=study.uid("frame"),
                PositionReferenceIndicator=None,
                ScanningSequence="SE",
                SequenceVariant="NONE",
                ScanOptions=None,
                MRAcquisitionType="2D",
                RepetitionTime=book.safe("2300.5", DEVICE),
                EchoTime=book.safe("2.98", DEVICE),
                EchoTrainLength=1,
                MagneticFieldStrength="1.5",
            ),
        )
        put_pixels(
            instance,
            gray(body(96, 96, number / slices, rng), 0, 1200, "uint16"),
            bits_stored=12,
            photometric="MONOCHROME2",
        )
        block = instance.private_block(0x0019, "SAMPLE WORKS MR", create=True)
        block.add_new(0x0C, "IS", book.safe("1050", PRIVATE))
        compressed = number % 2 == 0
        finished = study.finished(instance, *(() if compressed else (ImplicitVRLittleEndian,)))
        if compressed:
            finished.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
        yield _untouched(finished)


def abdomen_us(study: Study, stills: int) -> Iterator[Made]:
    """Colour stills with a banner of identifiers, and measurements at the bottom that identify nobody."""
    person, book = study.person, study.book
    description = book.text(kept("RUQ survey"), ", sonographer ", phi("A", person.technologist))
    series = study.series("US", description, protocol="ABDOMEN", body_part="ABDOMEN")
    rng = np.random.default_rng([person.number, study.number])
    rows, columns = 320, 480
    for number in range(stills):
        picture = tinted(fan(rows, columns, number / stills, rng), 0.4)
        picture[:64] = 0
        picture[-24:] = 0
        banner = [
            (f"{person.family}, {person.given}", 8, 4),
            (f"ID: {person.mrn}", 250, 4),
            (f"DOB: {person.birth:%m/%d/%Y}", 8, 32),
            (f"{study.when:%d-%b-%Y}", 250, 32),
        ]
        answers = [
            phi("A", f"{person.given} {person.family}"),
            phi("H", person.mrn),
            phi("C", f"{person.birth:%m/%d/%Y}"),
            phi("C", f"{study.when:%d-%b-%Y}"),
        ]
        burned = burn(picture, banner, size=20, value=235)
        labels = burn(picture, [("MI 0.8  TIS 0.4", 8, 298)], size=18, value=200)
        instance = study.instance(
            series,
            UltrasoundImageStorage,
            study.acquired(book.text(kept("Gallbladder with sludge"))),
            dataset(ImageType=["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"], BurnedInAnnotation="YES"),
        )
        put_pixels(instance, picture, bits_stored=8, photometric="RGB", planar=number % 2 == 1)
        yield Made(
            study.finished(instance),
            (
                *_hidden(picture, burned, answers),
                _region_kept(picture, Region(0, 90, columns, 270)),
                _region_kept(picture, labels[0].region),
            ),
        )


def chest_cr(study: Study) -> Iterator[Made]:
    """A radiograph of 12 bits with the name in a corner, as film digitizers burn it in."""
    person, book = study.person, study.book
    description = book.text(kept("Chest PA portable"))
    series = study.series("CR", description, protocol="THORAX PA", body_part="CHEST")
    rng = np.random.default_rng([person.number, study.number])
    picture = gray(body(384, 384, 0.5, rng), 0, 3000, "uint16")
    lines = [(f"{person.given} {person.family}", 12, 8), (f"MRN {person.mrn}", 12, 352)]
    burned = burn(picture, lines, size=20, value=4000)
    note = book.text(
        kept("Portable film"), ", taken at ", phi("B", f"{person.street}"), " ", phi("C", f"{study.when:%B %d, %Y}")
    )
    instance = study.instance(
        series,
        ComputedRadiographyImageStorage,
        study.acquired(note),
        dataset(ImageType=["ORIGINAL", "PRIMARY"], ViewPosition="PA", BurnedInAnnotation="YES", KVP="90"),
    )
    put_pixels(instance, picture, bits_stored=12, photometric="MONOCHROME2")
    yield Made(
        study.finished(instance),
        (
            *_hidden(picture, burned, [phi("A", f"{person.given} {person.family}"), phi("H", person.mrn)]),
            _region_kept(picture, Region(0, 60, 384, 330)),
        ),
    )


def earlier(study: Study, days: int) -> str:
    """A day before the study as people write it."""
    return f"{study.when - timedelta(days=days):%m/%d/%Y}"


def _untouched(instance: Dataset) -> Made:
    picture = instance.pixel_array[np.newaxis]
    return Made(instance, (Check("pixels_retained", "", digest(picture), PIXELS),))


def _hidden(picture: np.ndarray, burned: list[Burned], answers: list[Piece]) -> list[Check]:
    return [
        Check(
            "pixels_hidden",
            "",
            answer.text,
            answer.mark.category,
            line.region,
            digest(crop(picture[np.newaxis], line.region)),
        )
        for line, answer in zip(burned, answers, strict=True)
    ]


def _region_kept(picture: np.ndarray, region: Region) -> Check:
    return Check("pixels_retained", "", digest(crop(picture[np.newaxis], region)), PIXELS, region)
