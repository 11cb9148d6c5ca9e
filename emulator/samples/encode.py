"""Pixel data elements, their encodings, and the file meta information."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    PYDICOM_IMPLEMENTATION_UID,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
)

IMPLEMENTATION_VERSION = "DICOM_SAMPLES"

__all__ = [
    "DeflatedExplicitVRLittleEndian",
    "ExplicitVRLittleEndian",
    "ImplicitVRLittleEndian",
    "JPEGBaseline8Bit",
    "RLELossless",
    "file_meta",
    "put_jpeg",
    "put_pixels",
]


def put_pixels(
    instance: Dataset, frames: NDArray[np.generic], *, bits_stored: int, photometric: str, planar: bool = False
) -> None:
    """Set the Image Pixel module (PS3.3 C.7.6.3) and native pixel data.

    `frames` is (rows, columns), (frames, rows, columns), or (..., rows, columns, 3) for RGB. `planar` stores colours
    plane by plane. Multi-frame instances get NumberOfFrames.
    """
    colour = photometric not in ("MONOCHROME1", "MONOCHROME2")
    rows, columns = frames.shape[-3:-1] if colour else frames.shape[-2:]
    instance.SamplesPerPixel = 3 if colour else 1
    instance.PhotometricInterpretation = photometric
    instance.Rows, instance.Columns = rows, columns
    instance.BitsAllocated = frames.dtype.itemsize * 8
    instance.BitsStored, instance.HighBit = bits_stored, bits_stored - 1
    instance.PixelRepresentation = int(frames.dtype.kind == "i")
    if colour:
        instance.PlanarConfiguration = int(planar)
    if frames.ndim > (3 if colour else 2):
        instance.NumberOfFrames = frames.shape[0]
    ordered = np.moveaxis(frames, -1, -3) if colour and planar else frames
    data = np.ascontiguousarray(ordered).astype(ordered.dtype.newbyteorder("<")).tobytes()
    instance.add_new("PixelData", "OW" if frames.dtype.itemsize > 1 else "OB", data + b"\0" * (len(data) % 2))


def put_jpeg(instance: Dataset, frames: NDArray[np.uint8]) -> None:
    """Set the Image Pixel module and JPEG Baseline pixel data, one fragment a frame.

    `frames` is (frames, rows, columns) or (frames, rows, columns, 3) RGB; colours are stored as YBR_FULL_422 with
    4:2:2 sampling, as PS3.5 section 8.2.1 expects.
    """
    colour = frames.ndim == 4
    put_pixels(instance, frames, bits_stored=8, photometric="RGB" if colour else "MONOCHROME2")
    if colour:
        instance.PhotometricInterpretation = "YBR_FULL_422"
    encoded = [_jpeg(frame) for frame in frames]
    instance.LossyImageCompression = "01"
    instance.LossyImageCompressionRatio = f"{frames.nbytes / sum(map(len, encoded)):.2f}"
    instance.LossyImageCompressionMethod = "ISO_10918_1"
    instance.add_new("PixelData", "OB", encapsulate(encoded))
    instance["PixelData"].is_undefined_length = True


def _jpeg(frame: NDArray[np.uint8]) -> bytes:
    stream = io.BytesIO()
    options = {"subsampling": "4:2:2"} if frame.ndim == 3 else {}
    Image.fromarray(frame).save(stream, "JPEG", quality=85, **options)
    return stream.getvalue()


def file_meta(instance: Dataset, transfer_syntax: UID, source_ae_title: str) -> FileMetaDataset:
    """The File Meta Information of PS3.10 section 7.1; group length and version come when it is written."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = instance.SOPClassUID
    meta.MediaStorageSOPInstanceUID = instance.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION
    meta.SourceApplicationEntityTitle = source_ae_title
    return meta
