"""The SQLite file that holds datasets, DICOM stores and operations."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS datasets (
    name TEXT PRIMARY KEY, parent TEXT NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dicom_stores (
    name TEXT PRIMARY KEY, parent TEXT NOT NULL REFERENCES datasets (name) ON DELETE CASCADE, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS operations (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    dataset TEXT NOT NULL REFERENCES datasets (name) ON DELETE CASCADE,
    api_version TEXT NOT NULL,
    api_method TEXT NOT NULL,
    location TEXT NOT NULL,
    created_at REAL NOT NULL,
    ended_at REAL,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    pending INTEGER NOT NULL DEFAULT 0,
    success INTEGER NOT NULL DEFAULT 0,
    failure INTEGER NOT NULL DEFAULT 0,
    result TEXT,   -- JSON {"response": ...} or {"error": ...} when ended
    request TEXT,  -- JSON of what a restart needs to go on; removed when ended, as it may hold keys
    listed INTEGER NOT NULL DEFAULT 0  -- 1 when operation_instances holds all instances of the operation
);
CREATE INDEX IF NOT EXISTS running_operations ON operations (location) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS operation_instances (  -- instances an operation has still to do
    operation TEXT NOT NULL REFERENCES operations (name) ON DELETE CASCADE,
    position INTEGER NOT NULL, study TEXT NOT NULL, series TEXT NOT NULL, sop TEXT NOT NULL,
    PRIMARY KEY (operation, position)
) WITHOUT ROWID;
"""


class Database:
    """One connection for all threads; each transaction holds the lock."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, readable by its owner only: a running operation's request may hold keys."""
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA secure_delete = ON")
        self._connection.executescript(_SCHEMA)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction that commits at the end and rolls back on an exception."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Every row that a query answers."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
