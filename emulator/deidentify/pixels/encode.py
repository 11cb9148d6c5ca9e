"""Coding one frame without loss."""

from __future__ import annotations

import zlib
from typing import Any, Final

import numpy as np
from pydicom.pixels import get_encoder
from pydicom.uid import UID, HTJ2KLosslessRPCL, JPEGLossless, JPEGLosslessSV1

from emulator.deidentify.pixels.codestream import parse
from emulator.deidentify.pixels.description import Description
from emulator.deidentify.pixels.syntaxes import DEFLATED_IMAGE_FRAME, Coding, coding_of

_PLUGINS: Final = {Coding.JPEG_LS: "pyjpegls", Coding.JPEG_2000: "pylibjpeg"}
_RPCL: Final = 2


class NotCoded(Exception):
    """The frame cannot be coded in that transfer syntax here; it can always be stored uncompressed."""


def encode(cells: np.ndarray, image: Description, syntax: str, photometric: str, precision: int) -> bytes:
    """The codestream of a frame.

    Args:
        cells: shaped (rows, columns, samples), of `image.dtype`.
        image: what they are like.
        syntax: a transfer syntax in which nothing is lost.
        photometric: what the samples mean: RGB where JPEG 2000 is to transform colour itself.
        precision: bits of each cell to be coded.

    Raises:
        NotCoded: no coder takes it.
    """
    coding = coding_of(syntax)
    try:
        if coding is Coding.RLE:
            return _rle(cells)
        if syntax == DEFLATED_IMAGE_FRAME:
            return _deflated(cells, image)
        cells = _precise(cells, precision, signed=image.signed and coding in {Coding.JPEG_2000, Coding.HTJ2K})
        if coding in {Coding.JPEG_LS, Coding.JPEG_2000}:
            transformed = coding is Coding.JPEG_2000 and photometric == "RGB" and image.photometric == "YBR_RCT"
            return _by_pydicom(cells, image, syntax, "YBR_RCT" if transformed else photometric, precision)
        if syntax in {JPEGLossless, JPEGLosslessSV1}:
            return _jpeg_lossless(cells, photometric, precision)
        return _htj2k(cells, image, syntax)
    except NotCoded:
        raise
    except Exception:  # noqa: BLE001 - coders raise many kinds for what they do not take
        raise NotCoded from None


def _precise(cells: np.ndarray, precision: int, *, signed: bool) -> np.ndarray:
    """The lowest `precision` bits of the cells, in the smallest type that holds them, as two's complement or not."""
    spare = cells.dtype.itemsize * 8 - precision
    shifted = np.left_shift(cells, spare)
    if signed:
        shifted = shifted.view(cells.dtype.str.replace("u", "i"))
    size = 1 if precision <= 8 else 2 if precision <= 16 else 4
    return np.right_shift(shifted, spare).astype(f"{'i' if signed else 'u'}{size}")


def _by_pydicom(cells: np.ndarray, image: Description, syntax: str, photometric: str, precision: int) -> bytes:
    options: dict[str, Any] = {
        "rows": image.rows,
        "columns": image.columns,
        "samples_per_pixel": image.samples,
        "number_of_frames": 1,
        "bits_allocated": cells.dtype.itemsize * 8,
        "bits_stored": precision,
        "pixel_representation": int(cells.dtype.kind == "i"),
        "photometric_interpretation": photometric,
    }
    if image.samples > 1:
        options["planar_configuration"] = 0
    encoder = get_encoder(UID(syntax))
    return bytes(encoder.encode(_little(cells), encoding_plugin=_PLUGINS[coding_of(syntax)], **options))


def _rle(cells: np.ndarray) -> bytes:
    """By the plug-in itself: pydicom refuses samples of more than 16 bits, which it decodes."""
    from rle.utils import encode_pixel_data  # noqa: PLC0415 - an extra

    rows, columns, samples = cells.shape
    bits = cells.dtype.itemsize * 8
    options = {"rows": rows, "columns": columns, "samples_per_pixel": samples, "bits_allocated": bits}
    return bytes(encode_pixel_data(_little(cells), byteorder="<", **options))


def _little(cells: np.ndarray) -> bytes:
    return cells.astype(cells.dtype.newbyteorder("<"), copy=False).tobytes()


def _deflated(cells: np.ndarray, image: Description) -> bytes:
    if image.planar:
        cells = cells.transpose(2, 0, 1)
    packed = np.packbits(cells, bitorder="little").tobytes() if image.allocated == 1 else _little(cells)
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(packed) + deflater.flush()


def _jpeg_lossless(cells: np.ndarray, photometric: str, precision: int) -> bytes:
    import imagecodecs  # noqa: PLC0415 - large, and seldom needed

    space = None if cells.shape[2] == 1 else "YCBCR" if photometric.startswith("YBR") else "RGB"
    frame = cells[..., 0] if cells.shape[2] == 1 else cells
    return bytes(
        imagecodecs.jpeg8_encode(
            frame, lossless=True, predictor=1, bitspersample=precision, colorspace=space, outcolorspace=space
        )
    )


def _htj2k(cells: np.ndarray, image: Description, syntax: str) -> bytes:
    import imagecodecs  # noqa: PLC0415 - large, and seldom needed

    frame = cells[..., 0] if cells.shape[2] == 1 else cells
    rpcl = syntax == HTJ2KLosslessRPCL  # asks for RPCL order and a TLM marker (PS3.5 A.4.4)
    transformed = image.photometric == "YBR_RCT"
    coded = bytes(imagecodecs.htj2k_encode(frame, reversible=True, rgb=transformed, planar=False, tlm=rpcl))
    if rpcl and parse(coded, Coding.HTJ2K).progression != _RPCL:
        raise NotCoded
    return coded
