"""Objects: every verb checks its preconditions and writes in one transaction."""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from emulator.storage import object_rows
from emulator.storage.contents import Content, ContentFolder
from emulator.storage.database import Database, next_instant
from emulator.storage.listing import ListRequest, Page, list_page
from emulator.storage.preconditions import NONE, Preconditions
from emulator.storage.records import ObjectRecord

Fields = dict[str, Any]


@dataclass(frozen=True)
class ObjectRef:
    """An object as a request names it: `generation` None means the live one."""

    bucket: str
    name: str
    generation: int | None = None
    preconditions: Preconditions = NONE


class ObjectStore:
    """The objects of all buckets. Every method may be called from any thread."""

    def __init__(self, database: Database, contents: ContentFolder, now: Callable[[], float] = time.time) -> None:
        """Use the database and the folder of contents; `now` gives seconds since the epoch."""
        self._database = database
        self._contents = contents
        self._now = now

    def get(self, ref: ObjectRef) -> ObjectRecord:
        """The object; raises GoogleError 404, 412 or 304."""
        with self._database.reading() as tx:
            return self._require(tx, ref)

    def open(self, ref: ObjectRef) -> tuple[ObjectRecord, BinaryIO]:
        """The object and its content, open for reading; raises as `get`."""
        with self._database.reading() as tx:
            record = self._require(tx, ref)
            return record, self._contents.open(record.content.id)

    def open_all(self, refs: Sequence[ObjectRef]) -> list[tuple[ObjectRecord, BinaryIO]]:
        """Several objects as they are at one moment; raises as `get`, and then leaves none open."""
        opened: list[tuple[ObjectRecord, BinaryIO]] = []
        try:
            with self._database.reading() as tx:
                for ref in refs:
                    record = self._require(tx, ref)
                    opened.append((record, self._contents.open(record.content.id)))
        except BaseException:
            for _, file in opened:
                file.close()
            raise
        return opened

    def check_insert(self, ref: ObjectRef) -> None:
        """What `insert` would refuse now; raises GoogleError 404 (bucket), 412 or 304."""
        with self._database.reading() as tx:
            object_rows.require_bucket(tx, ref.bucket)
            ref.preconditions.check(object_rows.find(tx, ref.bucket, ref.name))

    def insert(
        self,
        ref: ObjectRef,
        content: Content,
        fields: Fields,
        component_count: int | None = None,
        also: Callable[[sqlite3.Connection, ObjectRecord], None] | None = None,
    ) -> ObjectRecord:
        """A new generation with this content, whose file is removed when the insert is refused.

        `also` is called in the same transaction, to record what must not be recorded without the object.

        Raises:
            GoogleError: 404 (bucket), 412 or 304.
        """
        try:
            with self._database.transaction() as tx:
                record, freed = self._put(tx, ref, content, fields, component_count)
                if also is not None:
                    also(tx, record)
        except BaseException:
            self._contents.remove([content.id])
            raise
        self._contents.remove(freed)
        return record

    def update(self, ref: ObjectRef, change: Callable[[Fields], Fields]) -> ObjectRecord:
        """The same generation with other fields and the next metageneration; raises as `get`, and as `change`."""
        with self._database.transaction() as tx:
            old = self._require(tx, ref)
            record = dataclasses.replace(
                old,
                metageneration=old.metageneration + 1,
                updated=max(self._micros(), old.updated + 1),
                body=change(old.body),
            )
            object_rows.put(tx, record)
            return record

    def delete(self, ref: ObjectRef) -> None:
        """Remove the object; raises as `get`."""
        with self._database.transaction() as tx:
            record = self._require(tx, ref)
            object_rows.delete(tx, record)
            freed = self._unused(tx, record)
        self._contents.remove(freed)

    def copy(self, source: ObjectRef, destination: ObjectRef, change: Callable[[Fields], Fields]) -> ObjectRecord:
        """A new generation of `destination` with the content of `source`; both share one file.

        Raises:
            GoogleError: 404 (source or destination's bucket), 412 or 304, and what `change` raises.
        """
        with self._database.transaction() as tx:
            original = self._require(tx, source)
            fields = change(original.body)
            record, freed = self._put(tx, destination, original.content, fields, original.component_count)
        self._contents.remove(freed)
        return record

    def page(self, bucket: str, request: ListRequest) -> tuple[Page, list[ObjectRecord]]:
        """One page and the records of its names; raises GoogleError 404 for an unknown bucket."""
        with self._database.reading() as tx:
            object_rows.require_bucket(tx, bucket)
            page = list_page(lambda start: object_rows.names_from(tx, bucket, start, request.limit), request)
            records = (object_rows.find(tx, bucket, name) for name in page.names)
            return page, [record for record in records if record is not None]

    def content_ids(self) -> set[str]:
        """The file ids of all objects."""
        with self._database.reading() as tx:
            return {row["content"] for row in tx.execute("SELECT DISTINCT content FROM objects")}

    def _require(self, tx: sqlite3.Connection, ref: ObjectRef) -> ObjectRecord:
        return object_rows.require(tx, ref.bucket, ref.name, ref.generation, ref.preconditions)

    def _put(
        self, tx: sqlite3.Connection, ref: ObjectRef, content: Content, fields: Fields, component_count: int | None
    ) -> tuple[ObjectRecord, list[str]]:
        """Write the record; returns it and the file ids that nothing uses any more."""
        object_rows.require_bucket(tx, ref.bucket)
        old = object_rows.find(tx, ref.bucket, ref.name)
        ref.preconditions.check(old)
        generation = next_instant(tx, self._micros())
        record = ObjectRecord(ref.bucket, ref.name, generation, 1, content, component_count, generation, fields)
        object_rows.put(tx, record)
        return record, self._unused(tx, old) if old else []

    def _unused(self, tx: sqlite3.Connection, removed: ObjectRecord) -> list[str]:
        """The removed record's file, unless a copy of the object has it too."""
        return [] if object_rows.is_used(tx, removed.content.id) else [removed.content.id]

    def _micros(self) -> int:
        return int(self._now() * 1_000_000)
