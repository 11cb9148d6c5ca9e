"""Generated images with planted text for the OCR benchmark: sizes, contrasts, noise, on shapes like those of scans."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from emulator.deidentify.instance import Instance
from emulator.deidentify.pixels.boxes import Box
from emulator.deidentify.text.phrase import Phrase

SIZES = (8, 10, 12, 16, 24, 36)
CONTRASTS = (30, 60, 120, 255)
NOISES = (0, 12, 30)
SIDE = 512

_FIRST = ("Anna", "Boris", "Chen", "Dilara", "Emeka", "Fiona", "Goran", "Hilde")
_LAST = ("Quillfeather", "Brandvold", "Okonkwo", "Marchetti", "Lindqvist", "Vasquez", "Thornbury", "Yamashita")
_PARAMETERS = ("L12-5", "FR 36 Hz", "TIS 0.6", "Gain 58 %", "Depth 4 cm", "WL 40 WW 400", "kV 120", "2D 60 %", "Left")


@dataclasses.dataclass(frozen=True)
class Planted:
    """A line written into an image.

    Attributes:
        box: where its strokes are.
        identifying: whether it names somebody.
    """

    box: Box
    identifying: bool


@dataclasses.dataclass(frozen=True)
class Sample:
    """An image with what was written into it.

    Attributes:
        image: uint8, (rows, columns).
        instance: whose header holds the planted name, id and date of birth.
        lines: what was written.
        size: of the letters, in pixels.
        contrast: of the letters to black, where they are brightest.
        noise: standard deviation of the noise over all.
    """

    image: NDArray[np.uint8]
    instance: Instance
    lines: tuple[Planted, ...]
    size: int
    contrast: int
    noise: int


def background(random: np.random.Generator, side: int = SIDE) -> NDArray[np.float64]:
    """Soft ellipses of several brightnesses on black, with a border free of them: a slice through somebody."""
    rows, columns = np.mgrid[0:side, 0:side] / side - 0.5
    image = np.zeros((side, side))
    for _ in range(12):
        x, y = random.uniform(-0.2, 0.2, 2)
        wide, high = random.uniform(0.03, 0.3, 2)
        turn = random.uniform(0, np.pi)
        across = (columns - x) * np.cos(turn) + (rows - y) * np.sin(turn)
        along = (rows - y) * np.cos(turn) - (columns - x) * np.sin(turn)
        distance = np.minimum((across / wide) ** 2 + (along / high) ** 2 - 1, 10)
        image += random.uniform(-40, 70) / (1 + np.exp(40 * distance))
    return np.clip(image, 0, 180)


def sample(random: np.random.Generator, size: int, contrast: int, noise: int) -> Sample:
    """An image with a name, an id, a date of birth, a date, and parameters that name nobody."""
    first, last = random.choice(_FIRST), random.choice(_LAST)
    identity = str(random.integers(10**7, 10**8))
    born = f"{random.integers(1930, 2010)}-{random.integers(1, 13):02}-{random.integers(1, 29):02}"
    taken = f"{random.integers(1, 13):02}/{random.integers(1, 29):02}/20{random.integers(10, 26)}"
    secret = [f"{last}, {first}", f"ID: {identity}", f"DOB: {born}", taken]
    open_texts = [str(text) for text in random.choice(_PARAMETERS, 2, replace=False)]
    texts = [(text, True) for text in secret] + [(text, False) for text in open_texts]
    image = background(random)
    layer = PillowImage.new("L", (SIDE, SIDE))
    lines = tuple(
        Planted(_write(layer, text, row, size, random), identifying)
        for row, (text, identifying) in zip(random.permutation(8), texts, strict=False)
    )
    image += np.asarray(layer) / 255.0 * contrast
    image += random.normal(0, noise, image.shape)
    phrases = (
        Phrase(f"{last}^{first}", "PERSON_NAME"),
        Phrase(identity, "MEDICAL_RECORD_NUMBER"),
        Phrase(born.replace("-", ""), "DATE"),
    )
    instance = Instance(identity, "2.25.1", phrases=phrases)
    return Sample(np.clip(image, 0, 255).astype(np.uint8), instance, lines, size, contrast, noise)


def grid(seed: int, repeats: int) -> Iterator[Sample]:
    """`repeats` images for each combination of size, contrast and noise."""
    random = np.random.default_rng(seed)
    for size in SIZES:
        for contrast in CONTRASTS:
            for noise in NOISES:
                for _ in range(repeats):
                    yield sample(random, size, contrast, noise)


def _write(layer: PillowImage.Image, text: str, row: int, size: int, random: np.random.Generator) -> Box:
    """Write `text` into one of eight rows, somewhere; returns where its strokes are."""
    font = ImageFont.load_default(size)
    width = round(font.getlength(text))
    left = int(random.integers(4, max(SIDE - width - 4, 5)))
    top = SIDE // 8 * int(row) + int(random.integers(2, max(SIDE // 8 - size - size // 4, 3)))
    draw = ImageDraw.Draw(layer)
    draw.text((left, top), text, fill=255, font=font)
    return Box(*(round(edge) for edge in draw.textbbox((left, top), text, font=font))).clip(SIDE, SIDE)
