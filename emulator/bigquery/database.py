"""The DuckDB file that holds catalogue, rows, jobs and results.

Writers take turns; each writes in one transaction, so that a load job's rows and its record are there together or not
at all, whatever moment the process dies. Readers work beside them on their own snapshot. Every unit of work has its own
cursor: a DuckDB connection with an unread result refuses the next statement.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

# A query must reach nothing but the tables of this file.
_CLOSED: dict[str, Any] = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "threads": "2",
}
_SETTINGS = (
    "SET TimeZone = 'UTC'",  # BigQuery's default time zone
    "SET python_enable_replacements = false",  # names in a query are never variables of this process
    "SET python_scan_all_frames = false",
    "SET preserve_insertion_order = true",  # a stored result keeps the order of its query
    "SET lock_configuration = true",
)
_CATALOGUE = """
CREATE SCHEMA IF NOT EXISTS catalogue;
CREATE SEQUENCE IF NOT EXISTS catalogue.physical_ids;
CREATE TABLE IF NOT EXISTS catalogue.datasets (project VARCHAR, dataset VARCHAR, body VARCHAR);
CREATE TABLE IF NOT EXISTS catalogue.tables (
    project VARCHAR, dataset VARCHAR, name VARCHAR, physical VARCHAR, body VARCHAR
);
CREATE TABLE IF NOT EXISTS catalogue.jobs (
    project VARCHAR, location VARCHAR, job VARCHAR, request VARCHAR, sequence BIGINT, created_ms BIGINT, body VARCHAR
);
CREATE SEQUENCE IF NOT EXISTS catalogue.job_sequence;
"""

Cursor: TypeAlias = duckdb.DuckDBPyConnection


class Database:
    """One file, many cursors, one writer at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create the file."""
        self._connection = duckdb.connect(str(path), config=_CLOSED)
        self._writer = threading.Lock()
        for statement in _SETTINGS:
            self._connection.execute(statement)
        self._connection.execute(_CATALOGUE)

    @contextlib.contextmanager
    def session(self) -> Iterator[Cursor]:
        """A cursor of its own, outside any transaction; its temporary tables live as long as it."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextlib.contextmanager
    def read(self) -> Iterator[Cursor]:
        """A cursor on one snapshot."""
        with self.session() as cursor, snapshot(cursor):
            yield cursor

    @contextlib.contextmanager
    def write(self, session: Cursor | None = None) -> Iterator[Cursor]:
        """A cursor inside the only writing transaction; it commits at the end and rolls back on an exception.

        Args:
            session: the cursor to use, from `session`; a new one when None.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._writer)
            cursor = session or stack.enter_context(self.session())
            with _transaction(cursor):
                yield cursor

    def close(self) -> None:
        """Write everything into the file and close it; waits for the writer."""
        with self._writer:
            self._connection.close()


@contextlib.contextmanager
def snapshot(cursor: Cursor) -> Iterator[None]:
    """Read on one snapshot; what was written (temporary tables) is kept unless there is an exception."""
    with _transaction(cursor):
        yield


@contextlib.contextmanager
def _transaction(cursor: Cursor) -> Iterator[None]:
    cursor.execute("BEGIN")
    try:
        yield
        cursor.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # DuckDB may have ended the transaction itself
            cursor.execute("ROLLBACK")
        raise


def quoted(identifier: str) -> str:
    """An identifier in DuckDB's quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def one(cursor: Cursor, sql: str, *values: object) -> tuple[Any, ...] | None:
    """The first row that a statement answers."""
    return cursor.execute(sql, list(values)).fetchone()


def every(cursor: Cursor, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """All rows that a statement answers."""
    return cursor.execute(sql, list(values)).fetchall()
