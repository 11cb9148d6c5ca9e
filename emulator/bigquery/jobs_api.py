"""jobs.insert, get, list, cancel and delete. A job is done when the call that starts it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulator.bigquery import bodies, catalog, jobs
from emulator.bigquery.calls import Call
from emulator.bigquery.database import Database
from emulator.bigquery.jobs import Job
from emulator.bigquery.load import Loader, LoadFailure, LoadSpec, Source
from emulator.bigquery.names import DatasetRef, checked_job_id
from emulator.bigquery.query_jobs import QueryJobs, Ticket
from emulator.errors import GoogleError

_CONFIGURATION = {"load", "query", "dryRun", "labels", "jobTimeoutMs", "jobType"}
_KINDS = ("load", "query", "copy", "extract")


@dataclass(frozen=True)
class _Request:
    """A checked body of jobs.insert."""

    project: str
    location: str | None
    job_id: str | None
    configuration: dict[str, Any]
    kind: str


class JobMethods:
    """The methods of jobs, but for those that answer rows."""

    def __init__(self, database: Database, loader: Loader, queries: QueryJobs) -> None:
        self._database = database
        self._loader = loader
        self._queries = queries

    def insert(self, call: Call) -> dict[str, Any]:
        """jobs.insert of a load job from gs:// objects or of a query job."""
        request = _read(call)
        if request.kind == "load":
            return self._load(request, None).resource(call)
        if request.kind == "query":
            ticket = Ticket(request.project, request.location, request.job_id)
            return self._queries.insert(call, ticket, request.configuration)
        raise GoogleError(501, f"A job of type {request.kind} is not implemented by the embedded BigQuery.")

    def upload(self, call: Call, data: bytes) -> dict[str, Any]:
        """jobs.insert of a load job whose data came with the call."""
        return self._load(_read_upload(call), data).resource(call)

    def check_upload(self, call: Call) -> None:
        """Refuse a body that no upload can follow; raises GoogleError."""
        request = _read_upload(call)
        LoadSpec.from_api(request.configuration["load"], request.project, upload=True)

    def get(self, call: Call) -> dict[str, Any]:
        """jobs.get."""
        with self._database.read() as cursor:
            return jobs.get(cursor, call).resource(call)

    def cancel(self, call: Call) -> dict[str, Any]:
        """jobs.cancel: a job that is done stays as it is."""
        with self._database.read() as cursor:
            return {"kind": "bigquery#jobCancelResponse", "job": jobs.get(cursor, call).resource(call)}

    def delete(self, call: Call) -> None:
        """jobs.delete."""
        with self._database.write() as cursor:
            jobs.delete(cursor, jobs.get(cursor, call))

    def list(self, call: Call) -> dict[str, Any]:
        """jobs.list, the newest first."""
        project = DatasetRef.of(call.path["project"], "_").project
        if call.query.get("parentJobId"):
            raise GoogleError(501, "parentJobId of jobs.list is not implemented.")
        latest = call.number("maxCreationTime", 0) or None
        with self._database.read() as cursor:
            found = jobs.newest_first(cursor, project, call.number("minCreationTime", 0), latest)
        states = call.query.get("stateFilter", "done").lower()
        if states not in {"done", "pending", "running"}:
            raise GoogleError(400, "stateFilter must be done, pending or running.")
        page, more = call.page(found if states == "done" else [], 50)
        answer: dict[str, Any] = {"kind": "bigquery#jobList", "etag": catalog.etag({"n": len(found)}), **more}
        if page:
            answer["jobs"] = [_list_item(job, call) for job in page]
        return answer

    def _load(self, request: _Request, data: bytes | None) -> Job:
        if request.configuration.get("dryRun"):
            raise GoogleError(400, "dryRun is for query jobs.")
        spec = LoadSpec.from_api(request.configuration["load"], request.project, upload=data is not None)
        started = catalog.now_ms()
        with self._database.read() as cursor:
            dataset = catalog.find_dataset(cursor, spec.destination.ref.parent)
            location = request.location or (dataset.location if dataset else catalog.DEFAULT_LOCATION)
            job_id = request.job_id or jobs.new_job_id()
            jobs.refuse_taken(cursor, request.project, location, job_id)

        def finished(statistics: dict[str, Any], **errors: Any) -> Job:
            body = jobs.done(request.configuration, started, statistics, **errors)
            return Job(request.project, location, job_id, body, {})

        try:
            sources = self._loader.sources(spec) if data is None else [Source("", data)]
            with self._database.write() as cursor:
                jobs.refuse_taken(cursor, request.project, location, job_id)
                outcome = self._loader.run(cursor, spec, sources, request.location)
                job = finished({"load": outcome["statistics"]}, errors=outcome["errors"])
                jobs.put(cursor, job)
        except LoadFailure as failure:
            job = finished({}, error=failure.error, errors=failure.errors)
            with self._database.write() as cursor:
                jobs.put(cursor, job)
        return job


def _read(call: Call) -> _Request:
    body = bodies.checked("Job", call.body)
    configuration = body.get("configuration") or {}
    reference = body.get("jobReference") or {}
    bodies.implemented({key: value for key, value in configuration.items() if key not in _KINDS}, _CONFIGURATION,
                       "configuration")  # fmt: skip
    bodies.labels(configuration)
    kinds = [kind for kind in _KINDS if kind in configuration]
    if len(kinds) != 1:
        raise GoogleError(400, "Required parameter is missing: one of configuration.load and configuration.query",
                          reason="required")  # fmt: skip
    project = DatasetRef.of(call.path["project"], "_").project
    if reference.get("projectId", project) != project:
        raise GoogleError(400, "The project of jobReference must be the one in the URL.")
    job_id = reference.get("jobId")
    configuration = {**configuration, "jobType": kinds[0].upper()}
    return _Request(
        project, reference.get("location") or None, checked_job_id(job_id) if job_id else None, configuration, kinds[0]
    )


def _read_upload(call: Call) -> _Request:
    request = _read(call)
    if request.kind != "load":
        raise GoogleError(400, "Only a load job takes an upload.")
    return request


def _list_item(job: Job, call: Call) -> dict[str, Any]:
    resource = job.resource(call)
    item = {name: resource[name] for name in ("id", "kind", "jobReference", "statistics", "status", "configuration")}
    if call.query.get("projection", "minimal").lower() != "full":
        item["configuration"] = {"jobType": resource["configuration"]["jobType"]}
        # The client library tells kinds of jobs by which of these is there.
        kind = resource["configuration"]["jobType"].lower()
        item["configuration"][kind] = resource["configuration"][kind]
    item["state"] = resource["status"]["state"]
    if job.error:
        item["errorResult"] = job.error
    return item
