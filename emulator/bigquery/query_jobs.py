"""Query jobs over the API: jobs.insert of a query, jobs.query and jobs.getQueryResults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulator.bigquery import bodies, catalog, jobs, query
from emulator.bigquery.calls import Call
from emulator.bigquery.database import Cursor, Database, snapshot
from emulator.bigquery.jobs import Job
from emulator.bigquery.names import DatasetRef, TableRef
from emulator.bigquery.query import Plan, QuerySpec
from emulator.bigquery.schema import schema_as_api
from emulator.bigquery.sizes import Sizes
from emulator.bigquery.tables import rows_page, timestamp_option
from emulator.errors import GoogleError

# Fields of a QueryRequest that are those of configuration.query; the rest steer the call itself.
_QUERY_FIELDS = {
    "query", "useLegacySql", "defaultDataset", "queryParameters", "parameterMode", "useQueryCache",
    "maximumBytesBilled",
}  # fmt: skip
# jobCreationMode: a job is always made, which JOB_CREATION_OPTIONAL allows. timeoutMs: the call always waits.
_CALL_FIELDS = {
    "maxResults", "timeoutMs", "jobTimeoutMs", "dryRun", "location", "labels", "requestId", "formatOptions",
    "jobCreationMode", "queryResultsFormat", "preserveNulls", "kind",
}  # fmt: skip


@dataclass(frozen=True)
class Ticket:
    """Who asks for a query, where, and under which job id; None where the client left it to the service."""

    project: str
    location: str | None
    job_id: str | None
    request_id: str = ""


@dataclass(frozen=True)
class _Running:
    """A query job that is under way."""

    ticket: Ticket
    configuration: dict[str, Any]
    job_id: str
    location: str
    started_ms: int
    target: TableRef

    def done(self, statistics: dict[str, Any], result: dict[str, Any], error: dict[str, Any] | None = None) -> Job:
        """The job when it is over."""
        configuration = self.configuration
        if result:
            asked = configuration["query"]
            configuration = {**configuration, "query": {"destinationTable": self.target.as_api(), **asked}}
        body = jobs.done(configuration, self.started_ms, _query_statistics(statistics), error)
        return Job(self.ticket.project, self.location, self.job_id, body, result, self.ticket.request_id)


class QueryJobs:
    """Runs queries and answers their rows."""

    def __init__(self, database: Database, sizes: Sizes) -> None:
        self._database = database
        self._sizes = sizes

    def insert(self, call: Call, ticket: Ticket, configuration: dict[str, Any]) -> dict[str, Any]:
        """jobs.insert of a query job, or what it would be for `dryRun`."""
        if configuration.get("dryRun"):
            return self._dry_run(ticket, configuration)
        return self._run(ticket, configuration).resource(call)

    def query(self, call: Call) -> dict[str, Any]:
        """jobs.query: the same request again (by `requestId`) answers the job of the first."""
        body = bodies.checked("QueryRequest", call.body)
        bodies.implemented(body, _QUERY_FIELDS | _CALL_FIELDS, "query request")
        bodies.labels(body)
        if body.get("queryResultsFormat", "STRUCT_ENCODING") not in {
            "STRUCT_ENCODING",
            "QUERY_RESULTS_FORMAT_UNSPECIFIED",
        }:
            raise GoogleError(501, "queryResultsFormat is implemented for STRUCT_ENCODING only.")
        project = DatasetRef.of(call.path["project"], "_").project
        configuration: dict[str, Any] = {
            "query": {name: value for name, value in body.items() if name in _QUERY_FIELDS},
            "jobType": "QUERY",
            **({"labels": body["labels"]} if body.get("labels") else {}),
        }
        ticket = Ticket(project, body.get("location") or None, None, body.get("requestId", ""))
        if body.get("dryRun"):
            return _dry_response(self._dry_run(ticket, configuration))
        job = self._earlier(ticket) or self._run(ticket, configuration)
        options = body.get("formatOptions") or {}
        paging = {
            "maxResults": str(body["maxResults"]) if "maxResults" in body else "",
            **{f"formatOptions.{name}": str(value).lower() if isinstance(value, bool) else value
               for name, value in options.items()},
        }  # fmt: skip
        return {**self._answer(job, Call(call.path, paging)), "kind": "bigquery#queryResponse"}

    def results(self, call: Call) -> dict[str, Any]:
        """jobs.getQueryResults."""
        with self._database.read() as cursor:
            job = jobs.get(cursor, call)
        if job.body["configuration"]["jobType"] != "QUERY":
            raise GoogleError(400, "Cannot retrieve results from a job that is no query job.")
        answer = {**self._answer(job, call), "kind": "bigquery#getQueryResultsResponse"}
        return {**answer, "etag": catalog.etag(job.body)}

    def _described(self, cursor: Cursor, planned: Plan) -> dict[str, Any]:
        """`statistics.query` before the query runs; it reads every column of its tables, as it is counted here."""
        size = sum(self._sizes.of(cursor, table) for table in planned.referenced)
        return query.described(planned, size)

    def _earlier(self, ticket: Ticket) -> Job | None:
        with self._database.read() as cursor:
            return jobs.find_request(cursor, ticket.project, ticket.request_id)

    def _dry_run(self, ticket: Ticket, configuration: dict[str, Any]) -> dict[str, Any]:
        """A job resource without a job."""
        spec = QuerySpec.from_api(configuration["query"], ticket.project)
        with self._database.read() as cursor:
            planned = query.plan(cursor, spec, ticket.location)
            schema = query.check(cursor, planned)
            statistics = self._described(cursor, planned)
        location = ticket.location or planned.location or catalog.DEFAULT_LOCATION
        if schema is not None:
            statistics["schema"] = schema_as_api(schema)
        body = jobs.done(configuration, catalog.now_ms(), _query_statistics(statistics))
        reference = {"projectId": ticket.project, "location": location}
        return {"kind": "bigquery#job", "jobReference": reference, **body}

    def _run(self, ticket: Ticket, configuration: dict[str, Any]) -> Job:
        """Run a query; a mistake in it is raised, what fails while it runs is the job's error."""
        spec = QuerySpec.from_api(configuration["query"], ticket.project)
        job_id = ticket.job_id or jobs.new_job_id()
        started = catalog.now_ms()
        running: _Running | None = None
        with self._database.session() as cursor:
            try:
                with snapshot(cursor):  # a SELECT runs beside other writers
                    planned = query.plan(cursor, spec, ticket.location)
                    location = ticket.location or planned.location or catalog.DEFAULT_LOCATION
                    jobs.refuse_taken(cursor, ticket.project, location, job_id)
                    schema = query.check(cursor, planned)
                    statistics = self._described(cursor, planned)
                    target = query.result_table(ticket.project, location, job_id)
                    running = _Running(ticket, configuration, job_id, location, started, target)
                    query.compute(cursor, planned)
                with self._database.write(cursor):
                    earlier = jobs.find_request(cursor, ticket.project, ticket.request_id)
                    if earlier:  # the same request, sent twice at the same time
                        return earlier
                    if schema is None:  # on the tables as they are now
                        planned = query.plan(cursor, spec, ticket.location)
                    outcome = query.finish(cursor, spec, planned, schema, target, location)
                    job = running.done({**statistics, **outcome.statistics}, outcome.result)
                    jobs.put(cursor, job)
            except jobs.JobExists:
                raise
            except GoogleError as error:
                if running is None or error.http_status >= 500:
                    raise
                job = running.done(statistics, {}, jobs.error_proto(error, "query"))
                with self._database.write() as fresh:
                    jobs.put(fresh, job)
        return job

    def _answer(self, job: Job, call: Call) -> dict[str, Any]:
        """What getQueryResults and jobs.query answer of a job; raises GoogleError when the job failed."""
        if job.error:
            raise jobs.as_google_error(job.error)
        statistics = job.body["statistics"]["query"]
        answer: dict[str, Any] = {
            "jobReference": job.reference,
            "jobComplete": True,
            "cacheHit": False,
            "totalBytesProcessed": statistics["totalBytesProcessed"],
        }
        for name in ("numDmlAffectedRows", "dmlStats"):
            if name in statistics:
                answer[name] = statistics[name]
        if not job.result:
            return answer
        answer |= {"schema": job.result["schema"], "totalRows": str(job.result["totalRows"])}
        with self._database.read() as cursor:
            table = catalog.get_table(cursor, TableRef.from_api(job.result["table"], job.project))
            first, total = job.result["first"], job.result["totalRows"]
            offset = first + (call.offset() or call.number("startIndex", 0))
            page = rows_page(
                cursor, table.physical, job.schema, call, offset, first + total, timestamp_option(call), base=first
            )
        return {**answer, **page}


def _query_statistics(statistics: dict[str, Any]) -> dict[str, Any]:
    """JobStatistics of a query."""
    return {"totalBytesProcessed": statistics["totalBytesProcessed"], "query": statistics}


def _dry_response(job: dict[str, Any]) -> dict[str, Any]:
    """A QueryResponse of a dry run."""
    statistics = job["statistics"]["query"]
    shown = {"schema": statistics["schema"]} if "schema" in statistics else {}
    return {
        "kind": "bigquery#queryResponse",
        "jobReference": job["jobReference"],
        "jobComplete": True,
        "cacheHit": False,
        "totalBytesProcessed": statistics["totalBytesProcessed"],
        **shown,
    }
