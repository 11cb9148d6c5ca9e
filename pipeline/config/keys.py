"""Keys of cryptoHash and dateShift: present, of legal length, and never shown.

Without `cryptoKey` or `kmsWrapped` the API makes a new key for every de-identify operation (Discovery,
CryptoHashConfig and DateShiftConfig): hashes and date shifts of one patient then differ from batch to batch.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

from pipeline.config.errors import Findings, JsonPath
from pipeline.config.key_bytes import decode_bytes, key_digest, standard_base64
from pipeline.config.tree import as_object, walk

KEYED_TRANSFORMATIONS = ("cryptoHashConfig", "dateShiftConfig")
KEY_LENGTHS = (16, 24, 32)  # "An AES 128/192/256 bit key", Discovery CryptoHashConfig.cryptoKey
MAKE_A_KEY = "make one with: openssl rand -base64 32"

_KMS_CRYPTO_KEY = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+")
# What `openssl enc -salt` prints begins so, and is no key: eight of its bytes are the same for everybody.
_OPENSSL_MARKER = b"Salted__"


def keyed_transformations(body: dict[str, Any]) -> Iterator[tuple[JsonPath, dict[str, Any]]]:
    """Every cryptoHashConfig and dateShiftConfig of a configuration, wherever it stands."""
    for path, message in walk(body):
        if path and path[-1] in KEYED_TRANSFORMATIONS:
            yield path, message


def check_keys(body: dict[str, Any], findings: Findings) -> None:
    """Add a problem for each key that is too short or long, given twice, or wrapped by half."""
    for path, message in keyed_transformations(body):
        if "cryptoKey" in message and "kmsWrapped" in message:
            findings.refuse(path, "cryptoKey and kmsWrapped exclude each other; keep one")
        if isinstance(message.get("cryptoKey"), str):
            _check_plain(message["cryptoKey"], (*path, "cryptoKey"), findings)
        if isinstance(message.get("kmsWrapped"), dict):
            _check_wrapped(message["kmsWrapped"], (*path, "kmsWrapped"), findings)


def _check_plain(text: str, path: JsonPath, findings: Findings) -> None:
    key = decode_bytes(text)
    if key is None:
        return  # the schema has said so
    if len(key) not in KEY_LENGTHS:
        found = f"and has {len(key)}" if key else "and is empty"
        findings.refuse(path, f"must be 16, 24 or 32 bytes (AES key) in base64 {found}; {MAKE_A_KEY}")
    elif key.startswith(_OPENSSL_MARKER):
        findings.warn(path, f"is the output of `openssl enc`, a quarter of which is constant; {MAKE_A_KEY}")
    elif len(set(key)) == 1:
        findings.warn(path, f"repeats a single byte, which anybody can guess; {MAKE_A_KEY}")


def _check_wrapped(wrapped: dict[str, Any], path: JsonPath, findings: Findings) -> None:
    for part in ("wrappedKey", "cryptoKey"):
        if part not in wrapped or wrapped[part] == "":
            findings.refuse(path, f"needs both wrappedKey and cryptoKey, and {part} is missing; add it")
    name = wrapped.get("cryptoKey")
    if isinstance(name, str) and name and not _KMS_CRYPTO_KEY.fullmatch(name):
        form = "projects/P/locations/L/keyRings/R/cryptoKeys/K"
        findings.refuse((*path, "cryptoKey"), f"must be the name of a Cloud KMS key: {form}, without a version")


def check_keys_given(body: dict[str, Any], findings: Findings) -> None:
    """Add a problem for each keyed transformation without a key: for runs of more than one operation."""
    for path, message in keyed_transformations(body):
        if not message.get("cryptoKey") and not message.get("kmsWrapped"):
            findings.refuse(
                path,
                "has no key, so every operation makes its own and one patient's dates or hashes would differ "
                f"between operations; add cryptoKey ({MAKE_A_KEY}) or kmsWrapped, or run a single operation",
            )


def with_standard_base64(body: dict[str, Any]) -> dict[str, Any]:
    """A copy of the configuration with every key in padded standard base64."""
    return _replace_keys(body, standard_base64)


def with_key_digests(body: dict[str, Any]) -> dict[str, Any]:
    """A copy of the configuration with every key replaced by its digest: what may be logged and hashed."""
    return _replace_keys(body, key_digest)


def _replace_keys(body: dict[str, Any], replacement: Callable[[str], str]) -> dict[str, Any]:
    result = copy.deepcopy(body)
    for _, message in keyed_transformations(result):
        for holder, field in ((message, "cryptoKey"), (as_object(message.get("kmsWrapped")), "wrappedKey")):
            if isinstance(holder.get(field), str):
                holder[field] = replacement(holder[field])
    return result
