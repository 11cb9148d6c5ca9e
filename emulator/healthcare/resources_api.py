"""Methods on locations, datasets and DICOM stores. Each takes a `Call` and returns the JSON of its answer."""

from __future__ import annotations

import functools
import re
import unicodedata
import zoneinfo
from typing import Any, Protocol

from emulator.errors import GoogleError
from emulator.healthcare import masks, pages
from emulator.healthcare.calls import Call
from emulator.healthcare.catalogue import Catalogue
from emulator.healthcare.names import DatasetName, DicomStoreName, LocationName, check_id
from emulator.healthcare.operations import OperationStore
from emulator.healthcare.runner import OperationRunner

_ALWAYS_LISTED_LOCATION = "us-central1"
_LABEL_FILTER = re.compile(r'labels\.([^\s=."]+)\s*=\s*(?:"([^"]*)"|([^\s"]*))')
_TOPIC = re.compile(r"projects/[^/\s]+/topics/[^/\s]+")
MAX_LABELS = 64


class Metrics(Protocol):
    """Counts what a DICOM store holds."""

    def metrics(self, store: str) -> dict[str, int]:
        """Studies, series, instances and bytes of a store, under these four names."""
        ...


class ResourceMethods:
    """Locations, datasets and DICOM stores of one server."""

    def __init__(
        self, catalogue: Catalogue, operations: OperationStore, runner: OperationRunner, instances: Metrics
    ) -> None:
        """Work on the server's catalogue, its operations and its instances."""
        self._catalogue = catalogue
        self._runner = runner
        self._operations = operations
        self._instances = instances

    # Locations: any well-formed location can be used

    def get_location(self, call: Call) -> dict[str, Any]:
        """`locations.get`."""
        return _location(LocationName(*call.ids))

    def list_locations(self, call: Call) -> dict[str, Any]:
        """`locations.list`: those in which the project has datasets, and us-central1."""
        (project,) = call.ids
        if call.query.get("filter") or call.query.get("extraLocationTypes"):
            raise GoogleError(501, "locations.list takes no filter here; filter the answer.")
        used = {*self._catalogue.locations(project), _ALWAYS_LISTED_LOCATION}
        after, size = pages.start_after(call.query), pages.page_size(call.query)
        rest = [location for location in sorted(used) if location > after]
        found = [_location(LocationName(project, location)) for location in rest[:size]]
        return _page("locations", found, "locationId", more=len(rest) > size)

    # Datasets

    def create_dataset(self, call: Call) -> dict[str, Any]:
        """`datasets.create`: done when it returns, as an Operation with `done` and `response`."""
        project, location = call.ids
        name = DatasetName(LocationName(project, location), check_id(call.query.get("datasetId", ""), "datasetId"))
        _check_dataset(call.body)
        body = self._catalogue.create_dataset(name, call.body)
        version = call.method.api_version
        response = {"@type": f"type.googleapis.com/google.cloud.healthcare.{version}.dataset.Dataset", **body}
        return self._operations.record_done(
            str(name),
            version,
            f"google.cloud.healthcare.{version}.dataset.DatasetService.CreateDataset",
            {"response": response},
        )

    def get_dataset(self, call: Call) -> dict[str, Any]:
        """`datasets.get`."""
        return self._catalogue.get_dataset(_dataset(call))

    def list_datasets(self, call: Call) -> dict[str, Any]:
        """`datasets.list`, in the order of the ids."""
        size = pages.page_size(call.query)
        found = self._catalogue.list_datasets(LocationName(*call.ids), pages.start_after(call.query), size + 1)
        return _page("datasets", found[:size], "name", more=len(found) > size)

    def patch_dataset(self, call: Call) -> dict[str, Any]:
        """`datasets.patch`: the fields that `updateMask` names."""
        name = _dataset(call)
        stored = self._catalogue.get_dataset(name)
        changed = masks.patched(call.method.api_version, "Dataset", stored, call.body, call.query.get("updateMask"))
        _check_dataset(changed)
        self._catalogue.replace_dataset(name, changed)
        return changed

    def delete_dataset(self, call: Call) -> dict[str, Any]:
        """`datasets.delete`: with its stores, their instances, and its operations."""
        name = _dataset(call)
        self._catalogue.delete_dataset(name)
        self._runner.cancel_all_of(str(name))
        return {}

    # DICOM stores

    def create_dicom_store(self, call: Call) -> dict[str, Any]:
        """`dicomStores.create`."""
        store_id = check_id(call.query.get("dicomStoreId", ""), "dicomStoreId")
        _check_dicom_store(call.body)
        return self._catalogue.create_dicom_store(DicomStoreName(_dataset(call), store_id), call.body)

    def get_dicom_store(self, call: Call) -> dict[str, Any]:
        """`dicomStores.get`."""
        return self._catalogue.get_dicom_store(_dicom_store(call))

    def list_dicom_stores(self, call: Call) -> dict[str, Any]:
        """`dicomStores.list`, in the order of the ids; `filter` takes labels.KEY=VALUE joined by AND."""
        dataset = _dataset(call)
        self._catalogue.get_dataset(dataset)
        size = pages.page_size(call.query)
        wanted = _wanted_labels(call.query.get("filter", ""))
        found = [
            store
            for store in self._catalogue.list_dicom_stores(dataset, pages.start_after(call.query))
            if wanted.items() <= store.get("labels", {}).items()
        ]
        return _page("dicomStores", found[:size], "name", more=len(found) > size)

    def patch_dicom_store(self, call: Call) -> dict[str, Any]:
        """`dicomStores.patch`: the fields that `updateMask` names."""
        name = _dicom_store(call)
        stored = self._catalogue.get_dicom_store(name)
        changed = masks.patched(call.method.api_version, "DicomStore", stored, call.body, call.query.get("updateMask"))
        _check_dicom_store(changed)
        self._catalogue.replace_dicom_store(name, changed)
        return changed

    def delete_dicom_store(self, call: Call) -> dict[str, Any]:
        """`dicomStores.delete`: with its instances."""
        self._catalogue.delete_dicom_store(_dicom_store(call))
        return {}

    def get_dicom_store_metrics(self, call: Call) -> dict[str, Any]:
        """`dicomStores.getDICOMStoreMetrics`: int64 as strings, zeros omitted (proto3 JSON)."""
        name = _dicom_store(call)
        self._catalogue.require_dicom_store(str(name))
        counted = self._instances.metrics(str(name))
        fields = {
            "studyCount": counted["studies"],
            "seriesCount": counted["series"],
            "instanceCount": counted["instances"],
            "blobStorageSizeBytes": counted["bytes"],
        }
        return {"name": str(name), **{field: str(count) for field, count in fields.items() if count}}


