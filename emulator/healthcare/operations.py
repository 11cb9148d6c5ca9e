"""The record of long-running operations.

An operation is named under the dataset of its source store and answered in the API version that started it.
The record outlives the server; what runs an operation is `runner.py`.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import Any

from emulator.errors import GoogleError
from emulator.healthcare.database import Database
from emulator.healthcare.operation_json import operation_json

RETENTION_SECONDS = 30 * 24 * 3600  # "about 30 days after the operation finishes" (how-tos/long-running-operations)
_LOWEST_ID, _HIGHEST_ID = 10**19, 2**64 - 1  # 20 decimal digits, as in Google's samples

CANCELLED = {"error": {"code": 1, "message": "The operation was cancelled."}}


@dataclasses.dataclass(frozen=True)
class Instance:
    """An instance that an operation has still to do; `position` is its place in the operation's list.

    `series` and `sop` are "" when the filter file named a wider path of which the store held nothing.
    """

    position: int
    study: str
    series: str
    sop: str


@dataclasses.dataclass(frozen=True)
class Running:
    """A record of an operation that has not ended.

    `request` is None for work that cannot be taken up again after a restart; `listed` says whether its instances
    are recorded; `cancel_requested` whether somebody cancelled it.
    """

    name: str
    created_at: float
    request: dict[str, Any] | None
    listed: bool
    cancel_requested: bool


class OperationStore:
    """The record of all operations. Safe to use from several threads."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        """Keep records in `database`, with times (seconds since 1970) from `clock`."""
        self._database = database
        self._clock = clock

    def create(
        self,
        dataset: str,
        api_version: str,
        api_method: str,
        request: dict[str, Any] | None = None,
        running_limit: int | None = None,
    ) -> str:
        """Record a new operation and return its name.

        Args:
            dataset: full name of an existing dataset.
            api_version: "v1" or "v1beta1".
            api_method: `metadata.apiMethodName`.
            request: what a restart needs to take it up again, removed when it ends.
            running_limit: most operations with a `request` that may run in the dataset's location, this one
                included.

        Raises:
            GoogleError: 429 when too many run already.
        """
        name = f"{dataset}/operations/{_new_id()}"
        location = dataset.rpartition("/datasets/")[0]
        with self._database.transaction() as connection:
            if running_limit is not None:
                (running,) = connection.execute(
                    "SELECT count(*) FROM operations WHERE location = ? AND ended_at IS NULL AND request IS NOT NULL",
                    (location,),
                ).fetchone()
                if running >= running_limit:
                    raise GoogleError(
                        429,
                        "Quota exceeded for quota metric 'dicom_store_lro_ops': "
                        f"{running} de-identify operations are running in this project and location. "
                        "Wait until one has finished and try again.",
                    )
            self._insert(connection, name, api_version, api_method, request)
        return name

    def record_done(self, dataset: str, api_version: str, api_method: str, result: dict[str, Any]) -> dict[str, Any]:
        """Record an operation that is over already and return its JSON."""
        name = f"{dataset}/operations/{_new_id()}"
        with self._database.transaction() as connection:
            self._insert(connection, name, api_version, api_method, None)
        self.end(name, result)
        answer = self.find(name)
        assert answer is not None  # noqa: S101 - recorded above
        return answer

    def _insert(
        self,
        connection: sqlite3.Connection,
        name: str,
        api_version: str,
        api_method: str,
        request: dict[str, Any] | None,
    ) -> None:
        dataset = name.rpartition("/operations/")[0]
        connection.execute(
            "INSERT INTO operations (name, dataset, api_version, api_method, location, created_at, request)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                name,
                dataset,
                api_version,
                api_method,
                dataset.rpartition("/datasets/")[0],
                self._clock(),
                None if request is None else json.dumps(request),
            ),
        )

    # Progress

    def list_instances(self, name: str, instances: Iterable[Instance]) -> None:
        """Record all instances that an operation has to do; from then on `metadata.counter` is shown."""
        rows = [(name, item.position, item.study, item.series, item.sop) for item in instances]
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE operations SET listed = 1, pending = ? WHERE name = ?", (len(rows), name)
            )
            if changed.rowcount:
                connection.executemany("INSERT INTO operation_instances VALUES (?, ?, ?, ?, ?)", rows)

    def remaining(self, name: str) -> list[Instance]:
        """The instances that are still to do, in order."""
        rows = self._database.rows(
            "SELECT position, study, series, sop FROM operation_instances WHERE operation = ? ORDER BY position",
            name,
        )
        return [Instance(*row) for row in rows]

    def count_instance(self, name: str, position: int, *, success: bool) -> None:
        """One instance is over: count it, and take it from the list."""
        column = "success" if success else "failure"
        with self._database.transaction() as connection:
            done = connection.execute(
                "DELETE FROM operation_instances WHERE operation = ? AND position = ?", (name, position)
            )
            if done.rowcount:
                connection.execute(
                    f"UPDATE operations SET {column} = {column} + 1, pending = pending - 1 WHERE name = ?",  # noqa: S608
                    (name,),
                )

    def count(self, name: str, success: int) -> None:
        """Set the successes of an operation whose instances are not listed."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE operations SET success = ? WHERE name = ?", (success, name))

    def failures(self, name: str) -> int:
        """How many instances failed so far."""
        rows = self._database.rows("SELECT failure FROM operations WHERE name = ?", name)
        return int(rows[0]["failure"]) if rows else 0

    def end(self, name: str, result: dict[str, Any]) -> None:
        """Record the end: `result` is {"response": ...} or {"error": ...}."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE operations SET ended_at = ?, result = ?, request = NULL WHERE name = ? AND ended_at IS NULL",
                (self._clock(), json.dumps(result), name),
            )
            connection.execute("DELETE FROM operation_instances WHERE operation = ?", (name,))

    def request_cancel(self, name: str) -> None:
        """Record that somebody asked to cancel.

        Raises:
            GoogleError: 404 when there is no such operation, 400 when it is over.
        """
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT ended_at FROM operations WHERE name = ?", (name,)).fetchall()
            if not rows:
                raise GoogleError(404, "The operation does not exist.")
            if rows[0]["ended_at"] is not None:
                raise GoogleError(
                    400,
                    "The operation cannot be cancelled because the operation has already completed.",
                    rpc_status="FAILED_PRECONDITION",
                )
            connection.execute("UPDATE operations SET cancel_requested = 1 WHERE name = ?", (name,))

    # Reading

    def find(self, name: str) -> dict[str, Any] | None:
        """The operation's JSON as get answers it, or None."""
        rows = self._database.rows("SELECT * FROM operations WHERE name = ?", name)
        return operation_json(rows[0]) if rows else None

    def page(self, dataset: str, after: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """At most `limit` operations of a dataset, oldest first, each with the number that the next page is after."""
        rows = self._database.rows(
            "SELECT * FROM operations WHERE dataset = ? AND sequence > ? ORDER BY sequence LIMIT ?",
            dataset,
            after,
            limit,
        )
        return [(row["sequence"], operation_json(row)) for row in rows]

    def running(self) -> list[Running]:
        """Every operation that has not ended, oldest first."""
        rows = self._database.rows("SELECT * FROM operations WHERE ended_at IS NULL ORDER BY sequence")
        return [_running(row) for row in rows]

    def running_one(self, name: str) -> Running | None:
        """The operation when it exists and has not ended."""
        rows = self._database.rows("SELECT * FROM operations WHERE name = ? AND ended_at IS NULL", name)
        return _running(rows[0]) if rows else None

    def forget_old(self) -> None:
        """Remove operations that ended more than 30 days ago."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM operations WHERE ended_at < ?", (self._clock() - RETENTION_SECONDS,))


def _running(row: sqlite3.Row) -> Running:
    return Running(
        name=row["name"],
        created_at=row["created_at"],
        request=None if row["request"] is None else json.loads(row["request"]),
        listed=bool(row["listed"]),
        cancel_requested=bool(row["cancel_requested"]),
    )


def _new_id() -> str:
    return str(_LOWEST_ID + secrets.randbelow(_HIGHEST_ID - _LOWEST_ID + 1))
