"""Rows of the `objects` table as records; every function runs inside the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from emulator.errors import GoogleError
from emulator.storage.contents import Content
from emulator.storage.preconditions import Preconditions
from emulator.storage.records import ObjectRecord

_COLUMNS = "bucket, name, generation, metageneration, content, size, md5, crc32c, component_count, updated, body"


def require_bucket(tx: sqlite3.Connection, bucket: str) -> None:
    """Nothing, when the bucket exists.

    Raises:
        GoogleError: 404.
    """
    if tx.execute("SELECT 1 FROM buckets WHERE name = ?", (bucket,)).fetchone() is None:
        raise GoogleError(404, "The specified bucket does not exist.")


def find(tx: sqlite3.Connection, bucket: str, name: str) -> ObjectRecord | None:
    """The live object, or None."""
    row = tx.execute(f"SELECT {_COLUMNS} FROM objects WHERE bucket = ? AND name = ?", (bucket, name)).fetchone()  # noqa: S608
    return None if row is None else _record(row)


def require(
    tx: sqlite3.Connection, bucket: str, name: str, generation: int | None, preconditions: Preconditions
) -> ObjectRecord:
    """The live object, when it is of `generation` (None: any) and the preconditions hold.

    Raises:
        GoogleError: 404 when there is none or it is of another generation; 412 or 304 for a precondition.
    """
    record = find(tx, bucket, name)
    if record is None:
        require_bucket(tx, bucket)
        raise GoogleError(404, "No such object.")
    if generation is not None and generation != record.generation:
        raise GoogleError(404, "No such object: this generation is not the live one.")
    preconditions.check(record)
    return record


def put(tx: sqlite3.Connection, record: ObjectRecord) -> None:
    """Insert the record or replace the one of its name."""
    content = record.content
    values = (
        record.bucket,
        record.name,
        record.generation,
        record.metageneration,
        content.id,
        content.size,
        content.md5,
        content.crc32c,
        record.component_count,
        record.updated,
        json.dumps(record.body),
    )
    tx.execute(f"INSERT OR REPLACE INTO objects ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", values)  # noqa: S608


def delete(tx: sqlite3.Connection, record: ObjectRecord) -> None:
    """Remove the row of this record."""
    tx.execute("DELETE FROM objects WHERE bucket = ? AND name = ?", (record.bucket, record.name))


def is_used(tx: sqlite3.Connection, content_id: str) -> bool:
    """Whether an object has this content."""
    return tx.execute("SELECT 1 FROM objects WHERE content = ? LIMIT 1", (content_id,)).fetchone() is not None


def names_from(tx: sqlite3.Connection, bucket: str, start: str, limit: str | None) -> Iterator[str]:
    """The bucket's names from `start` on and less than `limit`, in the order of their UTF-8 bytes, read lazily."""
    end = "" if limit is None else " AND name < ?"
    values = (bucket, start) if limit is None else (bucket, start, limit)
    sql = f"SELECT name FROM objects WHERE bucket = ? AND name >= ?{end} ORDER BY name"  # noqa: S608
    for row in tx.execute(sql, values):
        yield row["name"]


def _record(row: sqlite3.Row) -> ObjectRecord:
    content = Content(row["content"], row["size"], row["md5"], row["crc32c"])
    return ObjectRecord(
        row["bucket"],
        row["name"],
        row["generation"],
        row["metageneration"],
        content,
        row["component_count"],
        row["updated"],
        json.loads(row["body"]),
    )
