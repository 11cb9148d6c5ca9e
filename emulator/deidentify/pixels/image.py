"""One image, the instance's own or an icon: searched, and redacted if need be."""

from __future__ import annotations

import dataclasses
import struct
from typing import Final

from pydicom.uid import ExplicitVRLittleEndian

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.boxes import Box, merge
from emulator.deidentify.pixels.description import Description
from emulator.deidentify.pixels.display import Display
from emulator.deidentify.pixels.elements import DataSet, Written
from emulator.deidentify.pixels.frames import EncapsulatedFrames, NativeFrames, open_frames
from emulator.deidentify.pixels.lossy import lossy_history
from emulator.deidentify.pixels.overlays import embedded_planes
from emulator.deidentify.pixels.redact import redact_compressed, redact_native, store_native
from emulator.deidentify.pixels.search import Blanks, Find, search
from emulator.deidentify.pixels.syntaxes import Coding, coding_of, is_lossy, redacted_syntax

_SMALLEST: Final = 0x00280106
_LARGEST: Final = 0x00280107


@dataclasses.dataclass(frozen=True)
class NewImage:
    """An image after the search.

    Attributes:
        rows: of the image.
        columns: of the image.
        boxes: what was blanked in it.
        changes: to the data set it is in; none when nothing was found.
        syntax: the transfer syntax that it is in with those changes.
    """

    rows: int
    columns: int
    boxes: list[Box]
    changes: dict[int, Written | bytes | None]
    syntax: str


def clean_image(
    data_set: DataSet,
    image: Description,
    syntax: str,
    options: EngineOptions,
    find: Find,
    *,
    nested: bool = False,
    uncompress: bool = False,
    also: list[Box] | None = None,
) -> NewImage:
    """Search an image, and redact what is found.

    Args:
        data_set: the data set or item it is in.
        image: its description.
        syntax: the file's transfer syntax.
        options: limits, and how lossy images are stored.
        find: looks for text in a picture.
        nested: whether it is in a sequence, where compressed pixels become uncompressed when they change (PS3.5 A.4
            leaves that open).
        uncompress: whether it has to become uncompressed even when nothing is found, as the rest of the file does.
        also: boxes to be blanked whatever is found.

    Raises:
        InstanceError: the image is too large or cannot be searched.
    """
    coding = coding_of(syntax)
    if image.size_bytes > options.max_uncompressed_bytes:
        raise InstanceError(
            f"its pixels take more than {options.max_uncompressed_bytes} bytes, the limit for redaction of pixels"
        )
    frames = open_frames(data_set, image, syntax, coding)
    blanks = search(frames, Display(data_set, image), embedded_planes(data_set, image), find)
    if also:
        boxes = merge(box.clip(image.columns, image.rows) for box in [*blanks.boxes, *also])
        blanks = dataclasses.replace(blanks, boxes=boxes)
    changes: dict[int, Written | bytes | None] = {}
    new_syntax = syntax
    if isinstance(frames, NativeFrames):
        if blanks:
            changes |= redact_native(frames, data_set, blanks)
    elif nested:
        if blanks or uncompress:
            changes |= store_native(frames, data_set, blanks)
    elif blanks:
        stored, new_syntax = _stored(frames, data_set, blanks, syntax, options.lossy_output)
        changes |= stored
        if is_lossy(syntax):
            changes |= lossy_history(frames, data_set, coding)
    if blanks:
        changes |= _range(data_set, image, blanks)
    return NewImage(image.rows, image.columns, blanks.boxes, changes, new_syntax)


def _stored(
    frames: EncapsulatedFrames, data_set: DataSet, blanks: Blanks, syntax: str, lossy_output: str
) -> tuple[dict[int, Written | bytes | None], str]:
    """The redacted frames and the syntax they are in: uncompressed when they cannot be coded in the one wanted."""
    wanted = redacted_syntax(syntax, lossy_output)
    coded = None
    if coding_of(wanted) is not Coding.NATIVE:
        coded = redact_compressed(frames, data_set, blanks, wanted)
    if coded is not None:
        return coded, wanted
    return store_native(frames, data_set, blanks), str(ExplicitVRLittleEndian)


def _range(data_set: DataSet, image: Description, blanks: Blanks) -> dict[int, Written]:
    """SmallestImagePixelValue and LargestImagePixelValue, where black is beyond them."""
    changes: dict[int, Written] = {}
    if image.samples > 1 or image.is_float or not blanks.boxes:
        return changes
    code = ("<" if data_set.encoding.little_endian else ">") + ("h" if image.signed else "H")
    for tag, further in ((_SMALLEST, min), (_LARGEST, max)):
        value = data_set.value(tag)
        if len(value) != struct.calcsize(code):
            continue
        (old,) = struct.unpack(code, value)
        new = further(old, int(blanks.black[0]))
        if new != old and -(2**15) <= new < 2 ** (15 if image.signed else 16):
            changes[tag] = Written("SS" if image.signed else "US", struct.pack(code, new))
    return changes
