"""The ASGI application of the embedded BigQuery: routes, bodies and errors."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from emulator.bigquery import bodies
from emulator.bigquery.calls import Call, parse_json, read_body
from emulator.bigquery.datasets import DatasetMethods
from emulator.bigquery.insert_all import InsertAll
from emulator.bigquery.jobs_api import JobMethods
from emulator.bigquery.query_jobs import QueryJobs
from emulator.bigquery.tables import TableMethods
from emulator.bigquery.upload import Sessions, split_multipart, upload_type
from emulator.errors import GoogleError, legacy_body
from emulator.guard import Guard

Method = Callable[[Call], dict[str, Any] | None]
Endpoint = Callable[[Request], Awaitable[Response]]

MAX_UPLOAD_BYTES = 1024**3  # all of it is held in memory while its rows are read
_PROJECT = "/bigquery/v2/projects/{project}"
_DATASET = _PROJECT + "/datasets/{dataset}"
_TABLE = _DATASET + "/tables/{table}"
_UPLOADS = ("/upload" + _PROJECT + "/jobs", "/resumable/upload" + _PROJECT + "/jobs")
_log = logging.getLogger(__name__)


class ApiResponse(JSONResponse):
    """JSON with the content type that Google answers."""

    media_type = "application/json; charset=UTF-8"


def build_app(
    datasets: DatasetMethods,
    tables: TableMethods,
    insert_all: InsertAll,
    jobs: JobMethods,
    queries: QueryJobs,
    sessions: Sessions,
) -> ASGIApp:
    """The application; every method runs in a thread."""
    methods: list[tuple[str, str, str, Method]] = [
        ("POST", _PROJECT + "/datasets", "datasets.insert", datasets.insert),
        ("GET", _PROJECT + "/datasets", "datasets.list", datasets.list),
        ("GET", _DATASET, "datasets.get", datasets.get),
        ("PATCH", _DATASET, "datasets.patch", datasets.patch),
        ("DELETE", _DATASET, "datasets.delete", datasets.delete),
        ("POST", _DATASET + "/tables", "tables.insert", tables.insert),
        ("GET", _DATASET + "/tables", "tables.list", tables.list),
        ("GET", _TABLE, "tables.get", tables.get),
        ("PATCH", _TABLE, "tables.patch", tables.patch),
        ("DELETE", _TABLE, "tables.delete", tables.delete),
        ("GET", _TABLE + "/data", "tabledata.list", tables.list_rows),
        ("POST", _TABLE + "/insertAll", "tabledata.insertAll", insert_all),
        ("POST", _PROJECT + "/jobs", "jobs.insert", jobs.insert),
        ("GET", _PROJECT + "/jobs", "jobs.list", jobs.list),
        ("GET", _PROJECT + "/jobs/{job}", "jobs.get", jobs.get),
        ("POST", _PROJECT + "/jobs/{job}/cancel", "jobs.cancel", jobs.cancel),
        ("DELETE", _PROJECT + "/jobs/{job}/delete", "jobs.delete", jobs.delete),
        ("POST", _PROJECT + "/queries", "jobs.query", queries.query),
        ("GET", _PROJECT + "/queries/{job}", "jobs.getQueryResults", queries.results),
    ]
    routes: list[BaseRoute] = [
        Route(path, _endpoint(name, method), methods=[verb]) for verb, path, name, method in methods
    ]
    uploads = _upload(jobs, sessions)
    routes += [Route(path, uploads, methods=["POST", "PUT"]) for path in _UPLOADS]
    for path in ("/$discovery/rest", "/discovery/v1/apis/bigquery/v2/rest"):
        routes.append(Route(path, _discovery, methods=["GET"]))
    handled: dict[Any, Any] = {GoogleError: _google_error, HTTPException: _no_method, Exception: _internal_error}
    return Guard(Starlette(routes=routes, exception_handlers=handled))


def _endpoint(name: str, method: Method) -> Endpoint:
    """A method by its Discovery id; answers 204 when it has nothing to say."""

    async def endpoint(request: Request) -> Response:
        bodies.check_query(name, request.query_params.keys())
        body = parse_json(await read_body(request)) if request.method in {"POST", "PATCH"} else {}
        answer = await anyio.to_thread.run_sync(method, _call(request, body))
        return Response(status_code=204) if answer is None else ApiResponse(answer)

    return endpoint


def _call(request: Request, body: Any) -> Call:
    query = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    base_url = f"{request.url.scheme}://{request.url.netloc}"
    return Call(request.path_params, query, body, base_url, request.headers.get("if-match"))


def _upload(jobs: JobMethods, sessions: Sessions) -> Endpoint:
    """jobs.insert with data: POST of a multipart body; POST of the JSON, then PUT of the data."""

    async def endpoint(request: Request) -> Response:
        bodies.check_query("jobs.insert", request.query_params.keys())
        call = _call(request, {})
        upload_id = call.query.get("upload_id")
        if upload_id:
            chunk = await read_body(request, MAX_UPLOAD_BYTES)
            content_range = request.headers.get("content-range")
            return await anyio.to_thread.run_sync(_receive, upload_id, content_range, chunk)
        if upload_type(dict(call.query)) == "multipart":
            raw = await read_body(request, MAX_UPLOAD_BYTES)
            text, data = split_multipart(request.headers.get("content-type", ""), raw)
            answer = await anyio.to_thread.run_sync(jobs.upload, _call(request, parse_json(text)), data)
            return ApiResponse(answer)
        call = _call(request, parse_json(await read_body(request)))
        await anyio.to_thread.run_sync(jobs.check_upload, call)
        name = sessions.begin(call)
        location = f"{call.base_url}{request.url.path}?uploadType=resumable&upload_id={name}"
        return Response(status_code=200, headers={"Location": location, "X-GUploader-UploadID": name})

    def _receive(upload_id: str, content_range: str | None, chunk: bytes) -> Response:
        received = sessions.receive(upload_id, content_range, chunk)
        if not isinstance(received, int):
            return ApiResponse(jobs.upload(*received))
        return Response(status_code=308, headers={"Range": f"bytes=0-{received - 1}"} if received else {})

    return endpoint


async def _discovery(request: Request) -> Response:
    """The Discovery document, its URLs leading here: what the bq command line starts with."""
    base_url = f"{request.url.scheme}://{request.url.netloc}/"
    document = {
        **bodies.document(),
        "rootUrl": base_url,
        "baseUrl": f"{base_url}bigquery/v2/",
        "servicePath": "bigquery/v2/",
    }
    document.pop("mtlsRootUrl", None)
    return Response(json.dumps(document), media_type="application/json")


async def _google_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, GoogleError)  # noqa: S101 - registered for GoogleError only
    return ApiResponse(legacy_body(error), status_code=error.http_status)


async def _no_method(_request: Request, _error: Exception) -> Response:
    error = GoogleError(
        501, "The embedded BigQuery does not implement this method; emulator/FIDELITY.md lists what it does."
    )
    return ApiResponse(legacy_body(error), status_code=501)


async def _internal_error(_request: Request, _error: Exception) -> Response:
    """The 500 answer; Starlette raises the error again, for `Guard` to log."""
    error = GoogleError(500, "Internal error encountered.")
    return ApiResponse(legacy_body(error), status_code=500)
