"""Metadata of objects and buckets: patch, update, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from google.api_core.exceptions import Conflict, NotFound
from google.cloud import storage

OBJECT = "/storage/v1/b/bucket/o/o"


def test_a_patch_merges(bucket: storage.Bucket) -> None:
    blob = bucket.blob("o")
    blob.metadata = {"keep": "1", "change": "1", "remove": "1"}
    blob.upload_from_string(b"data", content_type="text/plain")
    generation, updated = blob.generation, blob.updated
    blob.metadata = {"change": "2", "remove": None, "new": "3"}
    blob.cache_control = "no-store"
    blob.patch()
    blob.reload()
    assert blob.metadata == {"keep": "1", "change": "2", "new": "3"}
    assert (blob.content_type, blob.cache_control) == ("text/plain", "no-store")
    assert (blob.generation, blob.metageneration) == (generation, 2)
    assert blob.updated > updated


def test_a_patch_with_null_removes(server: Any) -> None:
    server.put("o")
    server.call("PATCH", OBJECT, json={"contentType": "a/b", "metadata": {"a": "1"}})
    answer = server.call("PATCH", OBJECT, json={"contentType": None, "metadata": None}).json()
    assert "contentType" not in answer
    assert "metadata" not in answer


def test_an_update_replaces(bucket: storage.Bucket) -> None:
    blob = bucket.blob("o")
    blob.metadata, blob.cache_control = {"a": "1"}, "no-store"
    blob.upload_from_string(b"data", content_type="text/plain")
    fresh = bucket.blob("o")
    fresh.content_type = "a/b"
    fresh.update()
    fresh.reload()
    assert (fresh.content_type, fresh.metadata, fresh.cache_control) == ("a/b", None, None)


def test_a_client_may_send_back_what_it_read(server: Any, bucket: storage.Bucket) -> None:
    server.put("o")
    blob = bucket.get_blob("o")
    blob.update()
    assert blob.metageneration == 2
    assert blob.size == 4


@pytest.mark.parametrize(
    "body",
    [{"unknown": 1}, {"metadata": {"a": 1}}, {"metadata": "a"}, {"contentType": 5}, {"contentType": "a\r\nx: y"},
     {"cacheControl": " padded "}, {"storageClass": "COLD"}, {"storageClass": "COLDLINE"},
     {"metadata": {"a": "x" * 8192}}, {"metadata": {"\ud800": "x"}}],
)  # fmt: skip
def test_a_wrong_field_is_refused_and_changes_nothing(server: Any, body: dict[str, Any]) -> None:
    before = server.put("o")
    assert server.call("PATCH", OBJECT, json=body).status_code == 400
    assert server.call("GET", OBJECT).json() == before


@pytest.mark.parametrize(
    "field", ["temporaryHold", "eventBasedHold", "retention", "acl", "kmsKeyName", "customTime", "contexts"]
)
def test_a_field_that_is_not_implemented_is_said_and_changes_nothing(server: Any, field: str) -> None:
    before = server.put("o")
    answer = server.call("PATCH", OBJECT, json={field: True})
    assert answer.status_code == 501
    assert field in answer.json()["error"]["message"]
    assert server.call("GET", OBJECT).json() == before


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(server: Any, body: bytes) -> None:
    server.put("o")
    assert server.call("PATCH", OBJECT, data=body).status_code == 400


def test_a_very_long_json_body_is_refused(server: Any) -> None:
    server.put("o")
    assert server.call("PATCH", OBJECT, data=b" " * 2_000_000).status_code == 413


def test_buckets_are_created_listed_and_deleted(server: Any) -> None:
    client = server.client()
    created = client.create_bucket("data-1", location="europe-west4")
    assert (created.location, created.location_type, created.storage_class) == ("EUROPE-WEST4", "region", "STANDARD")
    assert [bucket.name for bucket in client.list_buckets()] == ["bucket", "data-1"]
    assert [bucket.name for bucket in client.list_buckets(prefix="data")] == ["data-1"]
    pages = [[bucket.name for bucket in page] for page in client.list_buckets(page_size=1).pages]
    assert pages == [["bucket"], ["data-1"]]
    created.delete()
    assert client.lookup_bucket("data-1") is None


def test_a_project_lists_its_own_buckets(server: Any) -> None:
    server.client().create_bucket("of-another", project="another")
    assert [bucket.name for bucket in server.client().list_buckets()] == ["bucket"]
    numbers = {server.client().get_bucket(name).project_number for name in ("bucket", "of-another")}
    assert len(numbers) == 2


def test_a_bucket_is_created_once(server: Any) -> None:
    with pytest.raises(Conflict):
        server.client().create_bucket("bucket")


def test_a_bucket_with_objects_is_not_deleted(server: Any, bucket: storage.Bucket) -> None:
    server.put("o")
    with pytest.raises(Conflict):
        bucket.delete()
    bucket.delete(force=True)
    with pytest.raises(NotFound):
        bucket.reload()


def test_labels_are_patched(bucket: storage.Bucket) -> None:
    bucket.reload()
    bucket.labels = {"a": "1", "b": "2"}
    bucket.patch()
    bucket.reload()
    labels = bucket.labels
    del labels["a"]
    bucket.labels = labels
    bucket.patch()
    bucket.reload()
    assert (bucket.labels, bucket.metageneration) == ({"b": "2"}, 3)


@pytest.mark.parametrize(
    "name",
    ["", "ab", "A-bucket", "-bucket", "bucket-", "buc/ket", "../bucket", "192.168.5.4", "goog-x", "my-google", "x" * 64,
     "a..b", "büc", None, 5],
)  # fmt: skip
def test_a_bucket_name_that_google_refuses_is_refused(server: Any, name: object) -> None:
    answer = server.call("POST", "/storage/v1/b?project=p", json={"name": name})
    assert answer.status_code == 400


def test_a_bucket_needs_a_project(server: Any) -> None:
    assert server.call("POST", "/storage/v1/b", json={"name": "data-1"}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [{"versioning": {"enabled": True}}, {"lifecycle": {"rule": [{"action": {"type": "Delete"}}]}},
     {"softDeletePolicy": {"retentionDurationSeconds": "604800"}}, {"retentionPolicy": {"retentionPeriod": "1"}}],
)  # fmt: skip
def test_a_bucket_feature_that_is_not_implemented_is_said(server: Any, body: dict[str, Any]) -> None:
    assert server.call("POST", "/storage/v1/b?project=p", json={"name": "data-1", **body}).status_code == 501
    assert server.call("GET", "/storage/v1/b/data-1").status_code == 404


@pytest.mark.parametrize(
    "body", [{"versioning": {"enabled": False}}, {"softDeletePolicy": {"retentionDurationSeconds": 0}}]
)
def test_a_bucket_feature_may_be_switched_off(server: Any, body: dict[str, Any]) -> None:
    assert server.call("POST", "/storage/v1/b?project=p", json={"name": "data-1", **body}).status_code == 200


@pytest.mark.parametrize(
    "body", [{"labels": 5}, {"labels": {"a": 1}}, {"location": 5}, {"storageClass": "COLD"}, {"nope": 1}]
)
def test_a_wrong_bucket_field_is_refused(server: Any, body: dict[str, Any]) -> None:
    assert server.call("POST", "/storage/v1/b?project=p", json={"name": "data-1", **body}).status_code == 400
    assert server.call("PATCH", "/storage/v1/b/bucket", json=body).status_code == 400


def test_the_location_of_a_bucket_stays(server: Any) -> None:
    assert server.call("PATCH", "/storage/v1/b/bucket", json={"location": "EU"}).status_code == 400
    assert server.call("GET", "/storage/v1/b/bucket").json()["location"] == "US"
