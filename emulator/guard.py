"""Unexpected errors: answered 500 in Google's form, logged without any value, and the server goes on."""

from __future__ import annotations

import logging
import traceback

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulator.errors import GoogleError, rpc_body

_log = logging.getLogger(__name__)
_INTERNAL = rpc_body(GoogleError(500, "Internal error encountered."))


def describe(error: BaseException) -> str:
    """Type and places of an exception, without its message, which may hold values.

    Example: "KeyError in _value:123 < normalise:80".
    """
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} in {places}"


async def internal_error(_request: Request, _error: Exception) -> Response:
    """Starlette handler for Exception: the 500 answer. Starlette raises the error again, for `Guard` to log."""
    return JSONResponse(_INTERNAL, status_code=500)


class Guard:
    """Lets no exception of an application out to the HTTP server, which would log it with its message."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on; an unexpected error is answered 500 unless the answer has begun."""
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the server goes on whatever one request does
            _log.error("unexpected error: %s", describe(error))
            if not started:
                await JSONResponse(_INTERNAL, status_code=500)(scope, receive, send)
