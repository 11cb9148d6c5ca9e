"""The JSON of an operation, made from its record."""

from __future__ import annotations

import datetime
import json
import sqlite3
from typing import Any
from urllib.parse import quote


def operation_json(row: sqlite3.Row) -> dict[str, Any]:
    """A record as `Operation` JSON: zeros, false and absent times left out; int64 counters as strings."""
    counts = {name: str(row[name]) for name in ("pending", "success", "failure") if row[name]}
    metadata: dict[str, Any] = {
        "@type": f"type.googleapis.com/google.cloud.healthcare.{row['api_version']}.OperationMetadata",
        "apiMethodName": row["api_method"],
        "createTime": _timestamp(row["created_at"]),
    }
    if row["ended_at"] is not None:
        metadata["endTime"] = _timestamp(row["ended_at"])
    if row["cancel_requested"]:
        metadata["cancelRequested"] = True
    metadata["logsUrl"] = _logs_url(row["name"])
    if counts:
        metadata["counter"] = counts
    answer: dict[str, Any] = {"name": row["name"], "metadata": metadata}
    if row["ended_at"] is not None:
        answer |= {"done": True, **json.loads(row["result"])}
    return answer


def _timestamp(seconds: float) -> str:
    """RFC 3339 in UTC with microseconds, e.g. 2026-01-01T00:00:00.000000Z."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _logs_url(name: str) -> str:
    project = name.split("/")[1]
    query = quote(f'operation.id="{name.rpartition("/")[2]}"', safe="")
    return f"https://console.cloud.google.com/logs/query;query={query}?project={quote(project, safe='')}"
