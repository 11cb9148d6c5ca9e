"""The SQLite database under a DICOM store: its tables, and connections that threads can share."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE stores (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE studies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    uid TEXT NOT NULL,
    source_id INTEGER NOT NULL,           -- the instance whose values the study's columns hold
    patient_id TEXT NOT NULL,
    patient_name TEXT NOT NULL,
    accession_number TEXT NOT NULL,
    referring_physician TEXT NOT NULL,
    study_date TEXT NOT NULL,
    attributes TEXT NOT NULL,
    UNIQUE (store_id, uid)
);
CREATE INDEX studies_by_patient ON studies (store_id, patient_id);
CREATE TABLE series (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    study_id INTEGER NOT NULL REFERENCES studies(id),
    uid TEXT NOT NULL,
    source_id INTEGER NOT NULL,
    modality TEXT NOT NULL,
    attributes TEXT NOT NULL,
    UNIQUE (study_id, uid)
);
CREATE INDEX series_by_store ON series (store_id, id);
CREATE INDEX series_by_uid ON series (uid);
CREATE TABLE instances (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    study_id INTEGER NOT NULL REFERENCES studies(id),
    series_id INTEGER NOT NULL REFERENCES series(id),
    uid TEXT NOT NULL,
    transfer_syntax TEXT NOT NULL,
    attributes TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE,            -- name under the store's folder
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    UNIQUE (series_id, uid)
);
CREATE INDEX instances_by_store ON instances (store_id, id);
CREATE INDEX instances_by_study ON instances (study_id, id);
CREATE INDEX instances_by_series ON instances (series_id, id);
CREATE INDEX instances_by_uid ON instances (uid);
"""


class Index:
    """Connections to one SQLite file in WAL mode: one that writes, behind a lock, and a pool of readers.

    WAL with `synchronous=NORMAL` keeps every committed row when the process is killed; a power cut may take the
    last ones, never the file's consistency.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write_lock = threading.RLock()
        self._writer = self._connect()
        self._readers: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute("PRAGMA synchronous=NORMAL")
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._writer.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
        elif version != SCHEMA_VERSION:
            self._writer.close()
            raise ValueError(
                f"the DICOM index has layout {version}, this emulator writes {SCHEMA_VERSION}: "
                "start it on an empty data folder"
            )

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for one consistent read; it sees all that was committed before the block began."""
        try:
            connection = self._readers.get_nowait()
        except Empty:
            connection = self._connect()
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.execute("COMMIT")
            self._readers.put(connection)

    def close(self) -> None:
        """Close every connection that is not in use."""
        with self._write_lock:
            self._writer.close()
        while True:
            try:
                self._readers.get_nowait().close()
            except Empty:
                return

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=60)
        connection.create_function("fuzzy_name", 2, fuzzy_name, deterministic=True)
        return connection


def name_words(name: str) -> list[str]:
    """The words of a person's name, casefolded: what "^", "=", "," and spaces divide."""
    for divider in "^=,\\":
        name = name.replace(divider, " ")
    return name.casefold().split()


def fuzzy_name(name: str, wanted: str) -> bool:
    """Whether every word of `wanted` begins some word of `name`, in any order and any case."""
    words = name_words(name)
    return all(any(word.startswith(want) for word in words) for want in name_words(wanted))
