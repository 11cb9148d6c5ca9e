"""Text in the character sets of DICOM: read strictly, written so that it can be read again.

PS3.5 section 6.1.2: one character set, or several between which escape sequences switch; a delimiter switches back to
the first. pydicom knows the sets; what it would replace or leave undecoded counts as unreadable here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from pydicom.charset import decode_bytes, default_encoding, encode_string

from emulator.deidentify.quiet import quiet

_ESCAPE: Final = b"\x1b"
_REPLACED: Final = "\ufffd"
_UNWRITABLE: Final = "*"

_GB2312: Final = "iso_ir_58"
_GB2312_ESCAPE: Final = "\x1b$)A"
"""ISO 2022 IR 58 (PS3.5 annex K). pydicom 3.0 leaves this sequence in the text it reads, and out of what it writes."""


def decode(value: bytes, encodings: Sequence[str], delimiters: str) -> str | None:
    """The text of a value; None when some of it cannot be read in its character sets.

    Args:
        value: as in the file.
        encodings: Python codecs of SpecificCharacterSet.
        delimiters: characters after which the first of them holds again.
    """
    if _ESCAPE not in value:
        try:
            return value.decode(encodings[0])
        except (UnicodeError, LookupError):
            return None
    try:
        with quiet():
            text = decode_bytes(value, list(encodings), set(delimiters.encode("ascii")))
    except (UnicodeError, LookupError):
        return None
    if _GB2312 in encodings:
        text = text.replace(_GB2312_ESCAPE, "")
    return None if _REPLACED in text or "\x1b" in text else text


def encode(text: str, encodings: Sequence[str], delimiters: str, original: str) -> bytes:
    """The text in its character sets, readable by `decode`.

    Characters that cannot be written, which only inserted text has, become ASCII: a letter without its accent, or "*".

    Args:
        text: to be written.
        encodings: Python codecs of SpecificCharacterSet.
        delimiters: as for `decode`.
        original: the text that `text` was made from. What it holds outside of the default repertoire may stand in
            the result although no character set is named.
    """
    if text.isascii():
        return text.encode("ascii")
    if tuple(encodings) == (default_encoding,):
        text = "".join(char if char.isascii() or char in original else _ascii(char) for char in text)
    for attempt in _attempts(text, encodings, delimiters):
        encoded = _encoded(attempt, encodings, delimiters)
        if encoded is not None and decode(encoded, encodings, delimiters) == attempt:
            return encoded
    return _ascii(text).encode("ascii")


def _attempts(text: str, encodings: Sequence[str], delimiters: str) -> Iterator[str]:
    yield text
    writable = {char: _encoded(char, encodings, delimiters) is not None for char in set(text)}
    yield "".join(char if writable[char] else _ascii(char) for char in text)


def _encoded(text: str, encodings: Sequence[str], delimiters: str) -> bytes | None:
    """The text encoded piece by piece, as every delimiter begins anew; None when that is not possible."""
    pieces = [piece for piece in re.split(f"([{re.escape(delimiters)}])", text) if piece]
    try:
        return b"".join(piece.encode("ascii") if piece.isascii() else _piece(piece, encodings) for piece in pieces)
    except (UnicodeError, LookupError):
        return None


def _piece(text: str, encodings: Sequence[str]) -> bytes:
    if len(encodings) == 1:
        return text.encode(encodings[0])
    with quiet():
        encoded = encode_string(text, list(encodings))
    if decode(encoded, encodings, "\\") == text:
        return encoded
    if _GB2312 in encodings:
        return _GB2312_ESCAPE.encode("ascii") + text.encode(_GB2312)
    raise UnicodeError  # pydicom wrote replacement characters


def _ascii(text: str) -> str:
    """ASCII for each character: its base letter, or an asterisk."""
    folded = (
        "".join(part for part in unicodedata.normalize("NFKD", char) if part.isascii()) or _UNWRITABLE for char in text
    )
    return "".join(folded)
