"""Ultrasound: US Image IOD (PS3.3 A.6) in colour, and US Multi-frame Image IOD (A.7) as a JPEG cine loop."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import JPEGBaseline8Bit, UltrasoundImageStorage, UltrasoundMultiFrameImageStorage

from emulator.samples.build import dataset
from emulator.samples.encode import put_jpeg, put_pixels
from emulator.samples.pixels import fan, tinted
from emulator.samples.visit import Visit

_FRAME_TIME_POINTER = 0x00181063


def us_series(visit: Visit, body_part: str) -> Dataset:
    """A series that stills and cines share."""
    return visit.series("US", "Survey", body_part)


def _region(rows: int, columns: int) -> Dataset:
    """US Region Calibration module, PS3.3 C.8.5.5: one tissue region over the whole picture."""
    return dataset(
        RegionSpatialFormat=1,
        RegionDataType=1,
        RegionFlags=0,
        RegionLocationMinX0=0,
        RegionLocationMinY0=0,
        RegionLocationMaxX1=columns - 1,
        RegionLocationMaxY1=rows - 1,
        PhysicalUnitsXDirection=3,
        PhysicalUnitsYDirection=3,
        PhysicalDeltaX=0.05,
        PhysicalDeltaY=0.05,
    )


def still(visit: Visit, series: Dataset, *, rows: int, columns: int, planar: bool) -> Dataset:
    """One RGB picture; `planar` stores it colour by plane (PlanarConfiguration 1)."""
    instance = visit.instance(
        series,
        UltrasoundImageStorage,
        visit.acquired(),
        dataset(
            ImageType=["ORIGINAL", "PRIMARY", "ABDOMINAL", "0011"],
            UltrasoundColorDataPresent=1,
            SequenceOfUltrasoundRegions=[_region(rows, columns)],
        ),
    )
    picture = tinted(fan(rows, columns, 0.3, visit.rng), 0.5)
    put_pixels(instance, picture, bits_stored=8, photometric="RGB", planar=planar)
    return visit.finished(instance)


def cine(visit: Visit, series: Dataset, *, frames: int, rows: int, columns: int, colour: bool) -> Dataset:
    """A loop of JPEG Baseline frames, 40 ms each."""
    instance = visit.instance(
        series,
        UltrasoundMultiFrameImageStorage,
        visit.acquired(),
        dataset(
            ImageType=["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"],
            FrameTime=40,
            FrameIncrementPointer=_FRAME_TIME_POINTER,
            CineRate=25,
            UltrasoundColorDataPresent=int(colour),
            SequenceOfUltrasoundRegions=[_region(rows, columns)],
        ),
    )
    pictures = [fan(rows, columns, number / frames, visit.rng) for number in range(frames)]
    if colour:
        pictures = [tinted(picture, number / frames) for number, picture in enumerate(pictures)]
    put_jpeg(instance, np.stack(pictures))
    return visit.finished(instance, JPEGBaseline8Bit)
