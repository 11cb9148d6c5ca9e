"""Reading data sets with pydicom, whatever their encoding, without decoding a value."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator, read_sequence
from pydicom.sequence import Sequence

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.part10 import Encoding

Element = RawDataElement | DataElement
"""As pydicom's reader yields them: sequences of undefined length parsed, all else raw."""


@contextmanager
def silence() -> Iterator[None]:
    """Keep pydicom from warning and logging: its messages quote values."""
    logger = logging.getLogger("pydicom")
    disabled = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = disabled


def read_elements(data: bytes, encoding: Encoding) -> list[Element]:
    """Every element of a data set.

    Raises:
        InstanceError: the data set ends before the data does.
    """
    stream = io.BytesIO(data)
    elements = list(data_element_generator(stream, encoding.implicit, encoding.little_endian))
    if stream.tell() < len(data):
        raise InstanceError("the data set ends before the file does")
    return elements


def raw_elements(dataset: Dataset) -> Iterator[Element]:
    """An item's elements as they were read; `keep_deferred` is what stops pydicom from converting the empty ones."""
    for tag in dataset.keys():  # noqa: SIM118 - iterating the data set itself would decode it
        yield cast(Element, dataset.get_item(tag, keep_deferred=True))


def items_of(element: RawDataElement, value: bytes) -> Sequence:
    """The items of a sequence of defined length. One in UN is in Implicit VR Little Endian (PS3.5 section 6.2.2).

    Raises:
        InstanceError: it is UN in a big endian file, which pydicom cannot read.
    """
    implicit = element.is_implicit_VR or element.VR != "SQ"
    if implicit and not element.is_little_endian:
        raise InstanceError("holds a sequence encoded as UN in a big endian file, which is not supported")
    return read_sequence(io.BytesIO(value), implicit, element.is_little_endian, len(value), "iso8859")
