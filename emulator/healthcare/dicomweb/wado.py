"""WADO-RS: retrieving instances and metadata (Healthcare API conformance statement, Retrieve transaction)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import anyio.to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from emulator.healthcare.dicom.dicom_json import JsonEncoder
from emulator.healthcare.dicom.part10 import open_part10
from emulator.healthcare.dicom.transcode import CannotTranscode
from emulator.healthcare.dicomweb.errors import not_acceptable
from emulator.healthcare.dicomweb.json_stream import json_array
from emulator.healthcare.dicomweb.qido import require_json
from emulator.healthcare.dicomweb.retrieval import ReadyFile, Retrieval, remove
from emulator.healthcare.dicomweb.target import instance_url
from emulator.healthcare.dicomweb.wado_accept import Wanted, wanted_dicom
from emulator.healthcare.instances import StoredInstance

_CHUNK_BYTES = 1 << 20


class RetrieveInstances(Retrieval):
    """GET .../studies/{study}[/series/{series}[/instances/{instance}]].

    All files are ready before the first byte is answered, so that an instance that cannot be decompressed is a
    clear 406 and not an answer that breaks off.
    """

    async def respond(self, request: Request) -> Response:
        """Answer the instances as the Accept header asks."""
        target, found = await self.found(request)
        wanted = wanted_dicom(request.headers.get("accept", ""), single_allowed=target.sop is not None)
        form, files = await anyio.to_thread.run_sync(self._prepare, target.store, found, wanted)
        cleaning = BackgroundTask(remove, files)
        if not form.multipart:
            return FileResponse(
                files[0].path,
                media_type=f"application/dicom; transfer-syntax={files[0].transfer_syntax}",
                background=cleaning,
            )
        boundary = uuid.uuid4().hex
        return StreamingResponse(
            _multipart(files, boundary),
            media_type=f'multipart/related; type="application/dicom"; boundary={boundary}',
            background=cleaning,
        )

    def _prepare(self, store: str, found: list[StoredInstance], wanted: list[Wanted]) -> tuple[Wanted, list[ReadyFile]]:
        """The first acceptable form that every instance can be given in, and the files in it."""
        problem = ""
        for form in wanted:
            files: list[ReadyFile] = []
            try:
                for instance in found:
                    # one by one, so that `files` holds what there is to remove when one fails
                    files.append(self.ready(store, instance, form.transfer_syntax))  # noqa: PERF401
            except CannotTranscode as error:
                problem = problem or str(error)
                remove(files)
            except BaseException:
                remove(files)
                raise
            else:
                return form, files
        raise not_acceptable(problem)


class RetrieveMetadata(Retrieval):
    """GET .../metadata below a study, series or instance: DICOM JSON, bulk data as BulkDataURI."""

    async def respond(self, request: Request) -> Response:
        """Answer a JSON array with one object for each instance."""
        require_json(request.headers.get("accept", ""))
        target, found = await self.found(request)
        return StreamingResponse(json_array(_metadata(target.base_url, found)), media_type="application/dicom+json")


def _metadata(base_url: str, found: list[StoredInstance]) -> Iterator[dict[str, Any]]:
    for instance in found:
        url = instance_url(base_url, instance.study, instance.series, instance.sop)
        try:
            with open_part10(instance.path) as file:
                attributes = JsonEncoder(file, f"{url}/bulkdata/".__add__).whole()
        except FileNotFoundError:
            continue  # deleted since it was found
        yield attributes


def _multipart(files: list[ReadyFile], boundary: str) -> Iterator[bytes]:
    try:
        for item in files:
            content_type = f"application/dicom; transfer-syntax={item.transfer_syntax}"
            yield f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode()
            with item.path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
        yield f"\r\n--{boundary}--\r\n".encode()
    finally:
        remove(files)  # also when the client goes away in the middle
