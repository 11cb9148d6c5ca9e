"""What a retrieve request accepts (Healthcare API conformance statement, Retrieve transaction)."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.healthcare.dicom.part10 import EXPLICIT_LE
from emulator.healthcare.dicomweb.errors import bad_request, not_acceptable
from emulator.healthcare.dicomweb.media_types import BadMediaType, MediaType, parse_accept


@dataclass(frozen=True, slots=True)
class Wanted:
    """One acceptable form of the answer.

    Attributes:
        multipart: multipart/related, or the bare instance.
        transfer_syntax: a UID, or "*" for the stored bytes.
    """

    multipart: bool
    transfer_syntax: str


def wanted_dicom(accept: str, *, single_allowed: bool) -> list[Wanted]:
    """The acceptable forms of instances, best first.

    Args:
        accept: the Accept header; "" accepts everything.
        single_allowed: a bare application/dicom is an answer (for one instance).

    Raises:
        GoogleError: 406 when no form can be answered, 400 when the header cannot be read.
    """
    wanted = []
    for media_range in read_accept(accept):
        syntax = media_range.parameters.get("transfer-syntax", EXPLICIT_LE)
        if media_range.name in ("*/*", "multipart/*") or (
            media_range.name == "multipart/related" and media_range.part_type in ("application/dicom", "*/*", "")
        ):
            wanted.append(Wanted(multipart=True, transfer_syntax=syntax))
        elif media_range.name in ("application/dicom", "application/*") and single_allowed:
            wanted.append(Wanted(multipart=False, transfer_syntax=syntax))
    if not wanted:
        single = " or application/dicom" if single_allowed else ""
        raise not_acceptable(f'instances are answered as multipart/related; type="application/dicom"{single}')
    return wanted


def read_accept(accept: str) -> list[MediaType]:
    """The media ranges of an Accept header, best first.

    Raises:
        GoogleError: 400 when it cannot be read.
    """
    try:
        return parse_accept(accept)
    except BadMediaType as error:
        raise bad_request(f"Accept: {error}") from None
