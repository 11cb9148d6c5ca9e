"""The SQLite file that holds datasets, DICOM stores and operations."""

from __future__ import annotations

from pathlib import Path

from emulator.sqlite_file import SqliteFile

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


class Database(SqliteFile):
    """The tables of datasets, DICOM stores and operations."""

    def __init__(self, path: Path) -> None:
        """Open or create the file."""
        super().__init__(path, _SCHEMA)
