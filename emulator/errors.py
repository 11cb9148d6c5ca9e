"""Google's two error bodies, and the one exception all embedded services raise for them.

The Healthcare API and Cloud Logging answer with the `google.rpc.Status` form; Cloud Storage and BigQuery
with the older form that carries an `errors` list. https://cloud.google.com/apis/design/errors
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

RPC_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    406: "INVALID_ARGUMENT",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    413: "INVALID_ARGUMENT",
    415: "INVALID_ARGUMENT",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}

LEGACY_REASON = {
    400: "invalid",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    412: "conditionNotMet",
    416: "requestedRangeNotSatisfiable",
    429: "rateLimitExceeded",
    500: "internalError",
    501: "notImplemented",
    503: "backendError",
}


class GoogleError(Exception):
    """An answer that is an error: HTTP status, a sentence for the caller, and optional details or reason.

    The message must not hold a DICOM value, a UID or a key: callers log it.
    """

    def __init__(
        self,
        http_status: int,
        message: str,
        *,
        rpc_status: str | None = None,
        reason: str | None = None,
        details: list[dict[str, Any]] | None = None,
    ) -> None:
        """Keep what the body needs; `rpc_status` and `reason` default from `http_status`."""
        super().__init__(message)
        self.http_status = http_status
        self.message = message
        self.rpc_status = rpc_status or RPC_STATUS.get(http_status, "UNKNOWN")
        self.reason = reason or LEGACY_REASON.get(http_status, "internalError")
        self.details = details


def rpc_body(error: GoogleError) -> dict[str, Any]:
    """`{"error": {"code", "message", "status", "details"?}}`, as the Healthcare API answers."""
    body: dict[str, Any] = {"code": error.http_status, "message": error.message, "status": error.rpc_status}
    if error.details:
        body["details"] = error.details
    return {"error": body}


def legacy_body(error: GoogleError) -> dict[str, Any]:
    """`{"error": {"code", "message", "errors": [...]}}`, as Cloud Storage and BigQuery answer."""
    item = {"domain": "global", "reason": error.reason, "message": error.message}
    return {"error": {"code": error.http_status, "message": error.message, "errors": [item]}}


async def rpc_error_handler(_request: Request, error: Exception) -> Response:
    """Starlette exception handler for the `google.rpc.Status` form."""
    assert isinstance(error, GoogleError)  # noqa: S101 - registered for GoogleError only
    return JSONResponse(rpc_body(error), status_code=error.http_status)
