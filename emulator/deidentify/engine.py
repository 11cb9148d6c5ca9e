"""De-identifying one file."""

from __future__ import annotations

import dataclasses
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, cast

from emulator.deidentify import byte_rewriter, dataset_rewriter, markers, part10
from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import (
    MEDIA_STORAGE_SOP_CLASS_UID,
    PRIMARY_IDS,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
)
from emulator.deidentify.bounded import inflate
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.files import whole_file, write_file
from emulator.deidentify.insertion import insert
from emulator.deidentify.instance import Instance
from emulator.deidentify.profile import Profile
from emulator.deidentify.rewritten import Piece, Rewritten
from emulator.deidentify.scan import scan
from emulator.deidentify.uids import is_uid
from emulator.deidentify.values import text_of_uid

HEAD_BYTES: Final = 32 * 2**10
"""What is read of a file at first: the elements before Pixel Data seldom take more."""

INFLATED_LIMIT_BYTES: Final = 2**30
"""What a deflated data set may grow to: 1 GiB."""

_KEYWORDS: Final = {
    SOP_CLASS_UID: "SOPClassUID",
    SOP_INSTANCE_UID: "SOPInstanceUID",
    STUDY_INSTANCE_UID: "StudyInstanceUID",
    SERIES_INSTANCE_UID: "SeriesInstanceUID",
}

_DICOMDIR: Final = "1.2.840.10008.1.3.10"
"""Media Storage Directory Storage."""

Rewriter = Literal["bytes", "dataset"]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a de-identified instance is called now.

    Attributes:
        study_instance_uid: as written; so are the next two.
        series_instance_uid: .
        sop_instance_uid: .
        sop_class_uid: unchanged.
        transfer_syntax_uid: unchanged, or the one found when the file stated none.
        rewriter: which of the two did it; their results are equal data sets.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    rewriter: Rewriter


def deidentify_file(source: Path, destination: Path, profile: Profile) -> Outcome:
    """De-identify the DICOM file `source` into `destination`, which appears whole or not at all.

    A file that is there already is replaced. Elements that need no change are copied; pixel data is the same bytes,
    unless text in it is redacted.

    Raises:
        InstanceError: the instance cannot be de-identified.
        OSError: a file cannot be read or written.
    """
    file = os.open(source, os.O_RDONLY)
    try:
        size = os.fstat(file).st_size
        head = os.read(file, HEAD_BYTES)
        if profile.image is None and size > len(head) and (result := _by_head(head, size, profile)):
            write_file(destination, result[0], file)
            return result[1]
        with whole_file(file) as data:
            pieces, outcome = deidentify_data(data, profile)
            write_file(destination, pieces, file)
            pieces.clear()  # views on a mapping have to go before it does
    finally:
        os.close(file)
    return outcome


def _by_head(head: bytes, size: int, profile: Profile) -> tuple[list[Piece], Outcome] | None:
    """The result for a file of which only the beginning has been read; None when that is not enough."""
    try:
        meta, position = part10.read_meta(head)
        syntax = part10.transfer_syntax(meta)
        if position >= len(head) or syntax is None or not is_uid(syntax) or part10.is_deflated(syntax):
            return None
        encoding = part10.encoding_of(syntax)
        if part10.encoding_found(head, position, encoding) != encoding:
            return None
        instance = _instance(head, position, encoding, profile)
        rewritten = byte_rewriter.rewrite(head, size, position, profile, encoding, instance)
        if rewritten is None:
            return None
        _mark(rewritten, profile, encoding)
        return _finished(rewritten, meta, profile, syntax, "bytes")
    except InstanceError:  # the whole file may tell a better reason
        return None


def deidentify_data(
    data: part10.Buffer, profile: Profile, rewriter: Rewriter | None = None
) -> tuple[list[Piece], Outcome]:
    """De-identify the content of a DICOM file; the new content in pieces, none of them a `Span`.

    Args:
        data: the whole file.
        profile: what to do.
        rewriter: the one to use, for comparison; by default the fast one, and the tolerant one for what that declines.

    Raises:
        InstanceError: the instance cannot be de-identified, or the given rewriter declines it.
    """
    opened = _open(data)
    instance = _instance(opened.data, opened.position, opened.found, profile)
    if profile.image is not None and instance is not None:
        from emulator.deidentify.pixels.clean import clean_pixels  # noqa: PLC0415 - others need no codecs

        redacted = clean_pixels(data, profile.image, instance, profile.options)
        opened = opened if redacted is None else _open(redacted)
    rewritten, used = _rewrite(opened, profile, instance, rewriter)
    _mark(rewritten, profile, opened.target)
    if not opened.stated and rewritten.encapsulated:
        raise InstanceError("has compressed pixel data but states no TransferSyntaxUID")
    if opened.deflated:
        rewritten.pieces = _deflate(rewritten.pieces)
    return _finished(rewritten, opened.meta, profile, opened.syntax, used)


