"""STOW-RS: storing instances (Healthcare API conformance statement, Store transaction; PS3.18 section 10.5)."""

from __future__ import annotations

import json

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from emulator.healthcare.contracts import StoreDirectory
from emulator.healthcare.dicom.entry import read_entry
from emulator.healthcare.dicomweb.errors import bad_request, not_acceptable, not_found
from emulator.healthcare.dicomweb.media_types import BadMediaType, parse_accept
from emulator.healthcare.dicomweb.receive import BodyReceiver, Received
from emulator.healthcare.dicomweb.stow_response import (
    CANNOT_UNDERSTAND,
    PROCESSING_FAILURE,
    Failed,
    Outcome,
    Stored,
    dicom_json,
    dicom_xml,
)
from emulator.healthcare.dicomweb.target import Target, target_of
from emulator.healthcare.instances import DuplicateInstance, InstanceStore, NotDicom, UnknownStore
from emulator.settings import Settings

_JSON_TYPES = ("application/dicom+json", "application/json")
_XML_TYPES = ("application/dicom+xml", "application/xml", "application/*", "*/*")


class StoreInstances:
    """POST .../dicomWeb/studies[/{study}].

    The body is received whole before anything is stored: a body that is malformed or breaks off stores nothing.
    After that each part is stored or refused on its own.
    """

    def __init__(self, instances: InstanceStore, stores: StoreDirectory, settings: Settings) -> None:
        self._instances = instances
        self._stores = stores
        self._identical_is_stored = settings.stow_identical_status == 200

    async def respond(self, request: Request) -> Response:
        """Answer 200 when every part was stored, 409 when at least one was not."""
        target = target_of(request)
        await anyio.to_thread.run_sync(self._stores.require_dicom_store, target.store)
        answer_json = _answers_json(request.headers.get("accept", ""))
        async with BodyReceiver(lambda: self._instances.staging_path(target.store)) as receiver:
            try:
                parts = await receiver.receive(request)
                outcomes = await anyio.to_thread.run_sync(self._store_all, target, parts)
            except UnknownStore:
                raise not_found("store") from None  # deleted since the request began
        status = 409 if any(isinstance(outcome, Failed) for outcome in outcomes) else 200
        if answer_json:
            body = json.dumps(dicom_json(outcomes, target.base_url))
            return Response(body, status, media_type="application/dicom+json")
        return Response(dicom_xml(outcomes, target.base_url), status, media_type="application/dicom+xml")

    def _store_all(self, target: Target, parts: list[Received]) -> list[Outcome]:
        return [self._store(target, part) for part in parts]

    def _store(self, target: Target, part: Received) -> Outcome:
        if not part.is_dicom:
            return Failed(CANNOT_UNDERSTAND, "the part's Content-Type is not application/dicom")
        try:
            entry = read_entry(part.path)
        except NotDicom as error:
            return Failed(CANNOT_UNDERSTAND, error.reason, error.sop_class, error.sop)
        if target.study is not None and entry.study != target.study:
            return Failed(
                PROCESSING_FAILURE,
                "the instance's StudyInstanceUID (0020,000D) is not the study in the URL",
                entry.sop_class,
                entry.sop,
            )
        try:
            self._instances.add_entry(target.store, part.path, entry)
        except DuplicateInstance as error:
            if not (error.identical and self._identical_is_stored):
                return Failed(PROCESSING_FAILURE, str(error), entry.sop_class, entry.sop)
        return Stored(entry.study, entry.series, entry.sop, entry.sop_class)


def _answers_json(accept: str) -> bool:
    """Whether the answer is JSON rather than XML, which is the default."""
    try:
        ranges = parse_accept(accept)
    except BadMediaType as error:
        raise bad_request(f"Accept: {error}") from None
    for media_range in ranges:
        if media_range.name in _JSON_TYPES:
            return True
        if media_range.name in _XML_TYPES:
            return False
    raise not_acceptable("a store request is answered as application/dicom+json or application/dicom+xml")
