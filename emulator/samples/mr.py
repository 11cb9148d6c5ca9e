"""MR Image IOD, PS3.3 A.4."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

from emulator.samples.build import dataset
from emulator.samples.ct import SLICE_MM, frame_of_reference, image_plane
from emulator.samples.encode import put_pixels
from emulator.samples.pixels import body, gray
from emulator.samples.visit import Visit


def _mr_module(echo_ms: float, repetition_ms: float) -> Dataset:
    """MR Image module, PS3.3 C.8.3.1."""
    return dataset(
        ImageType=["ORIGINAL", "PRIMARY", "M", "SE"],
        ScanningSequence="SE",
        SequenceVariant="NONE",
        ScanOptions=None,
        MRAcquisitionType="2D",
        RepetitionTime=repetition_ms,
        EchoTime=echo_ms,
        EchoTrainLength=1,
        MagneticFieldStrength=1.5,
        ImagingFrequency=63.87,
        ImagedNucleus="1H",
        FlipAngle=90,
        SpacingBetweenSlices=SLICE_MM,
        WindowCenter=600,
        WindowWidth=1200,
    )


def slices(
    visit: Visit,
    *,
    count: int,
    size: int,
    weighting: str,
    body_part: str,
    transfer_syntax: UID = ExplicitVRLittleEndian,
) -> Iterator[Dataset]:
    """`count` spin echo images of `size` x `size` pixels, 12 of 16 bits; `weighting` is T1 or T2."""
    echo_ms, repetition_ms = {"T1": (12.0, 500.0), "T2": (90.0, 4000.0)}[weighting]
    frame = frame_of_reference(visit, body_part)
    series = visit.series("MR", weighting, body_part)
    series.update(dataset(PatientPosition="HFS", AcquisitionProtocolDescription=visit.mint.word("LT")))
    for number in range(count):
        instance = visit.instance(
            series,
            MRImageStorage,
            frame,
            visit.acquired(),
            _mr_module(echo_ms, repetition_ms),
            image_plane(240, size, SLICE_MM * number),
        )
        picture = gray(body(size, size, number / count, visit.rng), 0, 1200, "uint16")
        put_pixels(instance, picture, bits_stored=12, photometric="MONOCHROME2")
        yield visit.finished(instance, transfer_syntax)
