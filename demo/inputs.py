"""The files that the demo offers to the source store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pydicom.data

from demo.errors import DemoError

_DATA_FOLDERS = ("charset_files", "palettes", "test_files")
_NOT_DATA = frozenset({"__pycache__", "__init__.py"})


@dataclass(frozen=True)
class Offered:
    """A file to store. `label` tells the person which one it is; `problem` why it cannot even be offered."""

    path: Path
    label: str
    problem: str | None = None


def bundled_files() -> Iterator[Offered]:
    """Every file in the data folders of pydicom, the broken ones and those that are not DICOM included."""
    root = Path(pydicom.data.__file__).parent
    for folder in _DATA_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and not _NOT_DATA.intersection(path.parts):
                yield Offered(path, f"pydicom/{path.relative_to(root)}")


def folder_files(folder: Path, *, leave_out: Path) -> Iterator[Offered]:
    """Every file under a person's folder, sorted; `leave_out` (the demo's own results) is not entered.

    What has no DICM prefix, is empty, or cannot be read is yielded with its problem. Links to folders are not followed.
    """
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(name for name in folders if (here / name).resolve() != leave_out)
        for name in sorted(files):
            path = here / name
            yield Offered(path, str(path.relative_to(folder)), _problem(path))


def check_folder(folder: Path, *, leave_out: Path) -> None:
    """Raises DemoError unless the folder can be listed and is not the demo's own."""
    if folder == leave_out:
        raise DemoError("--dicom and --out are the same folder. Give the results a folder of their own")
    if not folder.is_dir():
        raise DemoError("--dicom: there is no such folder. Give the folder that holds your DICOM files")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise DemoError("--dicom: the folder cannot be read. Give this account the right to read it")


def _problem(path: Path) -> str | None:
    try:
        if not path.is_file():
            return "not a regular file"
        with path.open("rb") as stream:
            head = stream.read(132)
    except OSError:
        return "cannot be read"
    return None if head[128:] == b"DICM" else "not a DICOM file: no DICM prefix at byte 128"
