"""The SQLite file that holds buckets, objects' metadata and resumable uploads."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, project TEXT NOT NULL, metageneration INTEGER NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL,  -- microseconds since the epoch
    body TEXT NOT NULL  -- JSON of the writable fields
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL REFERENCES buckets (name), name TEXT NOT NULL,
    generation INTEGER NOT NULL, metageneration INTEGER NOT NULL,
    content TEXT NOT NULL,  -- file id; copies share one file
    size INTEGER NOT NULL, md5 TEXT, crc32c TEXT NOT NULL, component_count INTEGER,
    updated INTEGER NOT NULL,
    body TEXT NOT NULL,  -- JSON of the writable fields
    PRIMARY KEY (bucket, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_of_content ON objects (content);
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, content TEXT NOT NULL, created INTEGER NOT NULL,
    request TEXT NOT NULL,  -- JSON of what the first request said
    outcome TEXT            -- JSON {"object": ...} or {"error": ...} when ended
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS clock (last INTEGER NOT NULL);
INSERT INTO clock (last) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM clock);
"""


class Database:
    """One connection for all threads; each transaction holds the lock, so preconditions and writes are one step."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, readable by its owner only."""
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
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

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for queries that see one state."""
        with self._lock:
            yield self._connection

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def next_instant(tx: sqlite3.Connection, now_micros: int) -> int:
    """A number of microseconds since the epoch that was never given before: an object's generation."""
    (instant,) = tx.execute("UPDATE clock SET last = max(last + 1, ?) RETURNING last", (now_micros,)).fetchone()
    return int(instant)
