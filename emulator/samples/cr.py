"""Computed radiography (PS3.3 A.2) with an overlay, and Secondary Capture (A.8)."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    JPEGBaseline8Bit,
    SecondaryCaptureImageStorage,
)

from emulator.samples.build import dataset
from emulator.samples.encode import put_jpeg, put_pixels
from emulator.samples.pixels import body, fan, gray, ring_overlay, tinted
from emulator.samples.visit import Visit


def radiograph(visit: Visit, *, view: str, size: int, transfer_syntax: UID) -> Dataset:
    """A chest view (PA or LL), 12 of 16 bits, black for high values, with an overlay plane in group 6000."""
    mint = visit.mint
    series = visit.series("CR", f"Chest {view}", "CHEST")
    series.ViewPosition = view
    instance = visit.instance(
        series,
        ComputedRadiographyImageStorage,
        visit.acquired(),
        dataset(
            ImageType=["DERIVED", "PRIMARY"],
            DerivationDescription=mint.word("ST"),
            KVP=None,
            CassetteID=mint.word("LO"),
            PlateID=mint.word("LO"),
            DetectorID=mint.word("SH"),
            AcquisitionDeviceProcessingDescription=mint.word("LO"),
            ImagerPixelSpacing=["0.2", "0.2"],
            PixelSpacing=["0.2", "0.2"],
            WindowCenter=2048,
            WindowWidth=4096,
        ),
        _overlay(visit, size),
    )
    picture = gray(body(size, size, 0.5, visit.rng), 0, 4095, "uint16")
    put_pixels(instance, picture, bits_stored=12, photometric="MONOCHROME1")
    return visit.finished(instance, transfer_syntax)


def _overlay(visit: Visit, size: int) -> Dataset:
    """Overlay Plane module, PS3.3 C.9.2."""
    overlay = Dataset()
    overlay.add_new(0x60000010, "US", size)
    overlay.add_new(0x60000011, "US", size)
    overlay.add_new(0x60000022, "LO", visit.mint.word("LO"))
    overlay.add_new(0x60000040, "CS", "G")
    overlay.add_new(0x60000050, "SS", [1, 1])
    overlay.add_new(0x60000100, "US", 1)
    overlay.add_new(0x60000102, "US", 0)
    overlay.add_new(0x60001500, "LO", visit.mint.word("LO"))
    overlay.add_new(0x60003000, "OW", ring_overlay(size, size))
    return overlay


def capture(visit: Visit, series: Dataset, *, size: int, transfer_syntax: UID) -> Dataset:
    """A colour screen capture; JPEG Baseline or uncompressed."""
    instance = visit.instance(
        series,
        SecondaryCaptureImageStorage,
        visit.acquired(),
        dataset(ImageType=["DERIVED", "SECONDARY"], ConversionType="WSD"),
    )
    picture = tinted(fan(size, size, 0.7, visit.rng), 0.2)
    if transfer_syntax == JPEGBaseline8Bit:
        put_jpeg(instance, picture[np.newaxis])
        del instance.NumberOfFrames
    else:
        put_pixels(instance, picture, bits_stored=8, photometric="RGB")
    return visit.finished(instance, transfer_syntax)
