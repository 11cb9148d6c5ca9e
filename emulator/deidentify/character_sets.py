"""SpecificCharacterSet as Python codecs."""

from __future__ import annotations

import functools
import warnings

from pydicom.charset import convert_encodings, default_encoding


@functools.lru_cache(maxsize=256)
def codecs_of(value: bytes) -> tuple[str, ...]:
    """The Python codecs for a value of SpecificCharacterSet, the first for text before any escape sequence.

    Unknown terms stand for the default repertoire (pydicom.charset.convert_encodings).
    """
    terms = [term.strip(" \0") for term in value.decode("latin-1").split("\\")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote the value
        try:
            return tuple(convert_encodings(terms))
        except LookupError:
            return (default_encoding,)
