"""That an image has once been compressed with loss stays on record (PS3.3 C.7.6.1.1.5)."""

from __future__ import annotations

from typing import Final

from emulator.deidentify.pixels.elements import DataSet, Written
from emulator.deidentify.pixels.frames import EncapsulatedFrames
from emulator.deidentify.pixels.syntaxes import METHODS, Coding

LOSSY_IMAGE_COMPRESSION: Final = 0x00282110
LOSSY_IMAGE_COMPRESSION_RATIO: Final = 0x00282112
LOSSY_IMAGE_COMPRESSION_METHOD: Final = 0x00282114


def lossy_history(frames: EncapsulatedFrames, data_set: DataSet, coding: Coding) -> dict[int, Written]:
    """What is missing of the record. What is there stays.

    Some transfer syntaxes may hold what was coded without loss: then the frames decide, not the syntax.
    """
    if all(frames.reversible(index) for index in range(frames.image.frames)):
        return {}
    changes: dict[int, Written] = {}
    if data_set.words(LOSSY_IMAGE_COMPRESSION) != ["01"]:
        changes[LOSSY_IMAGE_COMPRESSION] = Written("CS", b"01")
    if not data_set.value(LOSSY_IMAGE_COMPRESSION_RATIO) and not data_set.value(LOSSY_IMAGE_COMPRESSION_METHOD):
        ratio = f"{frames.image.size_bytes / max(frames.size_bytes, 1):.4g}"[:16].encode("ascii")
        changes[LOSSY_IMAGE_COMPRESSION_RATIO] = Written("DS", ratio + b" " * (len(ratio) % 2))
        method = METHODS[coding].encode("ascii")
        changes[LOSSY_IMAGE_COMPRESSION_METHOD] = Written("CS", method + b" " * (len(method) % 2))
    return changes
