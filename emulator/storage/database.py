"""The SQLite file that holds buckets, objects' metadata and resumable uploads."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from emulator.sqlite_file import SqliteFile

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


class Database(SqliteFile):
    """The tables of buckets, objects and uploads."""

    def __init__(self, path: Path) -> None:
        """Open or create the file."""
        super().__init__(path, _SCHEMA)


def next_instant(tx: sqlite3.Connection, now_micros: int) -> int:
    """A number of microseconds since the epoch that was never given before: an object's generation."""
    (instant,) = tx.execute("UPDATE clock SET last = max(last + 1, ?) RETURNING last", (now_micros,)).fetchone()
    return int(instant)
