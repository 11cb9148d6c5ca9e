"""The methods of buckets. Each takes a call and returns the JSON answer; None means 204."""

from __future__ import annotations

import functools
from typing import Any

from emulator.errors import GoogleError
from emulator.storage import bucket_fields
from emulator.storage.bucket_store import BucketStore
from emulator.storage.calls import Call
from emulator.storage.listing import decode_token, encode_token
from emulator.storage.names import check_bucket_name

Answer = dict[str, Any] | None


class BucketMethods:
    """buckets.insert, get, list, patch, update, delete."""

    def __init__(self, buckets: BucketStore) -> None:
        """Work on `buckets`."""
        self._buckets = buckets

    def insert(self, call: Call) -> Answer:
        """A new bucket of the project in `project`."""
        name = check_bucket_name(call.body.get("name"))
        record = self._buckets.create(name, _project(call), bucket_fields.new_fields(call.body))
        return record.resource(call.base_url)

    def get(self, call: Call) -> Answer:
        """One bucket."""
        return self._buckets.get(call.bucket, call.query.preconditions(headers=call.headers)).resource(call.base_url)

    def get_storage_layout(self, call: Call) -> Answer:
        """Where the bucket is, and that it has no hierarchical namespace; gcloud asks before it moves or removes."""
        resource = self._buckets.get(call.bucket).resource(call.base_url)
        layout = {name: resource[name] for name in ("location", "locationType")}
        no_folders = {"enabled": False}
        return {"kind": "storage#storageLayout", "bucket": call.bucket, **layout, "hierarchicalNamespace": no_folders}

    def list_managed_folders(self, call: Call) -> Answer:
        """None: managed folders cannot be made here; gcloud asks before it removes a bucket."""
        self._buckets.get(call.bucket)
        return {"kind": "storage#managedFolders"}

    def list(self, call: Call) -> Answer:
        """The project's buckets, in pages."""
        query = call.query
        start = decode_token(query.text("pageToken") or "")
        records, following = self._buckets.list(_project(call), query.text("prefix") or "", start, query.page_size())
        answer: dict[str, Any] = {"kind": "storage#buckets"}
        if records:
            answer["items"] = [record.resource(call.base_url) for record in records]
        if following is not None:
            answer["nextPageToken"] = encode_token(following)
        return answer

    def patch(self, call: Call) -> Answer:
        """Merge fields into the bucket's."""
        return self._change(call, functools.partial(bucket_fields.patched_fields, body=call.body))

    def update(self, call: Call) -> Answer:
        """Replace the bucket's fields."""
        return self._change(call, functools.partial(bucket_fields.replaced_fields, body=call.body))

    def delete(self, call: Call) -> Answer:
        """Remove an empty bucket."""
        self._buckets.delete(call.bucket, call.query.preconditions())
        return None

    def _change(self, call: Call, change: Any) -> Answer:
        return self._buckets.update(call.bucket, call.query.preconditions(), change).resource(call.base_url)


def _project(call: Call) -> str:
    project = call.query.text("project")
    if not project:
        raise GoogleError(400, "Required parameter: project", reason="required")
    return project
