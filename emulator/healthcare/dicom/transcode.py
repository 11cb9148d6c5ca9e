"""Rewriting an instance in Explicit VR Little Endian, as WADO-RS answers by default (PS3.18 8.7.3.5.2)."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import pydicom
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.pixels import get_decoder
from pydicom.uid import UID, ExplicitVRLittleEndian

from emulator.healthcare.dicom.part10 import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE

_WORD_BYTES = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
_NATIVE = frozenset((IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE, DEFLATED_LE))


class CannotTranscode(Exception):
    """The instance cannot be given in Explicit VR Little Endian here. Holds no value of the file."""


def hush_pydicom() -> None:
    """Keep pydicom's warnings, which quote values, out of the log. Call once where instances are served."""
    config.settings.reading_validation_mode = config.IGNORE
    config.settings.writing_validation_mode = config.IGNORE
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")


def can_decode(transfer_syntax: str) -> bool:
    """Whether pixel data of this transfer syntax can be decompressed with what is installed."""
    if transfer_syntax in _NATIVE:
        return True
    try:
        return bool(get_decoder(UID(transfer_syntax)).is_available)
    except NotImplementedError:
        return False


def to_explicit_little_endian(source: Path, target: Path) -> None:
    """Write the instance at `source` to `target` uncompressed, with its own UIDs.

    Raises:
        CannotTranscode: no decoder for its transfer syntax, or the decoder refuses the pixel data.
    """
    # pydicom, its codecs and the values in real files fail in many ways; each is the same answer to the client.
    try:
        dataset = pydicom.dcmread(source)
        syntax = dataset.file_meta.TransferSyntaxUID
        if syntax.is_encapsulated and "PixelData" in dataset:
            dataset.decompress(generate_instance_uid=False)
        _decode_elements(dataset, swap_words=not syntax.is_little_endian)
        meta = dataset.file_meta
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        meta.FileMetaInformationGroupLength = 0  # so that it is there; pydicom puts the length in
        pydicom.dcmwrite(target, dataset, implicit_vr=False, little_endian=True, force_encoding=True)
    except Exception as error:  # noqa: BLE001 - see above
        target.unlink(missing_ok=True)
        raise CannotTranscode(
            f"the instance cannot be decompressed here ({type(error).__name__}); "
            "ask for the stored bytes with transfer-syntax=*"
        ) from None


def _decode_elements(dataset: Dataset, *, swap_words: bool) -> None:
    """Have pydicom decode every element: what it did not decode it would write in the encoding it was read in.

    The values of word VRs it leaves as they are in any case; `swap_words` turns their bytes around.
    """
    for element in dataset.iterall():
        size = _WORD_BYTES.get(element.VR) if swap_words else None
        if size is not None and element.value:
            value = bytearray(element.value)
            whole = len(value) - len(value) % size
            for offset in range(size // 2):
                one, other = slice(offset, whole, size), slice(size - 1 - offset, whole, size)
                value[one], value[other] = value[other], value[one]
            element.value = bytes(value)
