"""The ASGI application of the embedded Cloud Storage: from a request to a method, from an error to Google's body."""

from __future__ import annotations

import dataclasses
import functools
import json
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from emulator.errors import GoogleError, legacy_body
from emulator.storage.batch import InnerRequest, answer_batch
from emulator.storage.calls import Call, parse_call, parse_json_body
from emulator.storage.downloads import Downloads
from emulator.storage.partial import parse_fields, select
from emulator.storage.ranges import NotSatisfiable
from emulator.storage.resumable import Progress, ResumableUploads
from emulator.storage.uploads import MAX_JSON_BYTES, SimpleUploads, collect

_log = logging.getLogger(__name__)
_BATCH_PATH = "/batch/storage/v1"
_UPLOAD_ID = "x-guploader-uploadid"

JsonMethod = Callable[[Call], dict[str, Any] | None]


@dataclasses.dataclass(frozen=True)
class StorageApp:
    """The application.

    Attributes:
        methods: the methods that answer JSON, by Discovery id; each runs in a thread.
        uploads: objects.insert in one request.
        resumable: objects.insert in several requests.
        downloads: objects.get with alt=media.
    """

    methods: Mapping[str, JsonMethod]
    uploads: SimpleUploads
    resumable: ResumableUploads
    downloads: Downloads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; an unexpected error is answered 500 and ends nothing else."""
        if scope["type"] != "http":
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        request = Request(scope, receive)
        try:
            response = await self._answer_or_refuse(request)
            await response(scope, receive, watched_send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the server goes on whatever one request does
            _log.error("unexpected error in Cloud Storage: %s", _describe(error))
            if started:
                raise _BrokenAnswer from None  # the web server closes the connection: the answer is not whole
            refusal = GoogleError(500, "We encountered an internal error. Please try again.")
            await error_response(refusal)(scope, receive, send)

    async def _answer_or_refuse(self, request: Request) -> Response:
        chunks = request.stream()
        try:
            return await self._answer(request, chunks)
        except GoogleError as error:
            async for _ in chunks:  # a client that is still sending would else see a broken connection, not the answer
                pass
            return error_response(error)

    async def _answer(self, request: Request, chunks: AsyncIterator[bytes]) -> Response:
        raw_path = request.scope["raw_path"].decode("latin-1")
        query_string = request.scope["query_string"].decode("latin-1")
        headers = {name.lower(): value for name, value in request.headers.items()}
        base_url = f"{request.url.scheme}://{headers.get('host', 'localhost')}"
        if raw_path == _BATCH_PATH and request.method == "POST":
            inner = functools.partial(self._answer_inner, base_url=base_url)
            return await answer_batch(headers.get("content-type", ""), chunks, inner)
        call = parse_call(request.method, raw_path, query_string, headers, base_url)
        if call.method.id == "objects.insert":
            return await self._upload(call, chunks)
        if call.is_media:
            return await self.downloads.get(call)
        return await self._json(call, await collect(chunks, MAX_JSON_BYTES))

    async def _answer_inner(self, request: InnerRequest, base_url: str) -> Response:
        """A call inside a batch; its errors are its answer."""
        try:
            call = parse_call(request.verb, request.path, request.query_string, request.headers, base_url)
            if call.method.id != "objects.insert" and not call.is_media:
                return await self._json(call, request.body)
            refusal = GoogleError(400, "A batch cannot upload or download; send the request by itself.")
            return error_response(refusal)
        except GoogleError as error:
            return error_response(error)
        except Exception as error:  # noqa: BLE001 - one call of a batch must not lose the others' answers
            _log.error("unexpected error in a batch: %s", _describe(error))
            return error_response(GoogleError(500, "We encountered an internal error. Please try again."))

    async def _json(self, call: Call, raw_body: bytes) -> Response:
        parse_fields(call.query.text("fields") or "*")  # a wrong one is refused before anything is done
        call = dataclasses.replace(call, body=parse_json_body(raw_body))
        answer = await anyio.to_thread.run_sync(self.methods[call.method.id], call)
        return Response(status_code=204) if answer is None else json_response(answer, call)

    async def _upload(self, call: Call, chunks: AsyncIterator[bytes]) -> Response:
        parse_fields(call.query.text("fields") or "*")
        if "content-encoding" in call.headers:
            raise GoogleError(501, "Compressed request bodies are not implemented by the embedded Cloud Storage.")
        if call.query.text("upload_id") is not None:
            return await self._session(call, chunks)
        kind = call.query.text("uploadType")
        if call.verb != "POST" or kind not in {"media", "multipart", "resumable"}:
            raise GoogleError(400, "An upload is a POST with uploadType media, multipart or resumable.")
        if kind == "resumable":
            url = await self.resumable.begin(call, chunks)
            upload_id = url.rpartition("=")[2]
            return Response(headers={"location": url, _UPLOAD_ID: upload_id})
        upload = self.uploads.media if kind == "media" else self.uploads.multipart
        return json_response(await upload(call, chunks), call)

    async def _session(self, call: Call, chunks: AsyncIterator[bytes]) -> Response:
        """A request for a resumable upload that was begun."""
        if call.verb == "DELETE":
            await self.resumable.cancel(call)
            return Response(status_code=499)  # documented: "a 499 status code in the response"
        result = await self.resumable.send(call, chunks)
        if not isinstance(result, Progress):
            return json_response(result, call)
        headers = {"range": f"bytes=0-{result.received - 1}"} if result.received else {}
        if call.headers.get("x-guploader-no-308") == "yes":  # clients that would follow a 308 as a redirect
            return Response(headers={**headers, "x-http-status-code-override": "308"})
        return Response(status_code=308, headers=headers)


class _BrokenAnswer(Exception):
    """The answer broke off; what happened is logged already."""


def json_response(answer: dict[str, Any], call: Call) -> Response:
    """The answer, or the part of it that the `fields` parameter names."""
    fields = call.query.text("fields")
    selected = select(answer, parse_fields(fields)) if fields else answer
    return _json_text(selected, 200)


def error_response(error: GoogleError) -> Response:
    """Google's older error body; a 304 has none, a 416 says how long the object is."""
    if error.http_status == 304:
        return Response(status_code=304)
    response = _json_text(legacy_body(error), error.http_status)
    if isinstance(error, NotSatisfiable):
        response.headers["content-range"] = f"bytes */{error.size}"
    return response


def _json_text(value: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(value), status_code=status, media_type="application/json; charset=UTF-8")


def _describe(error: BaseException) -> str:
    """Type and places of an exception, without its message, which may hold values."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} in {places}"
