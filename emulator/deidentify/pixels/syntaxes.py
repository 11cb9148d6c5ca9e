"""Transfer syntaxes as redaction sees them: how frames are coded, and how redacted images are stored (PS3.5 A)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from emulator.deidentify.errors import InstanceError

GE_IMPLICIT_BIG_PIXELS: Final = "1.2.840.113619.5.2"
"""GE's private syntax: Implicit VR Little Endian, but for Pixel Data, which is big endian."""

DEFLATED_IMAGE_FRAME: Final = "1.2.840.10008.1.2.8.1"
"""Deflated Image Frame Compression (PS3.5 A.4.11, edition 2024e)."""


class Coding(enum.Enum):
    """How the samples of a frame are coded."""

    NATIVE = "native"
    RLE = "RLE"
    DEFLATE = "deflate"
    JPEG = "JPEG"
    JPEG_LOSSLESS = "JPEG lossless"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"
    HTJ2K = "HTJ2K"


_CODINGS: Final[Mapping[str, Coding]] = MappingProxyType(
    {
        str(ImplicitVRLittleEndian): Coding.NATIVE,
        str(ExplicitVRLittleEndian): Coding.NATIVE,
        str(DeflatedExplicitVRLittleEndian): Coding.NATIVE,
        str(ExplicitVRBigEndian): Coding.NATIVE,
        GE_IMPLICIT_BIG_PIXELS: Coding.NATIVE,
        str(RLELossless): Coding.RLE,
        DEFLATED_IMAGE_FRAME: Coding.DEFLATE,
        "1.2.840.10008.1.2.4.50": Coding.JPEG,
        "1.2.840.10008.1.2.4.51": Coding.JPEG,
        str(JPEGLossless): Coding.JPEG_LOSSLESS,
        str(JPEGLosslessSV1): Coding.JPEG_LOSSLESS,
        str(JPEGLSLossless): Coding.JPEG_LS,
        "1.2.840.10008.1.2.4.81": Coding.JPEG_LS,
        str(JPEG2000Lossless): Coding.JPEG_2000,
        "1.2.840.10008.1.2.4.91": Coding.JPEG_2000,
        str(HTJ2KLossless): Coding.HTJ2K,
        str(HTJ2KLosslessRPCL): Coding.HTJ2K,
        "1.2.840.10008.1.2.4.203": Coding.HTJ2K,
    }
)

_LOSSY: Final = frozenset({"50", "51", "81", "91", "203"})
"""Last components below 1.2.840.10008.1.2.4 of the syntaxes whose coding may lose information."""

_JPEG_FAMILY: Final = "1.2.840.10008.1.2.4."
_VIDEO: Final = (*(f"{_JPEG_FAMILY}{number}" for number in range(100, 109)), "1.2.840.10008.1.2.7.")
"""MPEG-2, MPEG-4, HEVC and SMPTE ST 2110 (PS3.6 table A-1)."""

METHODS: Final[Mapping[Coding, str]] = MappingProxyType(
    {
        Coding.JPEG: "ISO_10918_1",
        Coding.JPEG_LS: "ISO_14495_1",
        Coding.JPEG_2000: "ISO_15444_1",
        Coding.HTJ2K: "ISO_15444_15",
    }
)
"""Defined terms of LossyImageCompressionMethod (PS3.3 C.7.6.1.1.5)."""

_STORED_AS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "explicit": str(ExplicitVRLittleEndian),
        "jpeg2000-lossless": str(JPEG2000Lossless),
        "jpeg-ls-lossless": str(JPEGLSLossless),
    }
)


def coding_of(syntax: str) -> Coding:
    """How frames are coded.

    Raises:
        InstanceError: they are video, or in a way that nothing here reads.
    """
    coding = _CODINGS.get(syntax)
    if coding is not None:
        return coding
    if syntax.startswith(_VIDEO):
        raise InstanceError("is a video, which cannot be searched for text; remove it or convert it to images")
    raise InstanceError("its transfer syntax is none whose pixels can be searched for text")


def is_lossy(syntax: str) -> bool:
    """Whether frames may have lost information, so that coding them again would lose more."""
    return syntax.startswith(_JPEG_FAMILY) and syntax.removeprefix(_JPEG_FAMILY) in _LOSSY


def redacted_syntax(syntax: str, lossy_output: str) -> str:
    """The transfer syntax of the image after redaction: the same, or for a lossy one a lossless one.

    `lossy_output` is one of `emulator.deidentify.options.LOSSY_OUTPUTS`.
    """
    return _STORED_AS[lossy_output] if is_lossy(syntax) else syntax
