"""The frame of a DICOM file: preamble, file meta information, and the encoding of the data set after them (PS3.10)."""

from __future__ import annotations

import dataclasses
import functools
import mmap
import struct
from collections.abc import Mapping
from typing import Final

from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from emulator.deidentify.attributes import (
    LONG_VRS,
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    TRANSFER_SYNTAX_UID,
    VALUE_REPRESENTATIONS,
)
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.values import pad, text_of_uid

PREAMBLE_BYTES: Final = 128
IMPLEMENTATION_CLASS_UID: Final = "2.25.255132118075623135544874300323359323620"
IMPLEMENTATION_VERSION_NAME: Final = "DEIDENTIFY_1"

_FILE_META_INFORMATION_VERSION: Final = 0x00020001
_IMPLEMENTATION_CLASS_UID: Final = 0x00020012
_IMPLEMENTATION_VERSION_NAME: Final = 0x00020013
_PRIVATE_SYNTAXES_IMPLICIT: Final = frozenset({"1.2.840.113619.5.2"})
"""GE's "Implicit VR Big Endian DLX": a little endian implicit data set with big endian pixels."""

_VRS: Final = {vr.encode("ascii"): vr for vr in VALUE_REPRESENTATIONS}
_unpack_header = struct.Struct("<HH2sH").unpack_from
_unpack_length = struct.Struct("<I").unpack_from

Buffer = bytes | mmap.mmap
"""A file's content: in memory, or mapped when it is large."""

Meta = Mapping[int, tuple[str, bytes]]
"""File meta information: tag -> (VR, value), the group length left out."""


@dataclasses.dataclass(frozen=True)
class Encoding:
    """How a data set is written."""

    implicit: bool
    little_endian: bool


EXPLICIT_LITTLE: Final = Encoding(implicit=False, little_endian=True)
IMPLICIT_LITTLE: Final = Encoding(implicit=True, little_endian=True)
EXPLICIT_BIG: Final = Encoding(implicit=False, little_endian=False)


def read_meta(data: Buffer) -> tuple[Meta, int]:
    """The file meta information and the position at which the data set begins.

    The group length is not relied on: real files have wrong ones.

    Raises:
        InstanceError: there is no DICM prefix, or the file meta information cannot be read.
    """
    if bytes(data[PREAMBLE_BYTES : PREAMBLE_BYTES + 4]) != b"DICM":
        raise InstanceError("is not a DICOM file: no DICM prefix after the preamble")
    meta: dict[int, tuple[str, bytes]] = {}
    position = PREAMBLE_BYTES + 4
    try:
        while data[position : position + 2] == b"\x02\x00":
            group, element, raw_vr, length = _unpack_header(data, position)
            vr = _VRS.get(raw_vr)
            if vr is None:
                raise InstanceError("file meta information is not in Explicit VR Little Endian")
            position += 8
            if vr in LONG_VRS:
                (length,) = _unpack_length(data, position)
                position += 4
            value = data[position : position + length]
            if len(value) < length:
                raise InstanceError("file meta information is truncated")
            if element:
                meta[group << 16 | element] = (vr, value)
            position += length
    except struct.error:
        raise InstanceError("file meta information is truncated") from None
    return meta, position


def transfer_syntax(meta: Meta) -> str | None:
    """TransferSyntaxUID; None when the file does not state one."""
    return text_of_uid(meta[TRANSFER_SYNTAX_UID][1]) or None if TRANSFER_SYNTAX_UID in meta else None


def encoding_of(syntax: str) -> Encoding:
    """The encoding of a transfer syntax; with compressed pixels it is Explicit VR Little Endian (PS3.5 A.4)."""
    if syntax == ImplicitVRLittleEndian or syntax in _PRIVATE_SYNTAXES_IMPLICIT:
        return IMPLICIT_LITTLE
    if syntax == ExplicitVRBigEndian:
        return EXPLICIT_BIG
    return EXPLICIT_LITTLE


def encoding_found(data: Buffer, position: int, stated: Encoding) -> Encoding:
    """How the element at `position` is written: some systems state explicit VR and write implicit, or the reverse.

    Two letters of a VR, read as the low half of a length, would be an element of more than 16,000 bytes: no first one.
    """
    head = bytes(data[position : position + 6])
    if len(head) < 6 or not stated.little_endian:
        return stated
    return EXPLICIT_LITTLE if head[4:6] in _VRS else IMPLICIT_LITTLE


