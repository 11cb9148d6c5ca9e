"""datasets.insert, get, list, patch and delete."""

from __future__ import annotations

from typing import Any

from emulator.bigquery import bodies, catalog
from emulator.bigquery.calls import Call, check_match
from emulator.bigquery.catalog import StoredDataset
from emulator.bigquery.database import Cursor, Database
from emulator.bigquery.names import DatasetRef
from emulator.errors import GoogleError

# Kept and shown. Of these only `location` has an effect: nothing expires, nobody is refused.
_KEPT = {
    "datasetReference", "location", "description", "friendlyName", "labels", "access", "resourceTags",
    "defaultTableExpirationMs", "defaultPartitionExpirationMs", "maxTimeTravelHours", "storageBillingModel",
}  # fmt: skip


class DatasetMethods:
    """The methods of datasets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, call: Call) -> dict[str, Any]:
        """datasets.insert."""
        body = bodies.checked("Dataset", call.body)
        bodies.implemented(body, _KEPT, "dataset")
        bodies.labels(body)
        ref = DatasetRef.from_api(body.pop("datasetReference", None), call.path["project"])
        _same_project(ref.project, call)
        created = str(catalog.now_ms())
        body.setdefault("location", catalog.DEFAULT_LOCATION)
        body |= {"creationTime": created, "lastModifiedTime": created}
        with self._database.write() as cursor:
            if catalog.find_dataset(cursor, ref):
                raise GoogleError(409, f"Already Exists: Dataset {ref}", reason="duplicate")
            dataset = StoredDataset(ref, body)
            catalog.put_dataset(cursor, dataset)
        return _resource(dataset, call)

    def get(self, call: Call) -> dict[str, Any]:
        """datasets.get."""
        with self._database.read() as cursor:
            return _resource(catalog.get_dataset(cursor, _ref(call)), call)

    def list(self, call: Call) -> dict[str, Any]:
        """datasets.list: those whose names begin with an underscore only with `all`."""
        if call.query.get("filter"):
            raise GoogleError(501, "filter of datasets.list is not implemented.")
        project = DatasetRef.of(call.path["project"], "_").project
        with self._database.read() as cursor:
            found = catalog.list_datasets(cursor, project)
        shown = [dataset for dataset in found if call.flag("all") or not dataset.ref.hidden]
        page, more = call.page(shown, 50)
        answer: dict[str, Any] = {"kind": "bigquery#datasetList", "etag": catalog.etag({"n": len(shown)}), **more}
        if page:
            answer["datasets"] = [_list_item(dataset) for dataset in page]
        return answer

    def patch(self, call: Call) -> dict[str, Any]:
        """datasets.patch: null clears a property; the location stays."""
        changes = bodies.checked("Dataset", call.body, keep_null=True)
        bodies.implemented(changes, _KEPT, "dataset")
        bodies.labels(changes)
        changes.pop("datasetReference", None)
        with self._database.write() as cursor:
            stored = catalog.get_dataset(cursor, _ref(call))
            check_match(call, catalog.etag(stored.body))
            if changes.pop("location", stored.location) != stored.location:
                raise GoogleError(400, "The location of a dataset cannot be changed.")
            later = max(catalog.now_ms(), int(stored.body["lastModifiedTime"]) + 1)
            merged = {**stored.body, **changes, "lastModifiedTime": str(later)}
            dataset = StoredDataset(stored.ref, {key: value for key, value in merged.items() if value is not None})
            catalog.put_dataset(cursor, dataset)
        return _resource(dataset, call)

    def delete(self, call: Call) -> None:
        """datasets.delete: one that holds tables only with `deleteContents`."""
        with self._database.write() as cursor:
            ref = _ref(call)
            stored = catalog.get_dataset(cursor, ref)
            check_match(call, catalog.etag(stored.body))
            if not call.flag("deleteContents") and catalog.list_tables(cursor, ref):
                raise GoogleError(400, f"Dataset {ref} is still in use", reason="resourceInUse")
            catalog.remove_dataset(cursor, ref)


def ensure_hidden(cursor: Cursor, ref: DatasetRef, location: str) -> None:
    """Create the dataset that holds results of queries when it is not there."""
    if catalog.find_dataset(cursor, ref) is None:
        created = str(catalog.now_ms())
        body = {"location": location, "creationTime": created, "lastModifiedTime": created}
        catalog.put_dataset(cursor, StoredDataset(ref, body))


def _ref(call: Call) -> DatasetRef:
    return DatasetRef.of(call.path["project"], call.path["dataset"])


def _same_project(project: str, call: Call) -> None:
    if project != call.path["project"]:
        raise GoogleError(400, "The project in the request body must be the one in the URL.")


def _resource(dataset: StoredDataset, call: Call) -> dict[str, Any]:
    ref = dataset.ref
    return {
        "kind": "bigquery#dataset",
        "etag": catalog.etag(dataset.body),
        "id": str(ref),
        "selfLink": call.url(f"projects/{ref.project}/datasets/{ref.dataset}"),
        "datasetReference": ref.as_api(),
        **dataset.body,
    }


def _list_item(dataset: StoredDataset) -> dict[str, Any]:
    shown: dict[str, Any] = {
        key: dataset.body[key] for key in ("labels", "friendlyName", "location") if key in dataset.body
    }
    return {
        "kind": "bigquery#dataset",
        "id": str(dataset.ref),
        "datasetReference": dataset.ref.as_api(),
        **shown,
    }
