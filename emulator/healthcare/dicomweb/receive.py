"""Receiving the body of a store request: every part becomes a staged file, however large, before any is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request

from emulator.healthcare.dicomweb.errors import bad_request, not_implemented
from emulator.healthcare.dicomweb.media_types import BadMediaType, MediaType, parse_media_type
from emulator.healthcare.dicomweb.multipart import (
    MultipartError,
    MultipartParser,
    PartBegin,
    PartData,
    PartEnd,
)

_FLUSH_BYTES = 1 << 20
"""A part stays in memory until it has this many bytes: a small instance costs one write in a thread, not many."""


@dataclass(frozen=True, slots=True)
class Received:
    """One part: the staged file, and whether its own Content-Type is one that can be stored."""

    path: Path
    is_dicom: bool


class _Sink:
    """Writes a part to its file, in threads."""

    def __init__(self, path: Path, *, is_dicom: bool) -> None:
        self.received = Received(path, is_dicom)
        self._pending = bytearray()
        self._file: BinaryIO | None = None

    async def write(self, data: bytes) -> None:
        self._pending += data
        if len(self._pending) >= _FLUSH_BYTES:
            await anyio.to_thread.run_sync(self._flush)

    async def close(self) -> None:
        await anyio.to_thread.run_sync(self._close)

    def abandon(self) -> None:
        if self._file is not None:
            self._file.close()

    def _flush(self) -> None:
        if self._file is None:
            self._file = self.received.path.open("wb")
        self._file.write(self._pending)
        self._pending.clear()

    def _close(self) -> None:
        self._flush()
        assert self._file is not None  # noqa: S101 - _flush opened it
        self._file.close()


class BodyReceiver:
    """Stages the parts of one request; an async context manager that deletes staged files that are still there.

    Args:
        new_path: makes the path of a fresh staged file.
    """

    def __init__(self, new_path: Callable[[], Path]) -> None:
        self._new_path = new_path
        self._sinks: list[_Sink] = []

    async def __aenter__(self) -> BodyReceiver:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._clean)

    async def receive(self, request: Request) -> list[Received]:
        """All parts of the body.

        Raises:
            GoogleError: 400 for a body or Content-Type that cannot be read, 501 for forms not implemented.
        """
        if request.headers.get("content-encoding", "identity") != "identity":
            raise not_implemented("Content-Encoding of a store request is not implemented: send the body as it is")
        try:
            media_type = parse_media_type(request.headers.get("content-type", ""))
        except BadMediaType as error:
            raise bad_request(f"Content-Type: {error}; {_ACCEPTED}") from None
        try:
            if media_type.name == "application/dicom":
                await self._single(request)
            else:
                await self._multipart(request, _boundary_of(media_type))
        except ClientDisconnect:
            raise bad_request("the body broke off, nothing was stored") from None
        return [sink.received for sink in self._sinks]

    async def _single(self, request: Request) -> None:
        sink, empty = self._begin(is_dicom=True), True
        async for piece in request.stream():
            empty = empty and not piece
            await sink.write(piece)
        await sink.close()
        if empty:
            raise bad_request("the body is empty: send one DICOM file, or multipart/related")

    async def _multipart(self, request: Request, boundary: str) -> None:
        try:
            parser = MultipartParser(boundary)
            async for piece in request.stream():
                for event in parser.feed(piece):
                    if isinstance(event, PartBegin):
                        self._begin(is_dicom=_is_dicom(event.headers))
                    elif isinstance(event, PartData):
                        await self._sinks[-1].write(event.data)
                    elif isinstance(event, PartEnd):
                        await self._sinks[-1].close()
            parser.finish()
        except MultipartError as error:
            raise bad_request(f"malformed multipart body, nothing was stored: {error}") from None
        if not self._sinks:
            raise bad_request("the multipart body has no part")

    def _begin(self, *, is_dicom: bool) -> _Sink:
        sink = _Sink(self._new_path(), is_dicom=is_dicom)
        self._sinks.append(sink)
        return sink

    def _clean(self) -> None:
        for sink in self._sinks:
            sink.abandon()
            sink.received.path.unlink(missing_ok=True)


_ACCEPTED = 'send application/dicom, or multipart/related; type="application/dicom"; boundary=...'


def _boundary_of(media_type: MediaType) -> str:
    if media_type.name != "multipart/related":
        raise bad_request(f"Content-Type is not one that can be stored: {_ACCEPTED}")
    if media_type.part_type in ("application/dicom+json", "application/dicom+xml"):
        raise not_implemented(
            f"storing metadata with separate bulk data is not implemented by the embedded DICOM store: {_ACCEPTED}"
        )
    if media_type.part_type not in ("application/dicom", ""):
        raise bad_request(f"the type parameter of multipart/related is not application/dicom: {_ACCEPTED}")
    if "boundary" not in media_type.parameters:
        raise bad_request(f"multipart/related has no boundary parameter: {_ACCEPTED}")
    return media_type.parameters["boundary"]


def _is_dicom(headers: dict[str, str]) -> bool:
    """Whether a part may be an instance: application/dicom, or no Content-Type at all."""
    header = headers.get("content-type")
    if header is None:
        return True
    try:
        return parse_media_type(header).name == "application/dicom"
    except BadMediaType:
        return False
