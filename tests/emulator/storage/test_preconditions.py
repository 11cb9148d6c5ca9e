"""Generation and metageneration preconditions, enforced over the wire."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.api_core.exceptions import NotFound, NotModified, PreconditionFailed
from google.cloud import storage


def _upload(bucket: storage.Bucket, data: bytes, **conditions: int) -> storage.Blob:
    blob = bucket.blob("o")
    blob.upload_from_string(data, **conditions)
    return blob


def test_create_once_refuses_the_second_upload(server: Any, bucket: storage.Bucket) -> None:
    _upload(bucket, b"first", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        _upload(bucket, b"second", if_generation_match=0)
    query = {"uploadType": "media", "name": "o", "ifGenerationMatch": "0"}
    answer = server.call("POST", "/upload/storage/v1/b/bucket/o", params=query, data=b"third")
    assert answer.json()["error"]["errors"][0]["reason"] == "conditionNotMet"
    assert bucket.blob("o").download_as_bytes() == b"first"


def test_of_sixteen_writers_that_create_once_exactly_one_wins(server: Any) -> None:
    clients = [server.client() for _ in range(16)]

    def create(number: int) -> bool:
        try:
            _upload(clients[number].bucket("bucket"), str(number).encode(), if_generation_match=0)
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(create, range(16)))
    assert won.count(True) == 1
    assert server.client().bucket("bucket").blob("o").download_as_bytes() == str(won.index(True)).encode()
    assert server.content_files() == 1


def test_of_sixteen_writers_that_replace_one_generation_exactly_one_wins(server: Any) -> None:
    generation = _upload(server.client().bucket("bucket"), b"old").generation
    clients = [server.client() for _ in range(16)]

    def replace(number: int) -> bool:
        try:
            _upload(clients[number].bucket("bucket"), str(number).encode(), if_generation_match=generation)
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(replace, range(16))).count(True) == 1


def test_a_resumable_upload_that_lost_the_race_is_refused_at_its_end(server: Any) -> None:
    url = server.call(
        "POST",
        "/upload/storage/v1/b/bucket/o",
        params={"uploadType": "resumable", "name": "o", "ifGenerationMatch": "0"},
    ).headers["location"]
    server.put("o", b"the faster writer")
    path = url.removeprefix(server.url)
    for _ in range(2):  # a repeated request is told the same
        answer = server.call("PUT", path, data=b"slow")
        assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (412, "conditionNotMet")
    assert server.call("GET", "/storage/v1/b/bucket/o/o?alt=media").content == b"the faster writer"
    assert server.content_files() == 1


def test_a_resumable_upload_is_refused_at_its_beginning_when_the_condition_fails_already(server: Any) -> None:
    server.put("o")
    query = {"uploadType": "resumable", "name": "o", "ifGenerationMatch": "0"}
    assert server.call("POST", "/upload/storage/v1/b/bucket/o", params=query).status_code == 412


def test_delete_of_another_generation_is_refused(bucket: storage.Bucket) -> None:
    blob = _upload(bucket, b"data")
    with pytest.raises(PreconditionFailed):
        blob.delete(if_generation_match=blob.generation + 1)
    blob.delete(if_generation_match=blob.generation)
    assert not bucket.blob("o").exists()


def test_delete_of_a_missing_object_is_not_found_whatever_the_condition(bucket: storage.Bucket) -> None:
    with pytest.raises(NotFound):
        bucket.blob("o").delete(if_generation_match=5)


def test_metageneration_guards_a_patch(bucket: storage.Bucket) -> None:
    blob = _upload(bucket, b"data")
    blob.metadata = {"a": "1"}
    blob.patch(if_metageneration_match=1)
    assert blob.metageneration == 2
    blob.metadata = {"a": "2"}
    with pytest.raises(PreconditionFailed):
        blob.patch(if_metageneration_match=1)
    blob.reload()
    assert (blob.metadata, blob.metageneration) == ({"a": "1"}, 2)


def test_a_new_generation_begins_at_metageneration_one(bucket: storage.Bucket) -> None:
    first = _upload(bucket, b"a")
    first.metadata = {"a": "1"}
    first.patch()
    second = _upload(bucket, b"b")
    assert second.generation > first.generation
    assert second.metageneration == 1


def test_a_dead_generation_is_not_found(bucket: storage.Bucket) -> None:
    dead = _upload(bucket, b"old").generation
    live = _upload(bucket, b"new").generation
    assert bucket.blob("o", generation=live).download_as_bytes() == b"new"
    with pytest.raises(NotFound):
        bucket.blob("o", generation=dead).download_as_bytes()
    with pytest.raises(NotFound):
        bucket.blob("o", generation=dead).reload()
    with pytest.raises(NotFound):
        bucket.blob("o", generation=dead).delete()
    assert bucket.blob("o").exists()


def test_not_match_answers_not_modified(bucket: storage.Bucket) -> None:
    blob = _upload(bucket, b"data")
    with pytest.raises(NotModified):
        blob.reload(if_generation_not_match=blob.generation)
    with pytest.raises(NotModified):
        blob.reload(if_metageneration_not_match=1)
    blob.reload(if_generation_not_match=blob.generation - 1)


def test_etags_guard_reads(bucket: storage.Bucket) -> None:
    blob = _upload(bucket, b"data")
    blob.reload(if_etag_match=blob.etag)
    with pytest.raises(NotModified):
        blob.reload(if_etag_not_match=blob.etag)
    old = blob.etag
    blob.metadata = {"a": "1"}
    blob.patch()
    with pytest.raises(PreconditionFailed):
        blob.reload(if_etag_match=old)


def test_conditions_on_the_source_guard_a_copy(bucket: storage.Bucket) -> None:
    blob = _upload(bucket, b"data")
    with pytest.raises(PreconditionFailed) as refused:
        bucket.copy_blob(blob, bucket, "copy", if_source_generation_match=blob.generation + 1)
    assert "ifSourceGenerationMatch" in refused.value.message
    with pytest.raises(PreconditionFailed):
        bucket.copy_blob(blob, bucket, "o", if_generation_match=0)
    bucket.copy_blob(blob, bucket, "copy", if_generation_match=0, if_source_generation_match=blob.generation)
    assert bucket.blob("copy").download_as_bytes() == b"data"


def test_metageneration_guards_a_bucket(server: Any, bucket: storage.Bucket) -> None:
    bucket.reload()
    bucket.labels = {"a": "1"}
    bucket.patch(if_metageneration_match=1)
    assert bucket.metageneration == 2
    with pytest.raises(PreconditionFailed):
        bucket.reload(if_metageneration_match=1)
    answer = server.call("DELETE", "/storage/v1/b/bucket?ifMetagenerationMatch=1")
    assert answer.status_code == 412


@pytest.mark.parametrize("value", ["x", "", "-1", "1e3", "9" * 30])
def test_a_condition_that_is_no_number_is_refused(server: Any, value: str) -> None:
    server.put("o")
    answer = server.call("DELETE", f"/storage/v1/b/bucket/o/o?ifGenerationMatch={value}")
    assert answer.status_code == 400
    assert server.names() == ["o"]
