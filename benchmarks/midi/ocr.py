"""The engine's own reader of text in images, as the judge of hidden pixels.

A judge that errs as the contestant does would be lenient; so `checks.pixels_hidden` asks it only about regions that
were changed: what the engine did not find is as it was, and fails without being read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.midi.checks import Reader
from emulator.deidentify.pixels.installed import ReaderMissingError, installed_models
from emulator.deidentify.pixels.reader import text_reader

_PADDING = 24
"""Readers want some room around a line."""


def reader() -> Reader | None:
    """A function that reads the lines of an image; None when the OCR packages are not installed."""
    try:
        installed_models()
    except ReaderMissingError:
        return None

    def read(image: NDArray[np.uint8]) -> list[str]:
        ocr = text_reader()
        framed = np.pad(image, _PADDING, constant_values=int(np.median(image)))
        return [line.text for line in ocr.read(framed, ocr.detect(framed))]

    return read
