"""The bytes of objects, in files whose names are random: an object's name never reaches the file system."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from emulator.storage.checksums import Digest

_READ_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Content:
    """Bytes in the folder: file id, length, and checksums in base64 (`md5` is None for composed objects)."""

    id: str
    size: int
    md5: str | None
    crc32c: str


class ContentWriter:
    """One file that grows by `append`, with its checksums. Not for several threads at once."""

    def __init__(self, content_id: str, path: Path) -> None:
        """Write to `path`, which is made by the first `append`."""
        self.id = content_id
        self._path = path
        self.digest = Digest()

    def append(self, data: bytes) -> None:
        """Write `data` at the end. An error in the middle leaves the file as it was before."""
        try:
            with self._path.open("ab") as file:
                file.write(data)
        except OSError:
            if self._path.exists():
                with self._path.open("r+b") as file:
                    file.truncate(self.digest.size)
            raise
        self.digest.update(data)

    def content(self) -> Content:
        """What was written; the file exists after this call, were it empty."""
        self._path.touch()
        return Content(self.id, self.digest.size, self.digest.md5, self.digest.crc32c)

    def composed_content(self) -> Content:
        """As `content`, without MD5."""
        return dataclasses.replace(self.content(), md5=None)


class ContentFolder:
    """All files, `ab/cdef...` under the root, each written once and never changed after."""

    def __init__(self, root: Path) -> None:
        """Use `root`, created when missing."""
        self._root = root
        for number in range(256):
            (root / f"{number:02x}").mkdir(parents=True, exist_ok=True)

    def new_writer(self) -> ContentWriter:
        """A writer for a new file."""
        content_id = uuid.uuid4().hex
        return ContentWriter(content_id, self._path(content_id))

    def reopen_writer(self, content_id: str, multiple_of: int) -> ContentWriter:
        """A writer that goes on behind a file's bytes, which are read for their checksums.

        The file is first cut to a multiple of `multiple_of` bytes.
        """
        path = self._path(content_id)
        writer = ContentWriter(content_id, path)
        if path.exists():
            with path.open("r+b") as file:
                size = file.seek(0, 2)
                file.truncate(size - size % multiple_of)
                file.seek(0)
                while data := file.read(_READ_BYTES):
                    writer.digest.update(data)
        return writer

    def open(self, content_id: str) -> BinaryIO:
        """The file, for reading; it stays readable when it is removed meanwhile."""
        return self._path(content_id).open("rb")

    def remove(self, content_ids: Iterable[str]) -> None:
        """Remove files; nothing when one is gone already."""
        for content_id in content_ids:
            self._path(content_id).unlink(missing_ok=True)

    def sweep(self, keep: set[str]) -> None:
        """Remove every file but those of `keep`: what a killed server had written and not yet recorded."""
        for path in self._root.glob("??/*"):
            if path.parent.name + path.name not in keep:
                path.unlink(missing_ok=True)

    def _path(self, content_id: str) -> Path:
        return self._root / content_id[:2] / content_id[2:]
