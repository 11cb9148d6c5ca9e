"""Keys by the name of the Cloud KMS key they stand for, in one file that only its owner can read.

The file is a JSON object of names and base64 AES-256 keys. A wrapped key is nonce, ciphertext and tag of AES-GCM with
the name as associated data, so that it opens under the key that closed it and no other. Cloud KMS has a format of its
own: what it wrapped cannot be unwrapped here, nor the other way round.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

KEY_NAME: Final = re.compile(r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+")
"""Name of a Cloud KMS key, without a version."""

RING_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_FOR_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_CREATE: Final = "make one with: python -m emulator.deidentify.text.key_ring create"


class KeyRingError(ValueError):
    """A key ring that cannot be used as asked. The message holds no key and no path."""


@dataclasses.dataclass(frozen=True)
class KeyRing:
    """Keys by name; a value, picklable, whose repr tells how many there are."""

    keys: Mapping[str, bytes]

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """The ring in a file.

        Raises:
            KeyRingError: the file cannot be read, others than its owner may read it, or it is no key ring.
        """
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_mode & _FOR_OTHERS:
                    raise KeyRingError("the key ring can be read by others; run chmod 600 on it")
                content = file.read()
        except OSError as error:
            raise KeyRingError(f"the key ring cannot be read ({error.strerror}); {_CREATE}") from None
        return cls(_parse(content))

    def save(self, path: Path) -> None:
        """Write the ring to a file that only its owner can read, in place of what may be there.

        Raises:
            KeyRingError: it cannot be written.
        """
        encoded = {name: base64.b64encode(key).decode("ascii") for name, key in self.keys.items()}
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(encoded, file, indent=2)
                file.write("\n")
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise KeyRingError(f"the key ring cannot be written ({error.strerror})") from None

    def with_new_key(self, name: str) -> KeyRing:
        """This ring and a new random key.

        Raises:
            KeyRingError: the name is not that of a Cloud KMS key, or is taken.
        """
        if not KEY_NAME.fullmatch(name):
            raise KeyRingError("a key's name has the form projects/P/locations/L/keyRings/R/cryptoKeys/K")
        if name in self.keys:
            raise KeyRingError("the key ring has a key of this name; a new one would make what it wrapped unreadable")
        return KeyRing({**self.keys, name: secrets.token_bytes(RING_KEY_BYTES)})

    def wrap(self, name: str, key: bytes) -> bytes:
        """`key` wrapped by the ring's key `name`; differs from call to call.

        Raises:
            KeyRingError: there is no such key in the ring.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - configurations without KMS

        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._key(name)).encrypt(nonce, key, name.encode())

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """The key that `wrap` wrapped.

        Raises:
            KeyRingError: there is no such key in the ring, or it did not wrap these bytes.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - configurations without KMS need it not
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        key = self._key(name)
        nonce, rest = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, rest, name.encode())
        except (InvalidTag, ValueError):  # ValueError: too short to have a nonce
            raise KeyRingError(
                "wrappedKey was not wrapped by this key of the key ring; wrap it with: "
                "python -m emulator.deidentify.text.key_ring wrap"
            ) from None

    def _key(self, name: str) -> bytes:
        if name not in self.keys:
            raise KeyRingError("the key ring has no key of this name; add one with its command create")
        return self.keys[name]

    def __repr__(self) -> str:
        return f"KeyRing({len(self.keys)} keys)"


def _parse(content: bytes) -> Mapping[str, bytes]:
    try:
        named = json.loads(content)
        keys = {str(name): base64.b64decode(text, validate=True) for name, text in named.items()}
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise KeyRingError(f"the key ring is not a JSON object of names and base64 keys; {_CREATE}") from None
    if not all(KEY_NAME.fullmatch(name) and len(key) == RING_KEY_BYTES for name, key in keys.items()):
        raise KeyRingError(f"the key ring holds a key that is not 32 bytes, or a name of no KMS key; {_CREATE}")
    return keys
