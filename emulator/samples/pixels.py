"""Pictures for the generated instances: cheap, deterministic, and with enough structure to look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def body(rows: int, columns: int, phase: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """A slice through a round body: (rows, columns) floats in 0..1. `phase` (0..1) moves through it."""
    y, x = np.mgrid[-1.0 : 1.0 : rows * 1j, -1.0 : 1.0 : columns * 1j]
    width = 0.55 + 0.35 * np.sin(np.pi * (0.15 + 0.7 * phase))
    outer = (x / width) ** 2 + (y / 0.8) ** 2
    picture = np.where(outer < 1.0, 0.45, 0.02)
    picture = np.where((outer > 0.85) & (outer < 1.0), 0.9, picture)
    for side in (-1, 1):
        lobe = ((x - side * 0.3 * width) / 0.25) ** 2 + ((y + 0.1 * np.cos(6.28 * phase)) / 0.45) ** 2
        picture = np.where(lobe < 1.0, 0.15 + 0.1 * phase, picture)
    noisy = picture + rng.normal(0.0, 0.01, picture.shape)
    return np.clip(noisy, 0.0, 1.0)


def gray(picture: NDArray[np.float64], low: int, high: int, dtype: str) -> NDArray[np.generic]:
    """0..1 stretched to low..high as integers of `dtype`."""
    return np.rint(low + picture * (high - low)).astype(dtype)


def fan(rows: int, columns: int, phase: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """An ultrasound sector with speckle: (rows, columns) bytes."""
    y, x = np.mgrid[0.0 : 1.0 : rows * 1j, -1.0 : 1.0 : columns * 1j]
    radius, angle = np.hypot(x, y), np.arctan2(x, y + 1e-6)
    inside = (radius < 0.97) & (np.abs(angle) < 0.7)
    wall = 0.5 + 0.4 * np.cos(14.0 * radius - 6.28 * phase)
    speckle = rng.rayleigh(0.35, (rows, columns))
    return np.where(inside, np.clip(wall * speckle, 0, 1) * 255, 0).astype(np.uint8)


def tinted(gray_picture: NDArray[np.uint8], phase: float) -> NDArray[np.uint8]:
    """(rows, columns) bytes as (rows, columns, 3), with a coloured box as of a Doppler study."""
    picture = np.stack([gray_picture] * 3, axis=-1)
    rows, columns = gray_picture.shape
    box = picture[rows // 3 : rows // 2, columns // 3 : 2 * columns // 3]
    box[..., 0] = np.maximum(box[..., 0], int(120 + 100 * phase))
    box[..., 2] //= 2
    return picture


def ring_overlay(rows: int, columns: int) -> bytes:
    """A circle as one bit for each pixel, packed as PS3.5 section 8.1.2 says (lowest bit first), of even length."""
    y, x = np.mgrid[-1.0 : 1.0 : rows * 1j, -1.0 : 1.0 : columns * 1j]
    ring = np.abs(np.hypot(x, y) - 0.5) < 0.02
    packed = np.packbits(ring.ravel(), bitorder="little").tobytes()
    return packed + b"\0" * (len(packed) % 2)
