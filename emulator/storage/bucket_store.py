"""Buckets: every verb checks its preconditions and writes in one transaction."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from emulator.errors import GoogleError
from emulator.storage.database import Database, next_instant
from emulator.storage.listing import successor
from emulator.storage.preconditions import NONE, Preconditions
from emulator.storage.records import BucketRecord

Fields = dict[str, Any]


class BucketStore:
    """All buckets. Every method may be called from any thread."""

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        """Use the database; `now` gives seconds since the epoch."""
        self._database = database
        self._now = now

    def create(self, name: str, project: str, fields: Fields) -> BucketRecord:
        """A new bucket; raises GoogleError 409 when the name is taken."""
        with self._database.transaction() as tx:
            if tx.execute("SELECT 1 FROM buckets WHERE name = ?", (name,)).fetchone():
                raise GoogleError(
                    409, "Your previous request to create the named bucket succeeded and you already own it."
                )
            instant = next_instant(tx, self._micros())
            record = BucketRecord(name, project, 1, instant, instant, fields)
            tx.execute(
                "INSERT INTO buckets (name, project, metageneration, created, updated, body) VALUES (?,?,?,?,?,?)",
                (name, project, 1, instant, instant, json.dumps(fields)),
            )
            return record

    def get(self, name: str, preconditions: Preconditions = NONE) -> BucketRecord:
        """The bucket; raises GoogleError 404, 412 or 304."""
        with self._database.reading() as tx:
            return _require(tx, name, preconditions)

    def update(self, name: str, preconditions: Preconditions, change: Callable[[Fields], Fields]) -> BucketRecord:
        """The bucket with other fields and the next metageneration; raises as `get`, and what `change` raises."""
        with self._database.transaction() as tx:
            old = _require(tx, name, preconditions)
            record = dataclasses.replace(
                old,
                metageneration=old.metageneration + 1,
                updated=max(self._micros(), old.updated + 1),
                body=change(old.body),
            )
            tx.execute(
                "UPDATE buckets SET metageneration = ?, updated = ?, body = ? WHERE name = ?",
                (record.metageneration, record.updated, json.dumps(record.body), name),
            )
            return record

    def delete(self, name: str, preconditions: Preconditions) -> None:
        """Remove an empty bucket; raises as `get`, and GoogleError 409 when objects are in it."""
        with self._database.transaction() as tx:
            _require(tx, name, preconditions)
            if tx.execute("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (name,)).fetchone():
                raise GoogleError(409, "The bucket you tried to delete is not empty.")
            tx.execute("DELETE FROM buckets WHERE name = ?", (name,))

    def list(self, project: str, prefix: str, start: str, size: int) -> tuple[list[BucketRecord], str | None]:
        """At most `size` buckets of a project from `start` on, in name order, and the name after them (None: end)."""
        limit = successor(prefix)
        end = "" if limit is None else " AND name < ?"
        sql = f"SELECT * FROM buckets WHERE project = ? AND name >= ?{end} ORDER BY name LIMIT ?"  # noqa: S608
        values = (project, max(prefix, start), *([] if limit is None else [limit]), size + 1)
        with self._database.reading() as tx:
            records = [_record(row) for row in tx.execute(sql, values)]
        return records[:size], records[size].name if len(records) > size else None

    def _micros(self) -> int:
        return int(self._now() * 1_000_000)


def _require(tx: sqlite3.Connection, name: str, preconditions: Preconditions) -> BucketRecord:
    row = tx.execute("SELECT * FROM buckets WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise GoogleError(404, "The specified bucket does not exist.")
    record = _record(row)
    preconditions.check(record)
    return record


def _record(row: sqlite3.Row) -> BucketRecord:
    return BucketRecord(
        row["name"], row["project"], row["metageneration"], row["created"], row["updated"], json.loads(row["body"])
    )
