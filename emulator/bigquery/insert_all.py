"""tabledata.insertAll: rows with insert ids, and an error for each row that cannot be taken."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from emulator.bigquery import bodies, catalog
from emulator.bigquery.calls import Call
from emulator.bigquery.database import Database
from emulator.bigquery.names import TableRef
from emulator.bigquery.schema import Schema
from emulator.bigquery.values import RowError, canonical_row
from emulator.bigquery.wire import insert_rows
from emulator.errors import GoogleError

MAX_ROWS = 50_000  # https://cloud.google.com/bigquery/quotas#streaming_inserts: "Maximum rows per request"
REMEMBERED_IDS = 100_000
_KEPT = {"rows", "skipInvalidRows", "ignoreUnknownValues", "traceId"}


class InsertIds:
    """The latest insert ids of each table, so that a repeated row is not inserted again.

    BigQuery promises this "on a best effort basis" for about a minute; here the last 100,000 ids of a table are
    remembered while the server runs. The caller sees to it that one thread at a time uses it.
    """

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[str, None]] = {}

    def unseen(self, physical: str, ids: list[str | None]) -> list[bool]:
        """For each id whether its row is new: not remembered and not an earlier one of this list."""
        seen = self._seen.get(physical, OrderedDict())
        here: set[str] = set()
        answer = []
        for one in ids:
            answer.append(one is None or (one not in seen and one not in here))
            here.add(one or "")
        return answer

    def remember(self, physical: str, ids: list[str | None]) -> None:
        """Remember the ids of rows that are committed."""
        seen = self._seen.setdefault(physical, OrderedDict())
        seen.update((one, None) for one in ids if one is not None)
        while len(seen) > REMEMBERED_IDS:
            seen.popitem(last=False)


class InsertAll:
    """The method."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids = InsertIds()
        self._turn = threading.Lock()  # ids are judged, committed and remembered by one call at a time

    def __call__(self, call: Call) -> dict[str, Any]:
        """Insert the rows; `insertErrors` lists what was refused."""
        ref = TableRef.of(call.path["project"], call.path["dataset"], call.path["table"])
        body = bodies.checked("TableDataInsertAllRequest", call.body)
        bodies.implemented(body, _KEPT, "tabledata.insertAll")
        given = body.get("rows") or []
        if not given:
            raise GoogleError(400, "No rows present in the request.")
        if len(given) > MAX_ROWS:
            raise GoogleError(400, f"too many rows present in the request, limit: {MAX_ROWS} row count: {len(given)}")
        with self._turn:
            return self._insert(ref, body, given)

    def _insert(self, ref: TableRef, body: dict[str, Any], given: list[dict[str, Any]]) -> dict[str, Any]:
        with self._database.write() as cursor:
            table = catalog.get_table(cursor, ref)
            if table.is_view:
                raise GoogleError(400, "Cannot add rows to a table of type VIEW.")
            if not table.schema:
                raise GoogleError(400, "The destination table has no schema.")
            rows, errors = _judge(table.schema, given, ignore_unknown=body.get("ignoreUnknownValues", False))
            if errors and not body.get("skipInvalidRows", False):
                return _answer(errors, [index for index in range(len(given)) if index not in errors])
            indexes = sorted(rows)
            ids = [given[index].get("insertId") or None for index in indexes]
            new = self._ids.unseen(table.physical, ids)
            insert_rows(
                cursor, table.physical, table.schema, [rows[i] for i, fresh in zip(indexes, new, strict=True) if fresh]
            )
        self._ids.remember(table.physical, ids)
        return _answer(errors, [])


def _judge(
    schema: Schema, given: list[dict[str, Any]], *, ignore_unknown: bool
) -> tuple[dict[int, dict[str, Any]], dict[int, RowError]]:
    """Rows that can be taken, and the mistakes of the others, by their index in the request."""
    rows: dict[int, dict[str, Any]] = {}
    errors: dict[int, RowError] = {}
    for index, item in enumerate(given):
        try:
            rows[index] = canonical_row(schema, item.get("json", {}), ignore_unknown=ignore_unknown, json_text=True)
        except RowError as error:
            errors[index] = error
    return rows, errors


def _answer(errors: dict[int, RowError], stopped: list[int]) -> dict[str, Any]:
    answer: dict[str, Any] = {"kind": "bigquery#tableDataInsertAllResponse"}
    listed = [
        _error(index, "invalid", location=error.location, message=error.message) for index, error in errors.items()
    ]
    listed += [_error(index, "stopped") for index in stopped]
    if listed:
        answer["insertErrors"] = listed
    return answer


def _error(index: int, reason: str, *, location: str = "", message: str = "") -> dict[str, Any]:
    return {
        "index": index,
        "errors": [{"reason": reason, "location": location, "debugInfo": "", "message": message}],
    }
