"""An offline stand-in for Cloud KMS: a file with keys that wrap and unwrap other keys."""

from emulator.deidentify.text.key_ring.ring import KeyRing, KeyRingError

__all__ = ["KeyRing", "KeyRingError"]
