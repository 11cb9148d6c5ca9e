"""The frames of one image, one at a time, however they are stored."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from pydicom.encaps import generate_frames

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.decode import decode, header
from emulator.deidentify.pixels.description import Description
from emulator.deidentify.pixels.elements import DataSet
from emulator.deidentify.pixels.syntaxes import GE_IMPLICIT_BIG_PIXELS, Coding

EXTENDED_OFFSET_TABLE: Final = 0x7FE00001
EXTENDED_OFFSET_TABLE_LENGTHS: Final = 0x7FE00002
ENCAPSULATED_TOTAL_LENGTH: Final = 0x7FE00003


class Frames(Protocol):
    """Access to frames.

    Attributes:
        image: what they are like.
    """

    image: Description

    def read(self, index: int) -> tuple[np.ndarray, str]:
        """The cells of a frame, shaped (rows, columns, samples), writable or not, and what their colour means.

        Raises:
            InstanceError: it cannot be decoded.
        """

    def encoded(self, index: int) -> bytes:
        """The frame as stored: equal ones are equal images."""


class NativeFrames:
    """Uncompressed frames, in a buffer that they can be changed in.

    A frame of 1-bit samples need not begin with a byte; two pixels of YBR_FULL_422 share their colour; big endian OW
    has the bytes of 8-bit samples swapped. Written back, all that is as it was.
    """

    def __init__(self, image: Description, value: bytes, *, little_endian: bool, swapped: bool) -> None:
        """Take the element's value.

        Raises:
            InstanceError: it is shorter than its frames, or so long that it holds more of them.
        """
        self.image = image
        self._little_endian = little_endian
        self._swapped = swapped
        size = -(-image.frame_bits * image.frames // 8)
        if len(value) < size:
            raise InstanceError("its pixels are fewer than its rows, columns and frames need")
        if len(value) - size >= max(image.frame_bits // 8, 2):
            raise InstanceError("its pixels are more than its rows, columns and frames need")
        self._buffer = bytearray(value)
        if len(value) % 2:
            self._buffer.append(0)
        if swapped:
            self._swap()

    @classmethod
    def of(cls, data_set: DataSet, image: Description, syntax: str) -> NativeFrames:
        """The frames in a data set.

        Raises:
            InstanceError: as the constructor does.
        """
        little = data_set.encoding.little_endian and syntax != GE_IMPLICIT_BIG_PIXELS
        words = data_set.elements[image.tag].vr != "OB"
        value = data_set.value(image.tag)
        return cls(image, value, little_endian=little, swapped=not little and words and image.allocated <= 8)

    @property
    def value(self) -> bytearray:
        """The element's value as it is now, even in length. The frames are of no use after this."""
        if self._swapped:
            self._swap()
        return self._buffer

    def _swap(self) -> None:
        np.frombuffer(self._buffer, "u2").byteswap(inplace=True)

    def _place(self, index: int) -> tuple[int, int, int]:
        """First and last byte of a frame, and the bit in the first that it begins with."""
        start = self.image.frame_bits * index
        return start // 8, -(-(start + self.image.frame_bits) // 8), start % 8

    def encoded(self, index: int) -> bytes:
        """The frame as stored."""
        start, stop, bit = self._place(index)
        if bit or self.image.frame_bits % 8:
            return self.read(index)[0].tobytes()
        return bytes(self._buffer[start:stop])

    def read(self, index: int) -> tuple[np.ndarray, str]:
        """The cells of a frame; writable, but for subsampled and 1-bit ones not the buffer's own."""
        image = self.image
        start, stop, bit = self._place(index)
        if image.allocated == 1:
            count = image.rows * image.columns * image.samples
            bits = np.unpackbits(np.frombuffer(self._buffer, "u1", stop - start, start), bitorder="little")
            return self._shaped(bits[bit : bit + count]), image.photometric
        cells = self._cells(start, stop)
        if image.subsampled:
            pairs = cells.reshape(image.rows, image.columns // 2, 4)
            whole = np.empty((image.rows, image.columns // 2, 2, 3), cells.dtype)
            whole[..., 0] = pairs[..., :2]
            whole[..., 1:] = pairs[..., np.newaxis, 2:]
            whole = whole.reshape(image.rows, image.columns, 3)
            return whole, "YBR_FULL" if image.photometric == "YBR_FULL_422" else image.photometric
        return self._shaped(cells), image.photometric

    def write(self, index: int, cells: np.ndarray) -> None:
        """Store a frame as `read` gave it, with changes.

        Of two pixels that share their colour, both must have the same.
        """
        image = self.image
        start, stop, bit = self._place(index)
        if image.allocated == 1:
            place = np.frombuffer(self._buffer, "u1", stop - start, start)
            bits = np.unpackbits(place, bitorder="little")
            flat = cells.transpose(2, 0, 1) if image.planar else cells
            bits[bit : bit + cells.size] = flat.reshape(-1)
            place[:] = np.packbits(bits, bitorder="little")
        elif image.subsampled:
            pairs = self._cells(start, stop).reshape(image.rows, image.columns // 2, 4)
            pairs[..., :2] = cells[..., 0].reshape(image.rows, -1, 2)
            pairs[..., 2:] = cells[:, ::2, 1:]
        else:
            place = self._shaped(self._cells(start, stop))
            if not np.shares_memory(place, cells):
                place[...] = cells

    def _cells(self, start: int, stop: int) -> np.ndarray:
        dtype = self.image.dtype.newbyteorder("<" if self._little_endian else ">")
        return np.frombuffer(self._buffer, dtype, (stop - start) // dtype.itemsize, start)

    def _shaped(self, cells: np.ndarray) -> np.ndarray:
        image = self.image
        if image.planar:
            return cells.reshape(image.samples, image.rows, image.columns).transpose(1, 2, 0)
        return cells.reshape(image.rows, image.columns, image.samples)


class EncapsulatedFrames:
    """Compressed frames."""

    def __init__(self, image: Description, frames: list[bytes], syntax: str, coding: Coding) -> None:
        self.image = image
        self.syntax = syntax
        self._frames = frames
        self._coding = coding
        self._last: tuple[int, tuple[np.ndarray, str]] | None = None

    @classmethod
    def of(cls, data_set: DataSet, image: Description, syntax: str, coding: Coding) -> EncapsulatedFrames:
        """The frames in a data set.

        Raises:
            InstanceError: fragments cannot be told apart, or are not as many frames as the image has.
        """
        tables = data_set.value(EXTENDED_OFFSET_TABLE), data_set.value(EXTENDED_OFFSET_TABLE_LENGTHS)
        try:
            frames = list(
                generate_frames(
                    data_set.value(image.tag),
                    number_of_frames=image.frames,
                    extended_offsets=tables if all(tables) else None,
                )
            )
        except Exception:  # noqa: BLE001 - pydicom raises many kinds for malformed data
            raise InstanceError("the compressed pixel data is malformed") from None
        if len(frames) != image.frames:
            raise InstanceError("its compressed frames are not as many as NumberOfFrames says")
        return cls(image, frames, syntax, coding)

    @property
    def size_bytes(self) -> int:
        """Bytes of all frames as stored."""
        return sum(map(len, self._frames))

    def encoded(self, index: int) -> bytes:
        """The frame as stored."""
        return self._frames[index]

    def read(self, index: int) -> tuple[np.ndarray, str]:
        """The cells of a frame. The last one decoded is given out once more, as an image of one frame is read twice."""
        last, self._last = self._last, None
        if last and last[0] == index:
            return last[1]
        decoded = decode(self._frames[index], self.image, self.syntax, self._coding)
        self._last = index, decoded
        return decoded

    def precision(self, index: int) -> int:
        """Bits per sample that the frame was coded with."""
        found = header(self._frames[index], self.image, self._coding) if self._coding is not Coding.DEFLATE else None
        return found.precision if found else self.image.allocated

    def reversible(self, index: int) -> bool:
        """Whether coding the frame lost nothing."""
        found = header(self._frames[index], self.image, self._coding) if self._coding is not Coding.DEFLATE else None
        return found is None or found.reversible


def open_frames(
    data_set: DataSet, image: Description, syntax: str, coding: Coding
) -> NativeFrames | EncapsulatedFrames:
    """The frames of an image, which inside sequences may be uncompressed whatever the syntax (PS3.5 A.4).

    Raises:
        InstanceError: they are not what the description says.
    """
    if data_set.elements[image.tag].undefined:
        if coding is Coding.NATIVE or image.is_float:
            raise InstanceError("its pixels are in fragments, which its transfer syntax does not allow")
        return EncapsulatedFrames.of(data_set, image, syntax, coding)
    return NativeFrames.of(data_set, image, syntax)
