"""Keys of cryptoHash and dateShift: given, wrapped by Cloud KMS, or made for the operation.

No message, repr or description here holds a key.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import hmac
from typing import Final, Literal

from emulator.deidentify.errors import ConfigError
from emulator.deidentify.text.key_ring import KeyRing, KeyRingError
from emulator.deidentify.text.key_ring.ring import KEY_NAME
from emulator.deidentify.text.text_fields import TextFields

KEY_BYTES: Final = (16, 24, 32)
"""An AES 128/192/256 bit key (Discovery, CryptoHashConfig.cryptoKey)."""

_MAKE_A_KEY = "make one with: openssl rand -base64 32"
_TO_STANDARD = str.maketrans("-_", "+/")


@dataclasses.dataclass(frozen=True)
class Key:
    """A key and where it is from.

    Attributes:
        material: 16, 24 or 32 bytes.
        origin: the configuration's cryptoKey, its kmsWrapped, or neither.
    """

    material: bytes = dataclasses.field(repr=False)
    origin: Literal["given", "kms", "operation"]

    def describe(self) -> str:
        """Which key, in words."""
        return {"given": "the given key", "kms": "the KMS key", "operation": "a key made for the operation"}[
            self.origin
        ]


@dataclasses.dataclass(frozen=True)
class KeySource:
    """Where keys come from that a configuration does not hold itself.

    Attributes:
        operation_key: for transformations without a key: one a de-identify operation, as the API makes it.
        ring: the stand-in for Cloud KMS; without one no wrapped key can be used.
    """

    operation_key: bytes = dataclasses.field(repr=False)
    ring: KeyRing | None = dataclasses.field(default=None, repr=False)

    def unwrap(self, kms_key_name: str, wrapped: bytes) -> bytes:
        """The data key that `wrapped` holds.

        Raises:
            KeyRingError: there is no ring, it lacks the key, or the key does not open `wrapped`.
        """
        if self.ring is None:
            raise KeyRingError(
                "no key ring is set, so KMS-wrapped keys cannot be unwrapped; make one with "
                "python -m emulator.deidentify.text.key_ring create, or give cryptoKey instead"
            )
        return self.ring.unwrap(kms_key_name, wrapped)

    def key_for(self, purpose: str) -> Key:
        """The operation's key for one kind of transformation; what is known of one tells nothing of another."""
        return Key(hmac.digest(self.operation_key, purpose.encode("ascii"), hashlib.sha256), "operation")


def read_key(config: TextFields, keys: KeySource, purpose: str) -> Key:
    """The key of a CryptoHashConfig or DateShiftConfig.

    Args:
        config: the object with its fields `cryptoKey` and `kmsWrapped`, of which at most one may be given.
        keys: for keys that are wrapped, or not given at all.
        purpose: sets the operation's key for this use apart from that for others.

    Raises:
        ConfigError: both are given, one is no AES key in base64, or it cannot be unwrapped.
    """
    if len(config.present(("cryptoKey", "kmsWrapped"))) > 1:
        raise ConfigError(config.path, "cryptoKey and kmsWrapped exclude each other; keep one")
    if "kmsWrapped" in config:
        wrapped = TextFields.of(config, "kmsWrapped", ("wrappedKey", "cryptoKey"))
        name, blob = _kms_name(wrapped), _bytes(wrapped, "wrappedKey")
        try:
            material = keys.unwrap(name, blob)
        except KeyRingError as error:
            raise ConfigError(wrapped.path, str(error)) from None
        if len(material) not in KEY_BYTES:
            raise ConfigError(wrapped.at("wrappedKey"), f"must hold a key of 16, 24 or 32 bytes; {_MAKE_A_KEY}")
        return Key(material, "kms")
    if "cryptoKey" not in config:
        return keys.key_for(purpose)
    if not config.text("cryptoKey"):
        raise ConfigError(config.at("cryptoKey"), f"is empty; {_MAKE_A_KEY}, or remove the field")
    material = _bytes(config, "cryptoKey")
    if len(material) not in KEY_BYTES:
        message = f"must be 16, 24 or 32 bytes (AES key) in base64 and has {len(material)}; {_MAKE_A_KEY}"
        raise ConfigError(config.at("cryptoKey"), message)
    return Key(material, "given")


def decode_base64(text: str) -> bytes | None:
    """The bytes of a base64 text, or None when it is not one.

    Standard and URL-safe alphabets, with or without padding, as proto3 JSON accepts them
    (https://protobuf.dev/programming-guides/json/). Blanks and line ends are not part of base64.
    """
    bare = text.rstrip("=")
    if len(text) - len(bare) > 2 or len(bare) % 4 == 1:
        return None
    try:
        return base64.b64decode(bare.translate(_TO_STANDARD) + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _bytes(config: TextFields, name: str) -> bytes:
    text = config.text(name)
    if not text:
        raise ConfigError(config.at(name), "is missing; add it")
    decoded = decode_base64(text)
    if decoded is None:
        raise ConfigError(config.at(name), f"must be base64; {_MAKE_A_KEY}")
    return decoded


def _kms_name(wrapped: TextFields) -> str:
    name = wrapped.text("cryptoKey")
    if not KEY_NAME.fullmatch(name):
        form = "projects/P/locations/L/keyRings/R/cryptoKeys/K"
        raise ConfigError(wrapped.at("cryptoKey"), f"must be the name of a Cloud KMS key: {form}, without a version")
    return name
