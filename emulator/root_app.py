"""The root ASGI application: which service a request is for, by the beginning of its path."""

from __future__ import annotations

import re
from collections.abc import Callable

import anyio.to_thread
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.errors import GoogleError, rpc_body

_STORAGE = ("/storage/v1", "/upload/storage/v1", "/download/storage/v1", "/resumable/upload/storage/v1")
_STORAGE_BATCH = ("/batch/storage/v1",)
_BIGQUERY = ("/bigquery/v2", "/upload/bigquery/v2", "/resumable/upload/bigquery/v2")
_BIGQUERY_DISCOVERY = ("/$discovery/rest", "/discovery/v1/apis/bigquery")
_HEALTHCARE = ("/v1/", "/v1beta1/")
_FINISH = re.compile(r"/emulator/healthcare/(projects/[^:]+/operations/\d{20}):finish")


class RootApp:
    """Passes each request on with its path unchanged; what no service takes is answered 501."""

    def __init__(
        self, storage: ASGIApp, bigquery: ASGIApp, healthcare: ASGIApp, finish_operation: Callable[[str], None]
    ) -> None:
        """Take the services; `finish_operation` serves `POST /emulator/healthcare/{operation name}:finish`."""
        self._services = (
            (_STORAGE + _STORAGE_BATCH, storage),
            (_BIGQUERY + _BIGQUERY_DISCOVERY, bigquery),
            (_HEALTHCARE, healthcare),
        )
        self._finish_operation = finish_operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["raw_path"].decode("latin-1")
        for prefixes, app in self._services:
            if path.startswith(prefixes):
                await app(scope, receive, send)
                return
        control = _FINISH.fullmatch(scope["path"])
        if control and scope["method"] == "POST":
            await anyio.to_thread.run_sync(self._finish_operation, control[1])
            await JSONResponse({})(scope, receive, send)
            return
        error = GoogleError(501, "No embedded service takes this path; emulator/FIDELITY.md lists what is implemented.")
        await JSONResponse(rpc_body(error), status_code=501)(scope, receive, send)
