"""Redacting the text of one instance: its pixels, overlays and icons."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final

import numpy as np

from emulator.deidentify.attributes import tag_of
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.instance import Instance
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.part10 import Buffer
from emulator.deidentify.pixels import walk
from emulator.deidentify.pixels.boxes import Box
from emulator.deidentify.pixels.config import ImagePlan
from emulator.deidentify.pixels.description import PIXEL_ELEMENTS, Description, describe
from emulator.deidentify.pixels.elements import DataSet, Written
from emulator.deidentify.pixels.find import find_boxes
from emulator.deidentify.pixels.image import NewImage, clean_image
from emulator.deidentify.pixels.image_file import ImageFile, read_file
from emulator.deidentify.pixels.overlays import clean_overlays
from emulator.deidentify.pixels.syntaxes import Coding, coding_of
from emulator.deidentify.quiet import quiet

ICON_IMAGE_SEQUENCE: Final = 0x00880200
BURNED_IN_ANNOTATION: Final = 0x00280301

_ENCAPSULATED_DOCUMENT: Final = 0x00420011
_MIME_TYPE: Final = tag_of("MIMETypeOfEncapsulatedDocument")
_PIXEL_DATA_PROVIDER_URL: Final = 0x00287FE0
_PIXEL_MARKS: Final = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")
"""The tag of Pixel Data in either byte order. Other pixel elements do not occur in icons (PS3.3 F.7)."""

FindBoxes = Callable[[np.ndarray, ImagePlan, Instance], list[Box]]


def clean_pixels(
    data: Buffer, plan: ImagePlan, instance: Instance, options: EngineOptions, find: FindBoxes = find_boxes
) -> bytes | None:
    """The file with all text that the plan asks for blanked; None when there is none, or nothing to look for it in.

    Pixel Data, float pixels, overlays and icons anywhere in the instance are searched. Only they and what describes
    them are changed, every other byte of the data set stays; so do pixels outside the boxes. Text found in one frame is
    blanked in all, and at the same place in the instance's own icon.

    Args:
        data: a whole Part 10 file.
        plan: which text.
        instance: what its text is judged by.
        options: the limits, how lossy images are stored, and whether BurnedInAnnotation is written.
        find: looks for text in a picture of 8 bits, shaped (rows, columns) or (rows, columns, 3).

    Raises:
        InstanceError: the instance has content that cannot be searched or redacted.
    """
    if len(data) > options.max_redaction_bytes:
        raise InstanceError(f"is larger than {options.max_redaction_bytes} bytes, the limit for redaction of pixels")
    try:
        with quiet():
            file = read_file(data, options.max_uncompressed_bytes)
            return _Cleaning(file, options, lambda view: find(view, plan, instance)).result()
    except InstanceError:
        raise
    except Exception:  # noqa: BLE001 - whatever goes wrong, nothing unsearched may pass, and no value be quoted
        raise InstanceError("its pixels cannot be searched for text") from None


class _Cleaning:
    """The redaction of one file."""

    def __init__(self, file: ImageFile, options: EngineOptions, find: Callable[[np.ndarray], list[Box]]) -> None:
        self._file = file
        self._options = options
        self._find = find
        self._searched = False

    def result(self) -> bytes | None:
        """The new file, or None.

        Raises:
            InstanceError: something cannot be searched.
        """
        top = self._file.data_set
        _refuse_unreadable(top)
        main = self._image(top)
        changes: dict[int, Written | bytes | None] = dict(main.changes) if main else {}
        overlays = clean_overlays(top, self._find)
        changes |= overlays
        syntax = main.syntax if main and main.changes else self._file.syntax
        native = syntax != self._file.syntax and coding_of(syntax) is Coding.NATIVE
        changes |= self._sequences(top, main, native=native)
        if self._options.mark_deidentified and (self._searched or overlays):
            changes |= _marked(top)
        if not changes:
            return None
        return self._file.written(changes, syntax)

    def _image(self, data_set: DataSet, *, native: bool = False, blanked: NewImage | None = None) -> NewImage | None:
        image = describe(data_set)
        if image is None:
            return None
        self._searched = True
        return clean_image(
            data_set,
            image,
            self._file.syntax,
            self._options,
            self._find,
            nested=data_set is not self._file.data_set,
            uncompress=native,
            also=_scaled(blanked, image) if blanked else [],
        )

    def _sequences(self, data_set: DataSet, main: NewImage | None, *, native: bool) -> dict[int, bytes]:
        """Sequences with pixels in them, as far as those change. `main`: the image that an icon here shows."""
        changes: dict[int, bytes] = {}
        for element in walk.sequences(data_set, _PIXEL_MARKS):
            shown = main if element.tag == ICON_IMAGE_SEQUENCE else None
            new = walk.edited(data_set, element, functools.partial(self._item, shown=shown, native=native))
            if new is not None:
                changes[element.tag] = new
        return changes

    def _item(self, item: DataSet, *, shown: NewImage | None, native: bool) -> dict[int, Written | bytes | None]:
        found = self._image(item, native=native, blanked=shown)
        changes: dict[int, Written | bytes | None] = dict(found.changes) if found else {}
        return changes | self._sequences(item, None, native=native)


def _scaled(main: NewImage, icon: Description) -> list[Box]:
    """The boxes of an image where they are in its icon (PS3.3 C.7.6.1.1.6: the icon is representative of the image)."""
    return [box.scale(icon.columns / main.columns, icon.rows / main.rows) for box in main.boxes]


def _marked(top: DataSet) -> dict[int, Written]:
    if top.words(BURNED_IN_ANNOTATION) == ["NO"] or not any(tag in top for tag in PIXEL_ELEMENTS):
        return {}
    return {BURNED_IN_ANNOTATION: Written("CS", b"NO")}


def _refuse_unreadable(top: DataSet) -> None:
    """Refuse what people can read text in and this cannot.

    Raises:
        InstanceError: it is an encapsulated document other than a 3D model, or its pixels lie elsewhere.
    """
    if _ENCAPSULATED_DOCUMENT in top and not top.words(_MIME_TYPE)[0].startswith("model/"):
        raise InstanceError("is an encapsulated document, which cannot be searched for text")
    if _PIXEL_DATA_PROVIDER_URL in top:
        raise InstanceError("has its pixels elsewhere, where they cannot be searched for text")
