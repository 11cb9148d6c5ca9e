"""The instances of all DICOM stores: files under a folder, and a SQLite index of what searches ask.

Layout under the root: `index.sqlite`, and for each store a folder named by the digest of its resource name (so that
no id can lead out of the root) with `staging/` and `files/xx/`. A file is moved into place first, then its row is
committed; rows are deleted first, then their files. A process killed in between leaves a file without a row, never a
row without a file, and opening the store deletes such files.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emulator.healthcare.dicom.entry import IndexEntry, read_entry
from emulator.healthcare.dicom.index import Index
from emulator.healthcare.dicom.part10 import NotDicom
from emulator.healthcare.dicom.rows import RowExists, delete_instance, insert_instance, refresh_parents
from emulator.healthcare.dicom.search import Below, Hit, Level, Search, below, run_search

__all__ = ["DuplicateInstance", "InstanceStore", "NotDicom", "StoredInstance", "UnknownStore"]

_DELETE_CHUNK = 500
_STORE_FOLDER = re.compile("[0-9a-f]{32}")


class DuplicateInstance(Exception):
    """An instance with the same Study, Series and SOP Instance UID is stored already; the stored one is kept.

    Attributes:
        identical: the stored file has the same bytes.
    """

    def __init__(self, *, identical: bool) -> None:
        super().__init__(f"the instance already exists{' with the same bytes' if identical else ' with other bytes'}")
        self.identical = identical


class UnknownStore(Exception):
    """No store of this name was created here, or it was deleted."""

    def __init__(self) -> None:
        super().__init__("the DICOM store does not exist: create it first")


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """One stored instance: its UIDs, its file and the file's size in bytes."""

    study: str
    series: str
    sop: str
    path: Path
    size: int
    transfer_syntax: str = ""


