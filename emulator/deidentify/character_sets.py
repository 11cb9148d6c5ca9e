"""SpecificCharacterSet as Python codecs."""

from __future__ import annotations

import codecs
import functools
import re
import warnings
from typing import Final

from pydicom.charset import convert_encodings, default_encoding, python_encoding


def _plain(term: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", term).upper()


_KNOWN: Final = frozenset(_plain(term) for term in python_encoding)
"""Defined terms of PS3.3 C.12.1.1.2 without their separators, which files often get wrong."""


@functools.lru_cache(maxsize=256)
def names_character_sets(value: bytes) -> bool:
    """Whether every term of a value of SpecificCharacterSet is one, well or badly spelt, or the name of a codec."""
    return all(_is_term(term.strip(" \0")) for term in value.decode("latin-1").split("\\"))


def _is_term(term: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9_. -]*", term):
        return False
    if not term or _plain(term) in _KNOWN - {""}:
        return True
    try:
        codecs.lookup(term)
    except (LookupError, ValueError):
        return False
    return True


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
