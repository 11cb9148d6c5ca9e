"""python -m emulator.deidentify.text.key_ring: keys that stand for Cloud KMS keys, on this machine.

create RING NAME   adds a new random key to the file RING, which is made when it does not exist
wrap RING NAME     prints the wrappedKey of a data key: of the base64 one on standard input, or, with --new-key, of one
                   that is made now and shown to nobody
"""

from __future__ import annotations

import argparse
import base64
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from emulator.deidentify.text.key_ring.ring import KeyRing, KeyRingError
from emulator.deidentify.text.keys import KEY_BYTES, decode_base64

_NEW_KEY_BYTES = 32
_UNUSABLE = 2


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m emulator.deidentify.text.key_ring",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, summary in (("create", "add a new key to the file"), ("wrap", "wrap a data key")):
        command = commands.add_parser(name, help=summary)
        command.add_argument("ring", type=Path, metavar="RING", help="the file")
        command.add_argument("name", metavar="NAME", help="projects/P/locations/L/keyRings/R/cryptoKeys/K")
    commands.choices["wrap"].add_argument("--new-key", action="store_true", help="make the data key now")
    options = parser.parse_args(arguments)
    try:
        if options.command == "create":
            _create(options.ring, options.name)
        else:
            wrapped = KeyRing.load(options.ring).wrap(options.name, _data_key(new=options.new_key))
            print(base64.b64encode(wrapped).decode("ascii"))
    except KeyRingError as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return _UNUSABLE
    return 0


def _create(path: Path, name: str) -> None:
    ring = KeyRing.load(path) if path.exists() else KeyRing({})
    ring.with_new_key(name).save(path)


def _data_key(*, new: bool) -> bytes:
    if new:
        return secrets.token_bytes(_NEW_KEY_BYTES)
    key = decode_base64(sys.stdin.read().strip())
    if key is None or len(key) not in KEY_BYTES:
        raise KeyRingError(
            "standard input must be a key of 16, 24 or 32 bytes in base64; make one with: openssl rand -base64 32"
        )
    return key


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
