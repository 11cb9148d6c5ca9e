"""The frames of an instance's pixel data as they are stored, native or encapsulated (PS3.5 section 8 and Annex A.4)."""

from __future__ import annotations

from pydicom.encaps import generate_frames

from emulator.healthcare.dicom.dicom_json import JsonEncoder
from emulator.healthcare.dicom.part10 import PIXEL_DATA, Element, Part10

_NUMBER_OF_FRAMES, _SAMPLES, _ROWS, _COLUMNS, _BITS = 0x00280008, 0x00280002, 0x00280010, 0x00280011, 0x00280100


class NoFrames(Exception):
    """The instance has no pixel data that can be divided into frames; the message says why, without any value."""


class FrameMissing(Exception):
    """A frame number beyond the instance's frames."""

    def __init__(self) -> None:
        super().__init__("the instance has no frame of that number")


def stored_frames(file: Part10, numbers: list[int]) -> list[bytes]:
    """The bytes of frames, counted from 1, in the order asked for.

    Raises:
        NoFrames: no pixel data, or it does not agree with the image's attributes.
        FrameMissing: a number beyond the last frame.
    """
    element = file.dataset.elements.get(PIXEL_DATA)
    if element is None:
        raise NoFrames("the instance has no pixel data")
    count = _attribute(file, _NUMBER_OF_FRAMES) or 1
    if any(not 0 < number <= count for number in numbers):
        raise FrameMissing
    if element.encapsulated:
        return _encapsulated(file.value(element), count, numbers)
    return [_native(file, element, count, number) for number in numbers]


def _native(file: Part10, element: Element, count: int, number: int) -> bytes:
    bits = 1
    for tag in (_ROWS, _COLUMNS, _SAMPLES, _BITS):
        bits *= _attribute(file, tag) or (1 if tag == _SAMPLES else 0)
    size, rest = divmod(bits, 8)
    if not size or size * count > element.length:
        raise NoFrames("the pixel data is shorter than the image's attributes say")
    if rest:
        raise NoFrames("frames that do not end at a byte are not implemented: retrieve the instance")
    start = element.start + (number - 1) * size
    return file.data[start : start + size]


def _encapsulated(value: bytes, count: int, numbers: list[int]) -> list[bytes]:
    wanted, found = set(numbers), {}
    try:
        for number, frame in enumerate(generate_frames(value, number_of_frames=count), 1):
            if number in wanted:
                found[number] = frame
            if number >= max(wanted):
                break
        return [found[number] for number in numbers]
    except (ValueError, KeyError):
        raise NoFrames("the fragments of the pixel data cannot be divided into frames") from None


def _attribute(file: Part10, tag: int) -> int:
    """A number among the image's attributes; 0 when it is absent or none."""
    values = JsonEncoder(file).selected((tag,)).get(f"{tag:08X}", {}).get("Value", [0])
    return values[0] if isinstance(values[0], int) and values[0] > 0 else 0
