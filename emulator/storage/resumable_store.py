"""Sessions of resumable uploads: recorded when they begin, so that a restarted server goes on with them."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sqlite3
import threading
import time
import uuid
from typing import Any

from emulator.errors import GoogleError
from emulator.storage.checksums import Expected
from emulator.storage.contents import ContentFolder, ContentWriter
from emulator.storage.database import Database
from emulator.storage.object_store import ObjectRef
from emulator.storage.preconditions import Preconditions
from emulator.storage.receive import ALIGNMENT_BYTES
from emulator.storage.uploads import NewObject

_KEPT_SECONDS = 7 * 24 * 3600  # "A session URI expires after one week"


@dataclasses.dataclass
class Session:
    """An upload that is under way, or (`outcome`) how it ended.

    `total` is the length that the first request declared, None when it did not. `outcome` is `{"object": resource}`
    or `{"error": {"code", "message", "reason"}}`. Requests for one session wait for each other at `lock`.
    """

    id: str
    new: NewObject
    total: int | None
    writer: ContentWriter
    outcome: dict[str, Any] | None
    lock: asyncio.Lock = dataclasses.field(default_factory=asyncio.Lock)


class SessionStore:
    """All sessions. Every method may be called from any thread."""

    def __init__(self, database: Database, contents: ContentFolder) -> None:
        """Use the database and the folder of contents; forget sessions older than a week."""
        self._database = database
        self._contents = contents
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}
        with database.transaction() as tx:
            tx.execute("DELETE FROM uploads WHERE created < ?", (int(time.time() - _KEPT_SECONDS),))

    def begin(self, new: NewObject, total: int | None) -> Session:
        """A new session, recorded."""
        session = Session(uuid.uuid4().hex, new, total, self._contents.new_writer(), None)
        values = (session.id, new.ref.bucket, session.writer.id, int(time.time()), _encode(new, total))
        with self._database.transaction() as tx:
            tx.execute("INSERT INTO uploads (id, bucket, content, created, request) VALUES (?,?,?,?,?)", values)
        with self._lock:
            self._open[session.id] = session
        return session

    def get(self, upload_id: str) -> Session:
        """The session, continued from the record when this process does not have it.

        Raises:
            GoogleError: 404 for an unknown, cancelled or expired one.
        """
        with self._lock:
            if upload_id in self._open:
                return self._open[upload_id]
            with self._database.reading() as tx:
                row = tx.execute("SELECT * FROM uploads WHERE id = ?", (upload_id,)).fetchone()
            if row is None:
                raise GoogleError(404, "No such resumable upload; begin a new one.")
            new, total = _decode(row["request"])
            outcome = json.loads(row["outcome"]) if row["outcome"] else None
            if outcome:
                return Session(upload_id, new, total, self._contents.new_writer(), outcome)
            writer = self._contents.reopen_writer(row["content"], ALIGNMENT_BYTES)
            self._open[upload_id] = Session(upload_id, new, total, writer, None)
            return self._open[upload_id]

    def end(self, tx: sqlite3.Connection, session: Session, outcome: dict[str, Any]) -> None:
        """Record the outcome in the caller's transaction. A repeated request gets the same answer."""
        tx.execute("UPDATE uploads SET outcome = ? WHERE id = ?", (json.dumps(outcome), session.id))

    def refuse(self, session: Session, error: GoogleError) -> None:
        """End the session without an object and remove its bytes."""
        outcome = {"error": {"code": error.http_status, "message": error.message, "reason": error.reason}}
        with self._database.transaction() as tx:
            self.end(tx, session, outcome)
        self._contents.remove([session.writer.id])
        self.close(session, outcome)

    def close(self, session: Session, outcome: dict[str, Any]) -> None:
        """Let go of a session whose outcome is recorded."""
        session.outcome = outcome
        with self._lock:
            self._open.pop(session.id, None)

    def cancel(self, session: Session) -> None:
        """Forget the session and its bytes."""
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM uploads WHERE id = ?", (session.id,))
        with self._lock:
            self._open.pop(session.id, None)
        if session.outcome is None:
            self._contents.remove([session.writer.id])


def unfinished_contents(database: Database) -> set[str]:
    """The file ids of sessions that are under way."""
    with database.reading() as tx:
        return {row["content"] for row in tx.execute("SELECT content FROM uploads WHERE outcome IS NULL")}


def _encode(new: NewObject, total: int | None) -> str:
    return json.dumps(
        {
            "bucket": new.ref.bucket,
            "name": new.ref.name,
            "preconditions": dataclasses.asdict(new.ref.preconditions),
            "fields": new.fields,
            "expected": dataclasses.asdict(new.expected),
            "total": total,
        }
    )


def _decode(text: str) -> tuple[NewObject, int | None]:
    request = json.loads(text)
    ref = ObjectRef(request["bucket"], request["name"], None, Preconditions(**request["preconditions"]))
    return NewObject(ref, request["fields"], Expected(**request["expected"])), request["total"]
