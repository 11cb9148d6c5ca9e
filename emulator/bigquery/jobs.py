"""Jobs as stored: found by project, location and id, kept for ever, a finished one never changed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.bigquery import catalog
from emulator.bigquery.calls import Call
from emulator.bigquery.database import Cursor, every, one
from emulator.bigquery.names import TableRef
from emulator.bigquery.schema import Schema, parse_schema
from emulator.errors import LEGACY_REASON, GoogleError


@dataclass(frozen=True)
class Job:
    """A finished job.

    Attributes:
        project: who runs it.
        location: for example "US".
        job_id: unique in project and location.
        body: `configuration`, `statistics` and `status` of its resource.
        result: of a query that answers rows `{"table": TableReference, "schema", "totalRows", "first"}`, `first` being
            the place of its first row in the table; else {}.
        request_id: `requestId` of jobs.query; "" when there is none.
    """

    project: str
    location: str
    job_id: str
    body: dict[str, Any]
    result: dict[str, Any]
    request_id: str = ""

    def resource(self, call: Call) -> dict[str, Any]:
        """The Job resource."""
        full_id = f"{self.project}:{self.location}.{self.job_id}"
        return {
            "kind": "bigquery#job",
            "etag": catalog.etag(self.body),
            "id": full_id,
            "selfLink": call.url(f"projects/{self.project}/jobs/{self.job_id}?location={self.location}"),
            "jobReference": self.reference,
            **self.body,
        }

    @property
    def reference(self) -> dict[str, str]:
        """The JobReference."""
        return {"projectId": self.project, "jobId": self.job_id, "location": self.location}

    @property
    def error(self) -> dict[str, Any] | None:
        """`status.errorResult` of a failed job."""
        return self.body["status"].get("errorResult")

    @property
    def schema(self) -> Schema:
        """The columns of its result."""
        return parse_schema(self.result["schema"])


class JobExists(GoogleError):
    """Another job has the id."""


def new_job_id() -> str:
    """An id for a job whose client gave none."""
    return f"job_{secrets.token_urlsafe(21)}"


def put(cursor: Cursor, job: Job) -> None:
    """Record a job; raises JobExists when its id is taken."""
    refuse_taken(cursor, job.project, job.location, job.job_id)
    stored = json.dumps({"body": job.body, "result": job.result})
    cursor.execute(
        "INSERT INTO catalogue.jobs VALUES (?, ?, ?, ?, nextval('catalogue.job_sequence'), ?, ?)",
        [job.project, job.location, job.job_id, job.request_id, catalog.now_ms(), stored],
    )


def refuse_taken(cursor: Cursor, project: str, location: str, job_id: str) -> None:
    """Raise JobExists (409) when a job of this id exists."""
    if find(cursor, project, job_id, location):
        raise JobExists(409, f"Already Exists: Job {project}:{location}.{job_id}", reason="duplicate")


def find(cursor: Cursor, project: str, job_id: str, location: str | None = None) -> Job | None:
    """The job of this id, in a location or in any, the latest first; None when there is none."""
    row = one(
        cursor,
        "SELECT location, request, body FROM catalogue.jobs WHERE project = ? AND job = ? "
        "AND (? IS NULL OR lower(location) = lower(?)) ORDER BY sequence DESC LIMIT 1",
        project,
        job_id,
        location,
        location,
    )
    return _job(project, row[0], job_id, row[1], row[2]) if row else None


def get(cursor: Cursor, call: Call) -> Job:
    """The job that a call names; raises GoogleError 404."""
    project, job_id = call.path["project"], call.path["job"]
    found = find(cursor, project, job_id, call.query.get("location"))
    if found is None:
        raise GoogleError(404, f"Not found: Job {project}:{job_id}")
    return found


def find_request(cursor: Cursor, project: str, request_id: str) -> Job | None:
    """The job that a `requestId` of jobs.query has started before; None for "" too."""
    if not request_id:
        return None
    row = one(
        cursor, "SELECT location, job, body FROM catalogue.jobs WHERE project = ? AND request = ?", project, request_id
    )
    return _job(project, row[0], row[1], request_id, row[2]) if row else None


def newest_first(cursor: Cursor, project: str, created_from: int, created_to: int | None) -> list[Job]:
    """A project's jobs that were created in a span of milliseconds."""
    rows = every(
        cursor,
        "SELECT location, job, request, body FROM catalogue.jobs WHERE project = ? AND created_ms >= ? "
        "AND (? IS NULL OR created_ms <= ?) ORDER BY sequence DESC",
        project,
        created_from,
        created_to,
        created_to,
    )
    return [_job(project, *row) for row in rows]


def delete(cursor: Cursor, job: Job) -> None:
    """Forget a job, and its result unless that has a destination of its own."""
    if job.result:
        table = catalog.find_table(cursor, TableRef.from_api(job.result["table"], job.project))
        if table and table.ref.parent.hidden:
            catalog.remove_table(cursor, table)
    cursor.execute(
        "DELETE FROM catalogue.jobs WHERE project = ? AND location = ? AND job = ?",
        [job.project, job.location, job.job_id],
    )


def forget_results(cursor: Cursor, before_ms: int) -> None:
    """Remove results without a destination that are older."""
    for table in catalog.hidden_tables(cursor):
        if int(table.body["creationTime"]) < before_ms:
            catalog.remove_table(cursor, table)


def done(
    configuration: Mapping[str, Any],
    started_ms: int,
    statistics: Mapping[str, Any],
    error: dict[str, Any] | None = None,
    errors: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The body of a job that is over."""
    status: dict[str, Any] = {"state": "DONE"}
    if error:
        status["errorResult"] = error
    listed = errors or ([error] if error else [])
    if listed:
        status["errors"] = listed
    times = {"creationTime": str(started_ms), "startTime": str(started_ms), "endTime": str(catalog.now_ms())}
    return {"configuration": dict(configuration), "statistics": {**times, **statistics}, "status": status}


def error_proto(error: GoogleError, location: str = "") -> dict[str, Any]:
    """An ErrorProto `{"reason", "location"?, "message"}`."""
    proto = {"reason": error.reason, "message": error.message}
    return {**proto, "location": location} if location else proto


# https://cloud.google.com/bigquery/docs/error-messages: the HTTP status of each reason
_STATUS = {**{reason: status for status, reason in LEGACY_REASON.items()}, "duplicate": 409, "invalidQuery": 400}


def as_google_error(error: Mapping[str, Any]) -> GoogleError:
    """A failed job's ErrorProto as the error that getQueryResults answers."""
    return GoogleError(_STATUS.get(error["reason"], 400), error["message"], reason=error["reason"])


def _job(project: str, location: str, job_id: str, request_id: str, stored: str) -> Job:
    parsed = json.loads(stored)
    return Job(project, location, job_id, parsed["body"], parsed["result"], request_id)