def _dataset(call: Call) -> DatasetName:
    project, location, dataset_id, *_ = call.ids
    return DatasetName(LocationName(project, location), check_id(dataset_id, "dataset id"))


def _dicom_store(call: Call) -> DicomStoreName:
    return DicomStoreName(_dataset(call), check_id(call.ids[3], "DICOM store id"))


def _location(name: LocationName) -> dict[str, Any]:
    return {"name": str(name), "locationId": name.location}


def _page(field: str, found: list[dict[str, Any]], key: str, *, more: bool) -> dict[str, Any]:
    """A list answer: an empty list is left out, as proto3 JSON does."""
    answer: dict[str, Any] = {field: found} if found else {}
    if more:
        answer["nextPageToken"] = pages.token_for(found[-1][key])
    return answer


def _check_dataset(body: dict[str, Any]) -> None:
    """Raise GoogleError for a time zone that is not an IANA name (or empty), or for an encryption key."""
    zone = body.get("timeZone", "")
    if zone and _time_zones() and zone not in _time_zones():
        raise GoogleError(400, 'timeZone must be an IANA time zone name such as "America/New_York", or empty.')
    if body.get("encryptionSpec"):
        raise GoogleError(501, "encryptionSpec is not implemented: data lies on the local disk as it is.")


@functools.cache
def _time_zones() -> frozenset[str]:
    """Every IANA time zone; none on a machine without a time zone database."""
    return frozenset(zoneinfo.available_timezones())


def _check_dicom_store(body: dict[str, Any]) -> None:
    """Raise GoogleError for labels or topics outside the documented rules, or streaming to BigQuery."""
    if body.get("streamConfigs"):
        raise GoogleError(501, "streamConfigs is not implemented by the embedded Healthcare API.")
    configs = [*body.get("notificationConfigs", []), body.get("notificationConfig", {})]
    for topic in filter(None, (config.get("pubsubTopic") for config in configs)):
        if not _TOPIC.fullmatch(topic):
            raise GoogleError(400, "pubsubTopic must be projects/{project}/topics/{topic}.")
    labels = body.get("labels", {})
    if len(labels) > MAX_LABELS:
        raise GoogleError(400, f"labels: at most {MAX_LABELS} can be associated with a DICOM store.")
    for key, value in labels.items():
        starts_well = unicodedata.category(key[:1] or " ") in ("Ll", "Lo")
        if not (starts_well and _is_label(key) and (value == "" or _is_label(value))):
            raise GoogleError(
                400,
                "labels: keys start with a lower-case letter; keys and values are at most 63 lower-case letters, "
                "digits, underscores or hyphens (128 bytes in UTF-8).",
            )


def _is_label(text: str) -> bool:
    fits = 1 <= len(text) <= 63 and len(text.encode()) <= 128
    return fits and all(
        character in "_-" or unicodedata.category(character) in ("Ll", "Lo", "Nd", "Nl", "No") for character in text
    )


def _wanted_labels(written: str) -> dict[str, str]:
    """The labels that a list filter asks for: `labels.a=b AND labels.c="d"`."""
    wanted = {}
    for term in re.split(r"\s+AND\s+", written.strip()) if written.strip() else []:
        found = _LABEL_FILTER.fullmatch(term)
        if found is None:
            raise GoogleError(400, "Invalid filter: only labels.KEY=VALUE terms joined by AND are implemented here.")
        key, quoted, bare = found.groups()
        wanted[key] = bare if quoted is None else quoted
    return wanted
