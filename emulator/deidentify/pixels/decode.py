"""Decoding one compressed frame, without any conversion that could not be undone.

Plug-ins of pydicom first, each under a permissive licence; imagecodecs for what none of them reads.
"""

from __future__ import annotations

import contextlib
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
    Coding.RLE: ("pylibjpeg", "pydicom"),
    Coding.JPEG: ("pillow",),
    Coding.JPEG_LOSSLESS: ("gdcm",),
    Coding.JPEG_LS: ("pyjpegls", "gdcm"),
    Coding.JPEG_2000: ("pylibjpeg", "pillow", "gdcm"),
    Coding.HTJ2K: ("pylibjpeg",),
}
"""In order of preference. pylibjpeg reads JPEG 2000 and RLE by its plug-ins openjpeg and rle; its GPL plug-in for JPEG
is never asked."""

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
    for attempt in (_by_pydicom, _by_imagecodecs):
        with contextlib.suppress(Exception):  # they raise many kinds, and their messages hold values
            cells, photometric = attempt(frame, image, syntax, coding, found)
            shape = (image.rows, image.columns, image.samples)
            return np.ascontiguousarray(cells).reshape(shape), photometric
    raise InstanceError("a compressed frame cannot be decoded")


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
    decoder = get_decoder(UID(syntax))
    available = [name for name in _PLUGINS[coding] if name in decoder.available_plugins]
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
    for name in available:
        if name == "gdcm":
            _silence_gdcm()
        with contextlib.suppress(Exception):
            cells, properties = decoder.as_array(
                encapsulate([frame]), index=0, raw=coding is not Coding.JPEG, decoding_plugin=name, **options
            )
            return cells.view(image.dtype), _full(str(properties["photometric_interpretation"]))
    raise InstanceError("a compressed frame cannot be decoded")


def _by_imagecodecs(
    frame: bytes, image: Description, syntax: str, coding: Coding, found: Codestream | None
) -> tuple[np.ndarray, str]:
    del syntax, found
    import imagecodecs  # noqa: PLC0415 - large, and seldom needed

    photometric = image.photometric
    if coding is Coding.JPEG_LOSSLESS:
        space = "RGB" if image.samples == 3 else None  # in and out alike: nothing is converted
        cells = imagecodecs.jpeg8_decode(frame, colorspace=space, outcolorspace=space)
    elif coding is Coding.JPEG:
        cells = imagecodecs.jpeg8_decode(frame)
        photometric = "RGB" if image.samples == 3 else photometric
    elif coding in {Coding.JPEG_2000, Coding.HTJ2K}:
        cells = imagecodecs.jpeg2k_decode(frame) if coding is Coding.JPEG_2000 else imagecodecs.htj2k_decode(frame)
        photometric = "RGB" if photometric in {"YBR_ICT", "YBR_RCT"} else photometric
    else:
        raise InstanceError("a compressed frame cannot be decoded")
    if cells.dtype.kind == "i":
        return cells.astype(f"i{image.dtype.itemsize}").view(image.dtype), _full(photometric)
    return cells.astype(image.dtype), _full(photometric)


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
