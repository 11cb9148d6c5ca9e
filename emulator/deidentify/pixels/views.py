"""8-bit pictures of a frame in which text is looked for: whatever a person could make visible should show in one.

A picture with nothing in it, and one that shows what another does, is left out: reading text is what takes time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from pydicom.pixels import convert_color_space

from emulator.deidentify.pixels.description import Description
from emulator.deidentify.pixels.display import Transform
from emulator.deidentify.pixels.samples import extremes

_OUTLIERS: Final = 0.5
"""Percent of the samples at either end that may be outliers."""

_CROWDED: Final = 8
"""All other samples in less than one of so many parts of the full range: then they get a picture of their own."""

_SAME: Final = 8
"""Pictures that nowhere differ by more of 255 than this show the same."""

_SAMPLED: Final = 2**16
"""Samples that the share of outliers is estimated from."""


def grey_views(values: np.ndarray, transforms: Sequence[Transform], *, inverse: bool) -> list[np.ndarray]:
    """Pictures of a grey frame, shaped (rows, columns): through its windows and over its full range.

    A few outliers, such as padding, can leave everything else one shade of grey: then a picture without them is added.

    Args:
        values: the samples, shaped (rows, columns).
        transforms: the frame's windows and look-up tables.
        inverse: whether small values are bright, as in MONOCHROME1.
    """
    ends = extremes(values)
    if ends is None or ends[0] == ends[1]:
        return []
    views: list[np.ndarray] = []
    for transform in transforms:
        _add(views, _to_bytes(transform(values)))
    _add(views, _stretched(values, *ends))
    flat = values.reshape(-1)
    low, high = np.nanpercentile(flat[:: max(len(flat) // _SAMPLED, 1)], [_OUTLIERS, 100 - _OUTLIERS])
    if low < high and (high - low) * _CROWDED < ends[1] - ends[0]:
        _add(views, _stretched(values, float(low), float(high)))
    return [255 - view for view in views] if inverse else views


def palette_views(values: np.ndarray, palette: np.ndarray) -> list[np.ndarray]:
    """The picture of a frame of palette indices, shaped (rows, columns, 3)."""
    view = palette[values]
    return [view] if _shows_something(view) else []


def colour_views(values: np.ndarray, photometric: str, image: Description) -> list[np.ndarray]:
    """The picture of a frame in RGB or YBR, shaped (rows, columns, 3)."""
    brightest = (1 << image.stored) - 1
    if photometric == "RGB" and image.stored > 8:
        brightest = max(int(values.max()), 1)  # 16 bits are often given to 8
    view = values if brightest == 255 else _stretched(values, 0, brightest)
    view = np.array(view, dtype="u1", order="C")
    if photometric.startswith("YBR"):
        view = convert_color_space(view, "YBR_FULL", "RGB")
    return [view] if _shows_something(view) else []


def plane_views(bits: np.ndarray) -> list[np.ndarray]:
    """The picture of an overlay's bits, shaped (rows, columns): white on black."""
    view = bits.astype("u1") * np.uint8(255)
    return [view] if _shows_something(view) else []


def _add(views: list[np.ndarray], view: np.ndarray) -> None:
    if not _shows_something(view):
        return
    for other in views:
        if int(np.abs(view.astype("i2") - other).max()) <= _SAME:
            return
    views.append(view)


def _shows_something(view: np.ndarray) -> bool:
    return bool((view != view[0, 0]).any())


def _stretched(values: np.ndarray, low: float, high: float) -> np.ndarray:
    if values.dtype == np.uint8 and (low, high) == (0, 255):
        return values.copy()  # the pixels are not for those who look at them
    return _to_bytes((values.astype("f8" if values.dtype.itemsize > 2 else "f4") - low) / (high - low))


def _to_bytes(grey: np.ndarray) -> np.ndarray:
    return (np.clip(np.nan_to_num(grey), 0, 1) * 255).astype("u1")
