"""Text burned into pictures, as ultrasound machines and digitizers do it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.midi.answer_key import Region

_MARGIN = 2


class Burned(NamedTuple):
    """A line of text in a picture, and the pixels it takes."""

    text: str
    region: Region


def burn(picture: NDArray[Any], lines: list[tuple[str, int, int]], *, size: int, value: int) -> list[Burned]:
    """Draw lines of text, each at (left, top), into a picture of (rows, columns[, 3]); `value` is their brightness.

    `size` is the font's, in pixels. The picture is changed.
    """
    font = ImageFont.load_default(size)
    rows, columns = picture.shape[:2]
    burned = []
    for text, left, top in lines:
        canvas = Image.new("L", (columns, rows))
        ImageDraw.Draw(canvas).text((left, top), text, fill=255, font=font)
        box = canvas.getbbox()
        assert box is not None, "a line lies outside the picture"
        strength = np.asarray(canvas, dtype=float) / 255.0
        if picture.ndim == 3:
            strength = strength[..., np.newaxis]
        picture[:] = np.rint(picture * (1.0 - strength) + value * strength).astype(picture.dtype)
        burned.append(Burned(text, _grown(box, columns, rows)))
    return burned


def _grown(box: tuple[int, int, int, int], columns: int, rows: int) -> Region:
    left, top, right, bottom = box
    return Region(
        max(left - _MARGIN, 0), max(top - _MARGIN, 0), min(right + _MARGIN, columns), min(bottom + _MARGIN, rows)
    )
