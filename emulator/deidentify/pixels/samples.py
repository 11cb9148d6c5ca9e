"""From the cells that samples are stored in to the numbers they are, and back for the one value that is written: black.

A cell has BitsAllocated bits, of which BitsStored up to HighBit are the sample; the others may hold anything, in old
files the bits of overlays (PS3.5 section 8.1.1, PS3.3 C.9.2).
"""

from __future__ import annotations

import numpy as np

from emulator.deidentify.pixels.description import Description


def values_of(cells: np.ndarray, image: Description) -> np.ndarray:
    """The samples as numbers in the machine's byte order: unsigned, signed or floating point."""
    cells = cells.astype(cells.dtype.newbyteorder("="), copy=False)
    if image.is_float or image.allocated == 1:
        return cells
    spare = cells.dtype.itemsize * 8 - image.stored
    if image.signed:
        signed = cells.view(cells.dtype.str.replace("u", "i"))
        return signed if not spare else np.right_shift(np.left_shift(signed, spare - image.shift), spare)
    return cells if not spare else np.right_shift(np.left_shift(cells, spare - image.shift), spare)


def cell_of(value: float, image: Description, *, extend: bool) -> int | float:
    """The cell that holds a value. `extend`: a negative one has its sign in the unused bits above it too."""
    if image.is_float:
        return value
    bits = image.allocated - image.shift if extend else image.stored
    return (int(value) & ((1 << bits) - 1)) << image.shift


def extremes(values: np.ndarray) -> tuple[float, float] | None:
    """The smallest and largest value that is a finite number; None when there is none."""
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    if not values.size:
        return None
    return values.min().item(), values.max().item()


def black(image: Description, photometric: str, darkest: float, brightest: float, dark_index: int) -> tuple[float, ...]:
    """The value of each sample of a black pixel.

    Unsigned grey: 0, in MONOCHROME1 the largest value. Signed and floating point grey have no black of their own: 0 or
    the darkest value of the image, whichever is darker, so that windows made for the image's range still fit. YBR: no
    luminance, neutral colour.

    Args:
        image: what the pixels are like.
        photometric: what the samples mean, which after decoding may be something else than the image says.
        darkest: the smallest value in the image.
        brightest: the largest.
        dark_index: for PALETTE COLOR the index of the darkest entry.
    """
    if photometric == "PALETTE COLOR":
        return (dark_index,)
    if photometric.startswith("MONOCHROME"):
        inverse = photometric == "MONOCHROME1"
        if image.signed:
            return (max(brightest, 0) if inverse else min(darkest, 0),)
        return ((1 << image.stored) - 1 if inverse else 0,)
    neutral = 1 << (image.stored - 1)
    if photometric == "YBR_FULL":
        return (0, neutral, neutral)
    if photometric == "YBR_PARTIAL_422":
        return (neutral >> 3, neutral, neutral)  # 16 of 256 (PS3.3 C.7.6.3.1.2)
    return (0,) * image.samples
