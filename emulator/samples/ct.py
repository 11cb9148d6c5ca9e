"""CT Image IOD, PS3.3 A.3: axial series, a localizer, and the plain series that benchmarks ask for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from emulator.samples.build import Reference, code, dataset, merged
from emulator.samples.encode import put_pixels
from emulator.samples.pixels import body, gray
from emulator.samples.private import add_private_block
from emulator.samples.visit import Visit

AXIAL = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
CORONAL = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0]
SLICE_MM = 5.0


def image_plane(field_mm: float, size: int, height_mm: float, orientation: list[float] = AXIAL) -> Dataset:
    """Image Plane module, PS3.3 C.7.6.2, for a square image of `size` pixels over `field_mm` millimetres."""
    half = field_mm / 2
    spacing = f"{field_mm / size:.6f}"
    return dataset(
        PixelSpacing=[spacing, spacing],
        ImageOrientationPatient=orientation,
        ImagePositionPatient=[-half, -half, height_mm],
        SliceThickness=SLICE_MM,
        SliceLocation=height_mm,
    )


def frame_of_reference(visit: Visit, *name: object) -> Dataset:
    """Frame of Reference module, PS3.3 C.7.4.1."""
    return dataset(FrameOfReferenceUID=visit.uid("frame-of-reference", *name), PositionReferenceIndicator=None)


def _ct_module(image_type: list[str]) -> Dataset:
    """CT Image module, PS3.3 C.8.2.1."""
    return dataset(
        ImageType=image_type,
        RescaleIntercept=-1024,
        RescaleSlope=1,
        RescaleType="HU",
        KVP=120,
        ScanOptions="HELIX",
        DataCollectionDiameter=500,
        ReconstructionDiameter=360,
        GantryDetectorTilt=0,
        TableHeight=150,
        ExposureTime=500,
        XRayTubeCurrent=200,
        Exposure=100,
        ConvolutionKernel="STANDARD",
        WindowCenter=40,
        WindowWidth=400,
    )


def localizer(visit: Visit, series: Dataset, frame: Dataset, *, size: int) -> Dataset:
    """A coronal scout image: 16 bits, signed."""
    instance = visit.instance(
        series,
        CTImageStorage,
        frame,
        visit.acquired(),
        _ct_module(["ORIGINAL", "PRIMARY", "LOCALIZER"]),
        image_plane(360, size, 0, CORONAL),
        dataset(PatientPosition="HFS"),
    )
    picture = gray(body(size, size, 0.5, visit.rng), -1024, 1200, "int16")
    put_pixels(instance, picture, bits_stored=16, photometric="MONOCHROME2")
    return visit.finished(instance)


def axial_series(
    visit: Visit,
    *,
    slices: int,
    size: int,
    body_part: str,
    transfer_syntax: UID = ExplicitVRLittleEndian,
    scout: bool = False,
    private: bool = False,
    contrast: bool = False,
) -> Iterator[Dataset]:
    """`slices` axial images of `size` x `size` pixels, 16 bits; `scout` puts a localizer first that they reference."""
    frame = frame_of_reference(visit, body_part)
    more = []
    if scout:
        plan = visit.series("CT", "Scout", body_part)
        yield localizer(visit, plan, frame, size=size)
        more.append(dataset(ReferencedImageSequence=[_purpose(visit.made[-1])]))
    if contrast:
        more.append(dataset(ContrastBolusAgent=visit.mint.word("LO"), ContrastBolusRoute="IV"))
    series = visit.series("CT", "Axial", body_part)
    series.update(dataset(PatientPosition="HFS", GantryID=visit.mint.word("LO"), AcquisitionComments=_comment(visit)))
    for number in range(slices):
        instance = visit.instance(
            series,
            CTImageStorage,
            frame,
            visit.acquired(),
            _ct_module(["ORIGINAL", "PRIMARY", "AXIAL"]),
            image_plane(360, size, -SLICE_MM * number),
            *more,
        )
        instance.IrradiationEventUID = visit.uid("irradiation", series.SeriesNumber)
        picture = gray(body(size, size, number / slices, visit.rng), 0, 2600, "uint16")
        put_pixels(instance, picture, bits_stored=12, photometric="MONOCHROME2")
        if private:
            add_private_block(instance, visit)
        yield visit.finished(instance, transfer_syntax)


def plain_series(visit: Visit, count: int, rows: int, columns: int) -> Iterator[Dataset]:
    """`count` axial images of any shape; one noise picture, shifted, so that making them costs little."""
    frame = frame_of_reference(visit, "plain")
    series = visit.series("CT", "Plain", "CHEST")
    series.PatientPosition = "HFS"
    picture = gray(body(rows, columns, 0.4, visit.rng), 0, 2600, "uint16")
    for number in range(count):
        instance = visit.instance(
            series,
            CTImageStorage,
            frame,
            visit.acquired(),
            _ct_module(["ORIGINAL", "PRIMARY", "AXIAL"]),
            image_plane(360, max(rows, columns), -SLICE_MM * number),
        )
        put_pixels(instance, np.roll(picture, number, axis=1), bits_stored=12, photometric="MONOCHROME2")
        add_private_block(instance, visit)
        yield visit.finished(instance)


def _purpose(scout: Reference) -> Dataset:
    return merged(scout.item(), dataset(PurposeOfReferenceCodeSequence=[code("121311", "DCM", "Localizer")]))


def _comment(visit: Visit) -> str:
    return f"Breath hold. {visit.mint.word('LT')}"
