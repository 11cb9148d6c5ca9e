"""Decoding one compressed frame, without any conversion that could not be undone.

Each coding has one decoder, under a permissive licence, chosen for refusing what it cannot read: pylibjpeg-rle ends the
thread on damaged data, imagecodecs gives back memory as it was on damaged HTJ2K, libjpeg fills up what is missing.
"""

from __future__ import annotations

import functools
import zlib
from typing import Any, Final

import numpy as np
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder
from pydicom.uid import UID

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.codestream import Codestream, parse
from emulator.deidentify.pixels.description import Description
from emulator.deidentify.pixels.syntaxes import Coding

_PLUGINS: Final = {
    Coding.RLE: "pydicom",
    Coding.JPEG: "pillow",
    Coding.JPEG_LOSSLESS: "gdcm",
    Coding.JPEG_LS: "pyjpegls",
    Coding.JPEG_2000: "pylibjpeg",
    Coding.HTJ2K: "pylibjpeg",
}
"""Of pydicom. pylibjpeg reads JPEG 2000 by its plug-in openjpeg; its GPL plug-in for JPEG is never asked."""

_PILLOW_BITS: Final = 8

_RLE_EXPANSION: Final = 64
"""Bytes that a byte of RLE can stand for: two make 128 (PS3.5 G.3.1)."""


def decode(frame: bytes, image: Description, syntax: str, coding: Coding) -> tuple[np.ndarray, str]:
    """The cells of a frame, shaped (rows, columns, samples), and the photometric interpretation they have now.

    Lossy JPEG in YBR comes out as RGB, JPEG 2000 in YBR_ICT and YBR_RCT too; other colour as it was.

    Raises:
        InstanceError: it cannot be decoded, or is not of the size that the header states.
    """
    if coding is Coding.DEFLATE:
        return _inflated(frame, image), image.photometric
    found = header(frame, image, coding)
    try:
        if coding is Coding.JPEG and found is not None and found.precision > _PILLOW_BITS:
            cells, photometric = _twelve_bits(frame, image), image.photometric
        else:
            cells, photometric = _by_pydicom(frame, image, syntax, coding, found)
    except Exception:  # noqa: BLE001 - decoders raise many kinds, and their messages hold values
        raise InstanceError("a compressed frame cannot be decoded") from None
    return np.ascontiguousarray(cells).reshape(image.rows, image.columns, image.samples), photometric


def header(frame: bytes, image: Description, coding: Coding) -> Codestream | None:
    """The header of a frame, checked against the image's; None for RLE, which has none of the kind.

    Raises:
        InstanceError: they do not agree, or the frame is too short for what it should hold.
    """
    if coding is Coding.RLE:
        if len(frame) * _RLE_EXPANSION < image.rows * image.columns * image.samples * image.allocated // 8:
            raise InstanceError("a compressed frame is truncated")
        return None
    found = parse(frame, coding)
    if (found.rows, found.columns, found.components) != (image.rows, image.columns, image.samples):
        raise InstanceError("a compressed frame has another size than Rows, Columns and SamplesPerPixel say")
    if found.precision > image.allocated:
        raise InstanceError("a compressed frame has more bits per sample than BitsAllocated says")
    return found


def _inflated(frame: bytes, image: Description) -> np.ndarray:
    size = -(-image.frame_bits // 8)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(frame, size)
    except zlib.error:
        raise InstanceError("a compressed frame cannot be decoded") from None
    if len(inflated) < size or image.subsampled:
        raise InstanceError("a compressed frame cannot be decoded")
    if image.allocated == 1:
        samples = image.rows * image.columns * image.samples
        bits = np.unpackbits(np.frombuffer(inflated, "u1"), bitorder="little", count=samples)
        return bits.reshape(image.rows, image.columns, image.samples)
    cells = np.frombuffer(inflated, image.dtype.newbyteorder("<")).astype(image.dtype)
    if image.planar:
        return cells.reshape(image.samples, image.rows, image.columns).transpose(1, 2, 0).copy()
    return cells.reshape(image.rows, image.columns, image.samples)


def _by_pydicom(
    frame: bytes, image: Description, syntax: str, coding: Coding, found: Codestream | None
) -> tuple[np.ndarray, str]:
    photometric = image.photometric
    if found is not None and found.adobe and coding is Coding.JPEG and image.samples == 3:
        photometric = "RGB"  # Pillow follows the marker
    options: dict[str, Any] = {
        "number_of_frames": 1,
        "rows": image.rows,
        "columns": image.columns,
        "samples_per_pixel": image.samples,
        "planar_configuration": 0,
        "photometric_interpretation": photometric,
        "bits_allocated": image.allocated,
        "bits_stored": image.stored,
        "pixel_representation": int(image.signed),
        "correct_unused_bits": False,
    }
    if coding is Coding.JPEG_LOSSLESS:
        _silence_gdcm()
    cells, properties = get_decoder(UID(syntax)).as_array(
        encapsulate([frame]), index=0, raw=coding is not Coding.JPEG, decoding_plugin=_PLUGINS[coding], **options
    )
    return cells.view(image.dtype), _full(str(properties["photometric_interpretation"]))


def _twelve_bits(frame: bytes, image: Description) -> np.ndarray:
    """JPEG of 12 bits, which no plug-in reads; in colour it is not in use."""
    import imagecodecs  # noqa: PLC0415 - large, and seldom needed

    if image.samples > 1:
        raise InstanceError("a compressed frame cannot be decoded")
    return imagecodecs.jpeg8_decode(frame).astype(image.dtype)


def _full(photometric: str) -> str:
    """The interpretation of decoded samples: the two pixels that shared their colour have each its own now."""
    return "YBR_FULL" if photometric == "YBR_FULL_422" else photometric


@functools.cache
def _silence_gdcm() -> None:
    """GDCM writes what it thinks to the standard error."""
    import gdcm  # type: ignore[import-untyped]  # noqa: PLC0415 - large, and seldom needed

    gdcm.Trace.DebugOff()
    gdcm.Trace.WarningOff()
    gdcm.Trace.ErrorOff()