def is_deflated(syntax: str) -> bool:
    """Whether the data set is compressed as a whole (PS3.5 A.5)."""
    return syntax == DeflatedExplicitVRLittleEndian


def guess_syntax(data: Buffer, position: int) -> str:
    """The uncompressed transfer syntax in which the element at `position` reads: for files that state none.

    The first groups of a data set are small, so that one read in the wrong byte order is 0x0100 or more.
    """
    head = bytes(data[position : position + 6])
    if head[4:6] not in _VRS:
        return str(ImplicitVRLittleEndian)
    big = head[0] == 0 and head[1] != 0
    return str(ExplicitVRBigEndian if big else ExplicitVRLittleEndian)


def build_meta(sop_class_uid: str, sop_instance_uid: str, syntax: str, kept: Meta) -> bytes:
    """Preamble, prefix and file meta information for the new file.

    Everything in them that described where the file came from is replaced "with a description of the de-identifying
    application" (PS3.15 E.1.1), except for `kept`.
    """
    before, after = _meta_around(sop_class_uid, syntax, tuple(kept.items()))
    uid = pad(sop_instance_uid.encode("latin-1"), "UI")
    body = before + encode(MEDIA_STORAGE_SOP_INSTANCE_UID, "UI", uid, EXPLICIT_LITTLE) + after
    return _BEFORE_GROUP_LENGTH + struct.pack("<I", len(body)) + body


@functools.lru_cache(maxsize=256)
def _meta_around(
    sop_class_uid: str, syntax: str, kept: tuple[tuple[int, tuple[str, bytes]], ...]
) -> tuple[bytes, bytes]:
    """The elements before and after MediaStorageSOPInstanceUID, which are the same for all instances of a series."""
    elements: dict[int, tuple[str, bytes]] = {
        _IMPLEMENTATION_CLASS_UID: ("UI", IMPLEMENTATION_CLASS_UID.encode("ascii")),
        _IMPLEMENTATION_VERSION_NAME: ("SH", IMPLEMENTATION_VERSION_NAME.encode("ascii")),
        **dict(kept),
        _FILE_META_INFORMATION_VERSION: ("OB", b"\0\1"),
        MEDIA_STORAGE_SOP_CLASS_UID: ("UI", sop_class_uid.encode("latin-1")),
        TRANSFER_SYNTAX_UID: ("UI", syntax.encode("latin-1")),
    }
    elements.pop(MEDIA_STORAGE_SOP_INSTANCE_UID, None)
    written = [(tag, encode(tag, vr, pad(value, vr), EXPLICIT_LITTLE)) for tag, (vr, value) in sorted(elements.items())]
    return (
        b"".join(element for tag, element in written if tag < MEDIA_STORAGE_SOP_INSTANCE_UID),
        b"".join(element for tag, element in written if tag > MEDIA_STORAGE_SOP_INSTANCE_UID),
    )


def encode(tag: int, vr: str, value: bytes, encoding: Encoding) -> bytes:
    """A whole data element (PS3.5 section 7.1)."""
    return header(tag, vr, len(value), encoding) + value


UNDEFINED_LENGTH: Final = 0xFFFFFFFF

_BEFORE_GROUP_LENGTH: Final = b"\0" * PREAMBLE_BYTES + b"DICM\2\0\0\0UL\4\0"
"""Preamble, prefix and the header of FileMetaInformationGroupLength."""


def header(tag: int, vr: str, length: int, encoding: Encoding) -> bytes:
    """Tag, VR and length of a data element. A value too long for its VR's length field goes out as UN (PS3.5 6.2.2)."""
    order = "<" if encoding.little_endian else ">"
    if encoding.implicit:
        return struct.pack(order + "HHI", tag >> 16, tag & 0xFFFF, length)
    if vr not in LONG_VRS and length > 0xFFFF:
        vr = "UN"
    if vr in LONG_VRS:
        return struct.pack(order + "HH2s2xI", tag >> 16, tag & 0xFFFF, vr.encode("ascii"), length)
    return struct.pack(order + "HH2sH", tag >> 16, tag & 0xFFFF, vr.encode("ascii"), length)
