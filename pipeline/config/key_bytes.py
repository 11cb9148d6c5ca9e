"""Bytes as proto3 JSON writes them, and the digest that stands for a key wherever a key must not."""

from __future__ import annotations

import base64
import binascii
import hashlib

_TO_STANDARD = str.maketrans("-_", "+/")


def decode_bytes(text: str) -> bytes | None:
    """The bytes of a base64 text, or None when it is not one.

    Standard and URL-safe alphabets, with or without padding: proto3 JSON accepts all four
    (https://protobuf.dev/programming-guides/json/). Blanks and line ends are not part of base64.
    """
    bare = text.rstrip("=")
    if len(text) - len(bare) > 2 or len(bare) % 4 == 1:
        return None
    try:
        return base64.b64decode(bare.translate(_TO_STANDARD) + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def standard_base64(text: str) -> str:
    """The same bytes in the standard alphabet with padding; text that is not base64 is returned as it is."""
    decoded = decode_bytes(text)
    return text if decoded is None else base64.b64encode(decoded).decode("ascii")


def key_digest(text: str) -> str:
    """SHA-256 of the bytes that a base64 text stands for, so that its spelling does not matter."""
    decoded = decode_bytes(text)
    return "sha256:" + hashlib.sha256(text.encode() if decoded is None else decoded).hexdigest()
