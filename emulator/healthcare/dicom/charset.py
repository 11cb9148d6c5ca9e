"""Text of DICOM values by Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1.2.5), without warnings or exceptions.

pydicom's decoder is not used because it warns through `warnings`, which would reach the server's log; its tables
of defined terms and escape sequences are.
"""

from __future__ import annotations

import re

from pydicom.charset import CODES_TO_ENCODINGS, STAND_ALONE_ENCODINGS, python_encoding

DEFAULT_ENCODINGS = ("iso8859",)
"""The default repertoire. Latin-1 rather than ASCII: files that forgot to say so mostly mean that."""

_DEFINED_TERM = re.compile(r"ISO[ _-]?(2022)?[ _-]?IR[ _-]?(\d+)")
_FRAGMENT = re.compile(rb"^[^\x1b]+|\x1b[^\x1b]*")
_STAND_ALONE = frozenset(python_encoding[term] for term in STAND_ALONE_ENCODINGS)
_READS_ITS_OWN_ESCAPES = frozenset(("iso2022_jp", "iso2022_jp_2"))
_TEXT_RESETS = re.compile(rb"[\\\r\n\f\t]")
_NAME_RESETS = re.compile(rb"[\\^=\r\n\f\t]")


def encodings_of(raw: bytes) -> tuple[str, ...]:
    """The Python encodings of a Specific Character Set value, such as b"\\\\ISO 2022 IR 87".

    Common misspellings are understood; an unknown term counts as the default repertoire.
    """
    terms = raw.decode("latin-1").split("\\")
    return tuple(_encoding(term.strip(" \0")) for term in terms)


def _encoding(term: str) -> str:
    match = _DEFINED_TERM.fullmatch(term)
    if match:
        term = f"ISO 2022 IR {match[2]}" if match[1] else f"ISO_IR {match[2]}"
    elif term.upper() in ("UTF8", "UTF-8"):
        term = "ISO_IR 192"
    return python_encoding.get(term, DEFAULT_ENCODINGS[0])


def decode(raw: bytes, encodings: tuple[str, ...], *, name: bool = False) -> str:
    """`raw` as text; bytes that are not of the character set become the replacement character.

    Args:
        raw: a value as it is in the file, escape sequences included.
        encodings: what `encodings_of` gave for the dataset.
        name: the value is a PN, in which "^" and "=" also end an escape sequence's reach.
    """
    first = encodings[0]
    if b"\x1b" not in raw or first in _STAND_ALONE:
        return raw.decode(first, "replace")
    resets = _NAME_RESETS if name else _TEXT_RESETS
    return "".join(_fragment(fragment, first, resets) for fragment in _FRAGMENT.findall(raw))


def _fragment(raw: bytes, first: str, resets: re.Pattern[bytes]) -> str:
    escape = next((code for code in CODES_TO_ENCODINGS if raw.startswith(code)), None)
    if escape is None:
        return raw.decode(first, "replace")
    encoding = CODES_TO_ENCODINGS[escape]
    if encoding in _READS_ITS_OWN_ESCAPES:
        return raw.decode(encoding, "replace")
    body = raw[len(escape) :]
    reset = resets.search(body)
    end = reset.start() if reset else len(body)
    return body[:end].decode(encoding, "replace") + body[end:].decode(first, "replace")
