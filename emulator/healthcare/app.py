"""The ASGI application of the embedded Healthcare API, v1 and v1beta1 over the same data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.errors import GoogleError, rpc_body
from emulator.guard import Guard, internal_error
from emulator.healthcare import discovery
from emulator.healthcare.calls import Call, Method, check_implemented, find_method, parse_query

Handler = Callable[[Call], dict[str, Any]]
MAX_BODY_BYTES = 10 * 1024 * 1024  # "10 MB for every DICOM method except Store" (quotas page)
_VERBS = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"]
_VERB_AT_END = re.compile(r"\}:[A-Za-z]+$")
_FORM = b"application/x-www-form-urlencoded"


class ApiResponse(JSONResponse):
    """JSON with the content type that Google answers."""

    media_type = "application/json; charset=UTF-8"


def build_app(handlers: Mapping[str, Handler], first_routes: Sequence[Route]) -> ASGIApp:
    """The application.

    Args:
        handlers: by Discovery method id without its constant beginning ("datasets.create"); each runs in a thread.
            A method of the API that is not among them answers 501.
        first_routes: routes that are tried before (DICOMweb, whose bodies are not JSON).
    """

    async def call_method(request: Request) -> Response:
        method, ids = find_method(request.method, request.scope["raw_path"].decode("latin-1"))
        check_implemented(method, list(handlers))
        query = parse_query(method, request.scope["query_string"].decode("latin-1"))
        call = Call(method, ids, query, await _body(request, method))
        return ApiResponse(await anyio.to_thread.run_sync(handlers[method.id], call))

    routes = [
        *(route for route in first_routes if _VERB_AT_END.search(route.path)),
        Route("/{path:path}:{verb}", call_method, methods=_VERBS),  # else ":verb" would be read as part of a UID
        *first_routes,
        Route("/{path:path}", call_method, methods=_VERBS),
    ]
    handled: dict[Any, Any] = {
        GoogleError: _google_error,
        HTTPException: _http_error,
        Exception: internal_error,
    }
    return Guard(Gate(Starlette(routes=routes, exception_handlers=handled)))


async def _body(request: Request, method: Method) -> dict[str, Any]:
    """The request body, held against the method's schema."""
    if method.request is None:
        return {}
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise GoogleError(413, "The request body is larger than 10 MB.")
    parsed = discovery.parse_json(bytes(raw))
    field = {"Dataset": "dataset", "DicomStore": "dicom_store"}.get(method.request, "")
    return discovery.normalise(method.api_version, method.request, parsed, field)


async def _google_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, GoogleError)  # noqa: S101 - registered for GoogleError only
    return ApiResponse(rpc_body(error), status_code=error.http_status)


async def _http_error(_request: Request, error: Exception) -> Response:
    """Starlette's own refusals (a verb that a route does not have) in Google's form."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for HTTPException only
    google = GoogleError(error.status_code, "The method is not allowed for this path.")
    return ApiResponse(rpc_body(google), status_code=error.status_code)


class Gate:
    """The one point that every request passes before it is understood; faults will be injected here."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Apply the verb override and pass the request on."""
        try:
            scope, receive = await _overridden(scope, receive)
        except GoogleError as error:
            await ApiResponse(rpc_body(error), status_code=error.http_status)(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _overridden(scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    """`X-HTTP-Method-Override` on a POST: the verb it names; for a GET the form body is the query string.

    google-api-python-client sends a GET whose URL is too long this way.
    """
    headers = dict(scope["headers"])
    verb = headers.get(b"x-http-method-override", b"").decode("latin-1").upper()
    if not verb or scope["method"] != "POST":
        return scope, receive
    if verb not in _VERBS:
        raise GoogleError(400, "X-HTTP-Method-Override names no HTTP verb.")
    changed = {**scope, "method": verb}
    if verb == "GET" and headers.get(b"content-type", b"").startswith(_FORM):
        form = (await Request(scope, receive).body()).strip()
        changed["query_string"] = b"&".join(part for part in (scope["query_string"], form) if part)
    return changed, receive
