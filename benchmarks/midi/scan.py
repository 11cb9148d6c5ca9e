"""Search of whole output files, byte for byte, for every planted identifier: the leak nobody thought of a check for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from emulator.samples import byte_patterns


def leaks(planted: Iterable[str], folder: Path) -> dict[str, set[str]]:
    """Planted values that occur in the bytes of files under `folder`, by the file's name; no entry for a clean one."""
    patterns = [(value, pattern) for value in planted for pattern in byte_patterns(value)]
    found: dict[str, set[str]] = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            if hits := {value for value, pattern in patterns if pattern in data}:
                found[str(file.relative_to(folder))] = hits
    return found
