"""WADO-RS: retrieving instances and metadata (Healthcare API conformance statement, Retrieve transaction)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from emulator.healthcare.contracts import StoreDirectory
from emulator.healthcare.dicom.dicom_json import JsonEncoder
from emulator.healthcare.dicom.part10 import EXPLICIT_LE, open_part10
from emulator.healthcare.dicom.transcode import CannotTranscode, can_decode, to_explicit_little_endian
from emulator.healthcare.dicomweb.errors import not_acceptable, not_found
from emulator.healthcare.dicomweb.qido import require_json
from emulator.healthcare.dicomweb.target import Target, instance_url, target_of
from emulator.healthcare.dicomweb.wado_accept import STORED, Wanted, wanted_dicom
from emulator.healthcare.instances import InstanceStore, StoredInstance

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file to answer: its bytes are in `transfer_syntax`; `temporary` files go when the answer is over."""

    path: Path
    transfer_syntax: str
    temporary: bool


class _Retrieval:
    """What retrieving instances and retrieving metadata share."""

    def __init__(self, instances: InstanceStore, stores: StoreDirectory) -> None:
        self._instances = instances
        self._stores = stores

    async def _found(self, request: Request) -> tuple[Target, list[StoredInstance]]:
        target = target_of(request)
        return target, await anyio.to_thread.run_sync(self._find, target)

    def _find(self, target: Target) -> list[StoredInstance]:
        self._stores.require_dicom_store(target.store)
        found = self._instances.find(target.store, target.study, target.series, target.sop)
        if not found:
            raise not_found(target.level)
        return found


class RetrieveInstances(_Retrieval):
    """GET .../studies/{study}[/series/{series}[/instances/{instance}]].

    All files are ready before the first byte is answered, so that an instance that cannot be decompressed is a
    clear 406 and not an answer that breaks off.
    """

    async def respond(self, request: Request) -> Response:
        """Answer the instances as the Accept header asks."""
        target, found = await self._found(request)
        wanted = wanted_dicom(request.headers.get("accept", ""), single_allowed=target.sop is not None)
        form, ready = await anyio.to_thread.run_sync(self._prepare, target.store, found, wanted)
        cleaning = BackgroundTask(_remove, ready)
        if not form.multipart:
            return FileResponse(
                ready[0].path,
                media_type=f"application/dicom; transfer-syntax={ready[0].transfer_syntax}",
                background=cleaning,
            )
        boundary = uuid.uuid4().hex
        return StreamingResponse(
            _multipart(ready, boundary),
            media_type=f'multipart/related; type="application/dicom"; boundary={boundary}',
            background=cleaning,
        )

    def _prepare(self, store: str, found: list[StoredInstance], wanted: list[Wanted]) -> tuple[Wanted, list[_Ready]]:
        """The first acceptable form that every instance can be given in, and the files in it."""
        problem = ""
        for form in wanted:
            ready: list[_Ready] = []
            try:
                for instance in found:
                    # one by one, so that `ready` holds what there is to remove when one fails
                    ready.append(self._ready(store, instance, form.transfer_syntax))  # noqa: PERF401
            except CannotTranscode as error:
                problem = problem or str(error)
                _remove(ready)
            except BaseException:
                _remove(ready)
                raise
            else:
                return form, ready
        raise not_acceptable(problem)

    def _ready(self, store: str, instance: StoredInstance, syntax: str) -> _Ready:
        if syntax in (STORED, instance.transfer_syntax):
            return _Ready(instance.path, instance.transfer_syntax, temporary=False)
        if syntax != EXPLICIT_LE:
            raise CannotTranscode(
                "the embedded DICOM store does not compress: ask for the stored bytes with transfer-syntax=*, "
                "or for Explicit VR Little Endian"
            )
        if not can_decode(instance.transfer_syntax):
            raise CannotTranscode(
                "no decoder for the stored transfer syntax is installed here: "
                "ask for the stored bytes with transfer-syntax=*"
            )
        path = self._instances.staging_path(store)
        to_explicit_little_endian(instance.path, path)
        return _Ready(path, EXPLICIT_LE, temporary=True)


class RetrieveMetadata(_Retrieval):
    """GET .../metadata below a study, series or instance: DICOM JSON, bulk data as BulkDataURI."""

    async def respond(self, request: Request) -> Response:
        """Answer a JSON array with one object for each instance."""
        require_json(request.headers.get("accept", ""))
        target, found = await self._found(request)
        return StreamingResponse(_metadata(target.base_url, found), media_type="application/dicom+json")


def _metadata(base_url: str, found: list[StoredInstance]) -> Iterator[str]:
    divider = "["
    for instance in found:
        url = instance_url(base_url, instance.study, instance.series, instance.sop)
        try:
            with open_part10(instance.path) as file:
                attributes = JsonEncoder(file, lambda path, url=url: f"{url}/bulkdata/{path}").whole()  # type: ignore[misc]
        except FileNotFoundError:
            continue  # deleted since it was found
        yield divider + json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
        divider = ","
    yield "]" if divider == "," else "[]"


def _multipart(ready: list[_Ready], boundary: str) -> Iterator[bytes]:
    try:
        for item in ready:
            content_type = f"application/dicom; transfer-syntax={item.transfer_syntax}"
            yield f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode()
            with item.path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
        yield f"\r\n--{boundary}--\r\n".encode()
    finally:
        _remove(ready)  # also when the client goes away in the middle


def _remove(ready: list[_Ready]) -> None:
    for item in ready:
        if item.temporary:
            item.path.unlink(missing_ok=True)
