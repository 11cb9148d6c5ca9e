"""Images made for one test each, and their redaction: data set in, data set out."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian

from emulator.deidentify.instance import Instance
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.boxes import Box
from emulator.deidentify.pixels.clean import clean_pixels
from emulator.deidentify.pixels.config import ImagePlan

BOX = Box(2, 1, 8, 5)


@pytest.fixture
def box() -> Box:
    """Where the text of these images is said to be."""
    return BOX


@pytest.fixture
def picture(instance) -> Callable[..., Dataset]:
    """`picture(cells, **elements)`: an instance with these pixels, shaped (frames, rows, columns, samples)."""

    def build(cells: np.ndarray, **elements: Any) -> Dataset:
        frames, rows, columns, samples = cells.shape
        described: dict[str, Any] = {
            "SamplesPerPixel": samples,
            "PhotometricInterpretation": "MONOCHROME2" if samples == 1 else "RGB",
            "Rows": rows,
            "Columns": columns,
            "BitsAllocated": cells.dtype.itemsize * 8,
            "BitsStored": cells.dtype.itemsize * 8,
            "PixelRepresentation": int(cells.dtype.kind == "i"),
        }
        if frames > 1:
            described["NumberOfFrames"] = frames
        if samples > 1:
            described["PlanarConfiguration"] = 0
        value = cells.tobytes()
        described["PixelData"] = value + b"\0" * (len(value) % 2)
        described |= elements
        described.setdefault("HighBit", described["BitsStored"] - 1)
        return instance(**described)

    return build


@pytest.fixture
def compressed(picture) -> Callable[..., Dataset]:
    """`compressed(cells, frames, **elements)`: the same with its pixels given as codestreams."""

    def build(cells: np.ndarray, frames: list[bytes], **elements: Any) -> Dataset:
        whole = picture(cells, PixelData=encapsulate(frames), **elements)
        whole["PixelData"].VR = "OB"
        whole["PixelData"].is_undefined_length = True
        return whole

    return build


@pytest.fixture
def redact(encoded) -> Callable[..., Dataset | None]:
    """`redact(whole, syntax, find, **options)`: the data set after redaction; None when nothing was found."""

    def run(
        whole: Dataset | bytes,
        syntax: str = ExplicitVRLittleEndian,
        find: Callable[[np.ndarray], list[Box]] = lambda view: [BOX],
        **options: Any,
    ) -> Dataset | None:
        content = whole if isinstance(whole, bytes) else encoded(whole, UID(syntax))
        result = clean_pixels(
            content,
            ImagePlan("all"),
            Instance("", "1.2.3"),
            EngineOptions(**options),
            lambda view, plan, instance: find(view),
        )
        return None if result is None else pydicom.dcmread(io.BytesIO(result))

    return run


@pytest.fixture
def outside() -> Callable[..., np.ndarray]:
    """`outside(cells, box)`: the samples of (frames, rows, columns, samples) that are not in the box."""

    def select(cells: np.ndarray, box: Box = BOX) -> np.ndarray:
        kept = np.ones(cells.shape[:3], bool)
        kept[(slice(None), *box.slices)] = False
        return cells[kept]

    return select


@pytest.fixture
def noise() -> Callable[..., np.ndarray]:
    """`noise(dtype, shape, bits)`: random samples of so many bits, signed ones around 0."""

    def make(dtype: str, shape: tuple[int, ...] = (1, 20, 24, 1), bits: int | None = None) -> np.ndarray:
        kind = np.dtype(dtype)
        bits = bits or kind.itemsize * 8
        low, high = (-(1 << (bits - 1)), 1 << (bits - 1)) if kind.kind == "i" else (0, 1 << bits)
        numbers = np.random.default_rng(7)
        cells = numbers.integers(low, high, shape, dtype=kind, endpoint=False)
        cells[0, 0, 0], cells[0, 0, 1] = low, high - 1
        return cells

    return make