class InstanceStore:
    """See the module. Every method may be called from any thread, and blocks: keep it off the event loop.

    A store is named by its resource name without version: "projects/P/locations/L/datasets/D/dicomStores/S".
    """

    def __init__(self, root: Path) -> None:
        """Open the stores under `root`, which is made when missing, and clear what a killed process left behind."""
        self._root = root
        root.mkdir(parents=True, exist_ok=True)
        self._index = Index(root / "index.sqlite")
        self._recover()

    def create_store(self, store: str) -> None:
        """Make an empty store; one that exists is left as it is."""
        folder = self._folder(store)
        (folder / "staging").mkdir(parents=True, exist_ok=True)
        (folder / "files").mkdir(exist_ok=True)
        with self._index.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO stores (name) VALUES (?)", (store,))

    def delete_store(self, store: str) -> None:
        """Delete a store with all its instances; one that does not exist is no error."""
        with self._index.writing() as connection:
            row = connection.execute("SELECT id FROM stores WHERE name = ?", (store,)).fetchone()
            if row is not None:
                for table in ("instances", "series", "studies"):
                    connection.execute(f"DELETE FROM {table} WHERE store_id = ?", row)  # noqa: S608 - constants
                connection.execute("DELETE FROM stores WHERE id = ?", row)
        shutil.rmtree(self._folder(store), ignore_errors=True)

    def find(
        self, store: str, study: str | None = None, series: str | None = None, sop: str | None = None
    ) -> list[StoredInstance]:
        """The instances of a store, or of a study, series or SOP Instance UID in it, in the order of storing.

        A store that does not exist has none.
        """
        where, values = ["instances.store_id = (SELECT id FROM stores WHERE name = ?)"], [store]
        for column, uid in (("studies.uid", study), ("series.uid", series), ("instances.uid", sop)):
            if uid is not None:
                where.append(f"{column} = ?")
                values.append(uid)
        sql = (
            "SELECT studies.uid, series.uid, instances.uid, file, size, transfer_syntax FROM instances "  # noqa: S608
            "JOIN series ON series.id = instances.series_id JOIN studies ON studies.id = instances.study_id "
            f"WHERE {' AND '.join(where)} ORDER BY instances.id"
        )
        folder = self._folder(store)
        with self._index.reading() as connection:
            return [
                StoredInstance(study_uid, series_uid, sop_uid, folder / file, size, syntax)
                for study_uid, series_uid, sop_uid, file, size, syntax in connection.execute(sql, values)
            ]

    def staging_path(self, store: str) -> Path:
        """A path for a new file, on the file system of the store; hand it to `add_file` when it is written.

        Raises:
            UnknownStore: no such store.
        """
        staging = self._folder(store) / "staging"
        if not staging.is_dir():
            raise UnknownStore
        return staging / f"{uuid.uuid4().hex}.dcm"

    def add_file(self, store: str, staged: Path) -> StoredInstance:
        """Check a staged file, index it and move it into place; readers see all of it or nothing.

        The staged file is gone afterwards, whether it was stored or refused.

        Raises:
            NotDicom: not a DICOM file, truncated, malformed or without its UIDs.
            DuplicateInstance: stored already.
            UnknownStore: no such store.
        """
        try:
            entry = read_entry(staged)
        except BaseException as error:
            staged.unlink(missing_ok=True)
            if isinstance(error, FileNotFoundError) and not self._folder(store).is_dir():
                raise UnknownStore from None
            raise
        return self.add_entry(store, staged, entry)

    def add_entry(self, store: str, staged: Path, entry: IndexEntry) -> StoredInstance:
        """`add_file` for a staged file that was read already."""
        file = f"files/{staged.stem[:2]}/{staged.name}"
        final = self._folder(store) / file
        moved = False
        try:
            with self._index.writing() as connection:
                insert_instance(connection, _require_store_id(connection, store), entry, file)
                final.parent.mkdir(exist_ok=True)
                staged.replace(final)
                moved = True
        except BaseException as error:
            (final if moved else staged).unlink(missing_ok=True)
            if isinstance(error, RowExists):
                raise DuplicateInstance(identical=error.digest == entry.digest) from None
            raise
        return StoredInstance(entry.study, entry.series, entry.sop, final, entry.size, entry.transfer_syntax)

    def delete_instances(self, store: str, study: str, series: str | None = None, sop: str | None = None) -> int:
        """Delete a study, a series or an instance and return how many instances that were.

        Values of a study or series that remains are taken anew from its first remaining instance.
        """
        deleted = 0
        found = self.find(store, study, series, sop)
        for at in range(0, len(found), _DELETE_CHUNK):
            paths = [instance.path for instance in found[at : at + _DELETE_CHUNK]]
            deleted += self._delete_files(store, paths)
        return deleted

    def search(self, store: str, search: Search) -> list[Hit]:
        """One page of a search."""
        with self._index.reading() as connection:
            store_id = _store_id(connection, store)
            return [] if store_id is None else run_search(connection, store_id, search)

    def path_of(self, store: str, hit: Hit) -> Path:
        """The file that a search result's values come from."""
        return self._folder(store) / hit.file

    def below(self, level: Level, row_id: int) -> Below:
        """What lies below a study or series that a search found."""
        with self._index.reading() as connection:
            return below(connection, level, row_id)

    def metrics(self, store: str) -> dict[str, int]:
        """{"studies", "series", "instances", "bytes"} of a store; zeros when it does not exist."""
        with self._index.reading() as connection:
            store_id = _store_id(connection, store) or -1
            return {
                "studies": _one(connection, "SELECT count(*) FROM studies WHERE store_id = ?", store_id),
                "series": _one(connection, "SELECT count(*) FROM series WHERE store_id = ?", store_id),
                "instances": _one(connection, "SELECT count(*) FROM instances WHERE store_id = ?", store_id),
                "bytes": _one(connection, "SELECT coalesce(sum(size), 0) FROM instances WHERE store_id = ?", store_id),
            }

    def close(self) -> None:
        """Close the index; nothing else may be called afterwards."""
        self._index.close()

    def _folder(self, store: str) -> Path:
        return self._root / hashlib.sha256(store.encode()).hexdigest()[:32]

    def _delete_files(self, store: str, paths: Iterable[Path]) -> int:
        gone = []
        with self._index.writing() as connection:
            touched: set[tuple[int, int]] = set()
            for path in paths:
                parents = delete_instance(connection, f"files/{path.parent.name}/{path.name}")
                if parents is not None:
                    touched.add(parents)
                    gone.append(path)
            for study_id, series_id in touched:
                refresh_parents(connection, study_id, series_id, self._folder(store))
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _recover(self) -> None:
        """Delete staged files, files without a row and folders without a store."""
        with self._index.reading() as connection:
            stores = dict(connection.execute("SELECT name, id FROM stores"))
            folders = {self._folder(name): store_id for name, store_id in stores.items()}
            for folder in self._root.iterdir():
                if folder not in folders and _STORE_FOLDER.fullmatch(folder.name):
                    shutil.rmtree(folder, ignore_errors=True)
            for folder, store_id in folders.items():
                shutil.rmtree(folder / "staging", ignore_errors=True)
                (folder / "staging").mkdir(parents=True)
                (folder / "files").mkdir(exist_ok=True)
                known = {
                    row[0] for row in connection.execute("SELECT file FROM instances WHERE store_id = ?", (store_id,))
                }
                for path in folder.glob("files/*/*"):
                    if f"files/{path.parent.name}/{path.name}" not in known:
                        path.unlink()


def _store_id(connection: sqlite3.Connection, store: str) -> int | None:
    row = connection.execute("SELECT id FROM stores WHERE name = ?", (store,)).fetchone()
    return None if row is None else int(row[0])


def _require_store_id(connection: sqlite3.Connection, store: str) -> int:
    store_id = _store_id(connection, store)
    if store_id is None:
        raise UnknownStore
    return store_id


def _one(connection: sqlite3.Connection, sql: str, value: int) -> int:
    return int(connection.execute(sql, (value,)).fetchone()[0])
