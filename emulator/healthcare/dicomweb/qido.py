"""QIDO-RS: searching studies, series and instances (Healthcare API conformance statement, Search transaction)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from emulator.healthcare.contracts import StoreDirectory
from emulator.healthcare.dicom.dicom_json import JsonEncoder
from emulator.healthcare.dicom.part10 import open_part10
from emulator.healthcare.dicom.search import Hit, Level
from emulator.healthcare.dicomweb.errors import bad_request, not_acceptable
from emulator.healthcare.dicomweb.json_stream import json_array
from emulator.healthcare.dicomweb.levels import (
    MODALITIES_IN_STUDY,
    NUMBER_OF_SERIES_RELATED_INSTANCES,
    NUMBER_OF_STUDY_RELATED_INSTANCES,
    NUMBER_OF_STUDY_RELATED_SERIES,
    is_series_attribute,
    is_study_attribute,
)
from emulator.healthcare.dicomweb.media_types import BadMediaType, parse_accept
from emulator.healthcare.dicomweb.qido_parameters import IncludeFields, parse_search
from emulator.healthcare.dicomweb.target import target_of
from emulator.healthcare.instances import InstanceStore
from emulator.settings import Settings

_JSON = "application/dicom+json"
_ANSWERED = (_JSON, "application/json", "application/*", "*/*")

_BELONGS: dict[Level, Callable[[int], bool]] = {
    Level.STUDIES: is_study_attribute,
    Level.SERIES: is_series_attribute,
    Level.INSTANCES: lambda _tag: True,
}
_COUNTED = {
    Level.STUDIES: frozenset((MODALITIES_IN_STUDY, NUMBER_OF_STUDY_RELATED_SERIES, NUMBER_OF_STUDY_RELATED_INSTANCES)),
    Level.SERIES: frozenset((NUMBER_OF_SERIES_RELATED_INSTANCES,)),
    Level.INSTANCES: frozenset[int](),
}


def require_json(accept: str) -> None:
    """Accept header of an answer that exists as DICOM JSON only.

    Raises:
        GoogleError: 406 when it does not take that, 400 when it cannot be read.
    """
    try:
        ranges = parse_accept(accept)
    except BadMediaType as error:
        raise bad_request(f"Accept: {error}") from None
    if not any(media_range.name in _ANSWERED for media_range in ranges):
        raise not_acceptable(f"this is answered as {_JSON} only")


class SearchTransaction:
    """GET .../studies, .../series, .../instances, from the store or from below a study or series.

    Results come in the order in which studies, series or instances were first stored, so that pages neither overlap
    nor skip while instances are added.
    """

    def __init__(self, level: Level, instances: InstanceStore, stores: StoreDirectory, settings: Settings) -> None:
        self._level = level
        self._instances = instances
        self._stores = stores
        self._empty_status = settings.qido_empty_status

    async def respond(self, request: Request) -> Response:
        """Answer a JSON array of matches."""
        target = target_of(request)
        await anyio.to_thread.run_sync(self._stores.require_dicom_store, target.store)
        require_json(request.headers.get("accept", ""))
        search, include = parse_search(self._level, request.query_params.multi_items(), target.study, target.series)
        hits = await anyio.to_thread.run_sync(self._instances.search, target.store, search)
        if not hits and self._empty_status == 204:
            return Response(status_code=204)
        if not include:
            return Response(f"[{','.join(hit.attributes for hit in hits)}]", media_type=_JSON)
        # Starlette runs the iterator in threads
        return StreamingResponse(json_array(self._extended(target.store, hits, include)), media_type=_JSON)

    def _extended(self, store: str, hits: list[Hit], include: IncludeFields) -> Iterator[dict[str, Any]]:
        """The results with more attributes, read from one file each."""
        for hit in hits:
            attributes = json.loads(hit.attributes)
            attributes.update(self._from_file(store, hit, include))
            attributes.update(self._counted(hit, include))
            yield dict(sorted(attributes.items()))

    def _from_file(self, store: str, hit: Hit, include: IncludeFields) -> dict[str, Any]:
        belongs = _BELONGS[self._level]
        try:
            with open_part10(self._instances.path_of(store, hit)) as file:
                wanted = file.dataset.elements if include.all else include.tags
                return JsonEncoder(file).selected(sorted(tag for tag in wanted if belongs(tag)))
        except FileNotFoundError:
            return {}  # deleted since the search

    def _counted(self, hit: Hit, include: IncludeFields) -> dict[str, Any]:
        wanted = _COUNTED[self._level]
        if not include.all:
            wanted &= include.tags
        if not wanted:
            return {}
        below = self._instances.below(self._level, hit.id)
        values: dict[int, tuple[str, list[Any]]] = {
            MODALITIES_IN_STUDY: ("CS", list(below.modalities)),
            NUMBER_OF_STUDY_RELATED_SERIES: ("IS", [below.series]),
            NUMBER_OF_STUDY_RELATED_INSTANCES: ("IS", [below.instances]),
            NUMBER_OF_SERIES_RELATED_INSTANCES: ("IS", [below.instances]),
        }
        return {f"{tag:08X}": {"vr": values[tag][0], "Value": values[tag][1]} for tag in wanted}