@dataclasses.dataclass(frozen=True)
class _Opened:
    """A file taken apart as far as its data set.

    Attributes:
        data: what the data set lies in, inflated.
        position: where it begins.
        meta: file meta information.
        syntax: the transfer syntax, stated or guessed.
        stated: whether the file says which.
        deflated: whether the data set was deflated.
        target: the encoding the transfer syntax asks for.
        found: the encoding the data set has.
    """

    data: part10.Buffer
    position: int
    meta: part10.Meta
    syntax: str
    stated: bool
    deflated: bool
    target: part10.Encoding
    found: part10.Encoding


def _open(data: part10.Buffer) -> _Opened:
    """Take a file apart.

    Raises:
        InstanceError: it is no DICOM file with an instance in it, or cannot be inflated.
    """
    meta, position = part10.read_meta(data)
    if MEDIA_STORAGE_SOP_CLASS_UID in meta and text_of_uid(meta[MEDIA_STORAGE_SOP_CLASS_UID][1]) == _DICOMDIR:
        raise InstanceError("is a DICOMDIR: it indexes files by their names and is no instance of a patient")
    stated = part10.transfer_syntax(meta)
    syntax = stated or part10.guess_syntax(data, position)
    if not is_uid(syntax):
        raise InstanceError("TransferSyntaxUID is not a UID")
    deflated = part10.is_deflated(syntax)
    if deflated:
        data, position = inflate(data, position, INFLATED_LIMIT_BYTES), 0
    target = part10.encoding_of(syntax)
    found = part10.encoding_found(data, position, target)
    return _Opened(data, position, meta, syntax, stated is not None, deflated, target, found)


def _instance(data: part10.Buffer, position: int, encoding: part10.Encoding, profile: Profile) -> Instance | None:
    """What texts and pixels are judged by; None when the profile looks at neither."""
    if profile.text is None and profile.image is None:
        return None
    return scan(data, position, encoding, profile.options)


def _finished(
    rewritten: Rewritten, meta: part10.Meta, profile: Profile, syntax: str, used: Rewriter
) -> tuple[list[Piece], Outcome]:
    outcome = _outcome(rewritten, profile, syntax, used)
    kept = {tag: meta[tag] for tag in profile.kept_meta if tag in meta}
    head = part10.build_meta(outcome.sop_class_uid, outcome.sop_instance_uid, syntax, kept)
    return [head, *rewritten.pieces], outcome


def _rewrite(
    opened: _Opened, profile: Profile, instance: Instance | None, rewriter: Rewriter | None
) -> tuple[Rewritten, Rewriter]:
    data, position, target, found = opened.data, opened.position, opened.target, opened.found
    if rewriter != "dataset":
        if found == target:
            rewritten = byte_rewriter.rewrite(data, len(data), position, profile, found, instance)
            if rewritten is not None:
                return rewritten, "bytes"
        if rewriter == "bytes":
            raise InstanceError("the byte rewriter declines it")
    return dataset_rewriter.rewrite(data, position, found, target, profile, instance), "dataset"


def _mark(rewritten: Rewritten, profile: Profile, encoding: part10.Encoding) -> None:
    """Write what the engine's settings have an instance say of its de-identification."""
    if profile.options.mark_deidentified:
        rewritten.pieces = insert(rewritten.pieces, markers.elements(profile, encoding), encoding)


def _outcome(rewritten: Rewritten, profile: Profile, syntax: str, used: Rewriter) -> Outcome:
    new: dict[int, str] = {}
    for tag, keyword in _KEYWORDS.items():
        identity = rewritten.identities.get(tag)
        old = text_of_uid(identity.old) if identity else ""
        if identity is None or not old:
            raise InstanceError(f"has no {keyword}")
        kept = tag not in PRIMARY_IDS or profile.ids[tag] is Action.KEEP
        if "\\" in old or (kept and not is_uid(old)):
            raise InstanceError(f"{keyword} is not a UID")
        new[tag] = text_of_uid(identity.new)
    return Outcome(
        study_instance_uid=new[STUDY_INSTANCE_UID],
        series_instance_uid=new[SERIES_INSTANCE_UID],
        sop_instance_uid=new[SOP_INSTANCE_UID],
        sop_class_uid=new[SOP_CLASS_UID],
        transfer_syntax_uid=syntax,
        rewriter=used,
    )


def _deflate(pieces: Sequence[Piece]) -> list[Piece]:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    inflated = cast("Sequence[bytes | memoryview]", pieces)  # the whole file is in memory: there are no spans
    deflated = b"".join([*map(deflater.compress, inflated), deflater.flush()])
    return [deflated + b"\0" * (len(deflated) % 2)]
