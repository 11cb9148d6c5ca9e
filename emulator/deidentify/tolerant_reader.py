"""Reading data sets with pydicom, whatever their encoding, without decoding a value."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator, read_sequence
from pydicom.sequence import Sequence

from emulator.deidentify.bounded import BoundedReader, Budget
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.part10 import Buffer, Encoding
from emulator.deidentify.quiet import quiet

Element = RawDataElement | DataElement
"""As pydicom's reader yields them: sequences of undefined length parsed, all else raw."""


@contextmanager
def reading(budget: Budget) -> Iterator[None]:
    """Read quietly, within a budget, and say in one way what is wrong.

    Raises:
        InstanceError: pydicom cannot make sense of the data; or reading it would take more than the budget has.
    """
    try:
        with quiet():
            yield
    except (InstanceError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - pydicom raises many kinds for malformed data; their messages hold values
        if budget.exhausted is not None:
            raise budget.exhausted from None
        if isinstance(error, RecursionError) or isinstance(error.__context__, RecursionError):
            raise InstanceError("sequences are nested too deeply") from None
        raise InstanceError("the data set is malformed and cannot be read") from None


def read_elements(data: Buffer, position: int, encoding: Encoding, budget: Budget) -> list[Element]:
    """Every element of the data set at `position`.

    Raises:
        InstanceError: the data set ends before the data does.
    """
    stream = BoundedReader(data, budget, position)
    elements = list(data_element_generator(cast(BinaryIO, stream), encoding.implicit, encoding.little_endian))
    if stream.tell() < len(data):
        raise InstanceError("the data set ends before the file does")
    return elements


def raw_elements(dataset: Dataset) -> Iterator[Element]:
    """An item's elements as they were read; `keep_deferred` is what stops pydicom from converting the empty ones."""
    for tag in dataset.keys():  # noqa: SIM118 - iterating the data set itself would decode it
        yield cast(Element, dataset.get_item(tag, keep_deferred=True))


def items_of(element: RawDataElement, value: bytes, budget: Budget) -> Sequence:
    """The items of a sequence of defined length. One in UN is in Implicit VR Little Endian (PS3.5 section 6.2.2).

    Raises:
        InstanceError: it is UN in a big endian file, which pydicom cannot read.
    """
    implicit = element.is_implicit_VR or element.VR != "SQ"
    if implicit and not element.is_little_endian:
        raise InstanceError("holds a sequence encoded as UN in a big endian file, which is not supported")
    stream = cast(BinaryIO, BoundedReader(value, budget))
    return read_sequence(stream, implicit, element.is_little_endian, len(value), "iso8859")


def is_in_fragments(value: bytes, *, little_endian: bool) -> bool:
    """Whether a value of undefined length consists of items, as encapsulated pixel data does (PS3.5 section A.4).

    pydicom takes anything up to the next sequence delimitation, which may be other elements.
    """
    layout = struct.Struct(("<" if little_endian else ">") + "HHI")
    position = 0
    while position + layout.size <= len(value):
        group, element, length = layout.unpack_from(value, position)
        if (group, element) != (0xFFFE, 0xE000):
            return False
        position += layout.size + length
    return position == len(value)
