"""Copy, rewrite, compose and rename."""

from __future__ import annotations

import base64
from typing import Any

import google_crc32c
import pytest
from google.api_core.exceptions import BadRequest, NotFound, PreconditionFailed
from google.cloud import storage

COMPOSE = "/storage/v1/b/bucket/o/all/compose"


def _upload(bucket: storage.Bucket, name: str = "o", data: bytes = b"data", **fields: Any) -> storage.Blob:
    blob = bucket.blob(name)
    for field, value in fields.items():
        setattr(blob, field, value)
    blob.upload_from_string(data, content_type="text/plain")
    return blob


def test_a_copy_has_the_bytes_and_the_metadata(bucket: storage.Bucket) -> None:
    blob = _upload(bucket, metadata={"a": "1"})
    copy = bucket.copy_blob(blob, bucket, "copy/ü")
    assert copy.download_as_bytes() == b"data"
    copy.reload()
    assert (copy.metadata, copy.content_type, copy.metageneration) == ({"a": "1"}, "text/plain", 1)
    assert copy.generation > blob.generation


def test_a_copy_goes_into_another_bucket(server: Any, bucket: storage.Bucket) -> None:
    another = server.client().create_bucket("another")
    bucket.copy_blob(_upload(bucket), another)
    assert another.blob("o").download_as_bytes() == b"data"


def test_a_copy_outlives_its_source_and_the_last_one_takes_the_bytes_along(server: Any, bucket: storage.Bucket) -> None:
    blob = _upload(bucket)
    copy = bucket.copy_blob(blob, bucket, "copy")
    blob.delete()
    assert copy.download_as_bytes() == b"data"
    assert server.content_files() == 1
    copy.delete()
    assert server.content_files() == 0


def test_a_copy_onto_itself_is_a_new_generation(server: Any, bucket: storage.Bucket) -> None:
    blob = _upload(bucket)
    copy = bucket.copy_blob(blob, bucket, "o")
    assert copy.generation > blob.generation
    assert copy.download_as_bytes() == b"data"
    assert server.content_files() == 1


def test_a_copy_with_a_body_has_the_metadata_of_the_body(server: Any, bucket: storage.Bucket) -> None:
    _upload(bucket, metadata={"a": "1"})
    path = "/storage/v1/b/bucket/o/o/copyTo/b/bucket/o/copy"
    answer = server.call("POST", path, json={"contentType": "a/b"}).json()
    assert answer["contentType"] == "a/b"
    assert "metadata" not in answer


def test_a_missing_source_or_destination_bucket_is_not_found(bucket: storage.Bucket) -> None:
    blob = _upload(bucket)
    with pytest.raises(NotFound):
        bucket.copy_blob(bucket.blob("absent"), bucket, "copy")
    with pytest.raises(NotFound):
        bucket.copy_blob(blob, bucket.client.bucket("absent"))
    with pytest.raises(NotFound):
        bucket.copy_blob(blob, bucket, "copy", source_generation=blob.generation - 1)


def test_a_rename_moves(server: Any, bucket: storage.Bucket) -> None:
    bucket.rename_blob(_upload(bucket), "new")
    assert server.names() == ["new"]


def test_a_rewrite_is_done_at_once(bucket: storage.Bucket) -> None:
    blob = _upload(bucket, data=b"x" * 3_000_000, metadata={"a": "1"})
    target = bucket.blob("rewritten")
    token, rewritten, total = target.rewrite(blob)
    assert (token, rewritten, total) == (None, 3_000_000, 3_000_000)
    target.reload()
    assert target.metadata == {"a": "1"}


def test_a_storage_class_is_changed_by_a_rewrite_that_keeps_the_rest(bucket: storage.Bucket) -> None:
    blob = _upload(bucket, metadata={"a": "1"})
    blob.update_storage_class("NEARLINE")
    fresh = bucket.get_blob("o")
    assert (fresh.storage_class, fresh.metadata, fresh.content_type) == ("NEARLINE", {"a": "1"}, "text/plain")


def test_compose_concatenates(bucket: storage.Bucket) -> None:
    sources = [_upload(bucket, f"part-{number}", str(number).encode() * 5) for number in range(3)]
    whole = bucket.blob("whole")
    whole.content_type = "a/b"
    whole.compose(sources)
    whole.reload()
    data = b"000001111122222"
    assert whole.download_as_bytes() == data
    assert (whole.component_count, whole.md5_hash, whole.content_type) == (3, None, "a/b")
    assert whole.crc32c == base64.b64encode(google_crc32c.Checksum(data).digest()).decode()
    again = bucket.blob("again")
    again.compose([whole, sources[0]])
    assert again.component_count == 4


def test_compose_appends_to_one_of_its_sources(server: Any, bucket: storage.Bucket) -> None:
    log, line = _upload(bucket, "log", b"one "), _upload(bucket, "line", b"two")
    log.compose([log, line], if_generation_match=log.generation)
    assert log.download_as_bytes() == b"one two"
    with pytest.raises(PreconditionFailed):
        log.compose([log, line], if_generation_match=1)
    assert log.download_as_bytes() == b"one two"
    assert server.content_files() == 2


def test_compose_holds_the_conditions_on_its_sources(server: Any, bucket: storage.Bucket) -> None:
    part = _upload(bucket, "part")
    with pytest.raises(PreconditionFailed):
        bucket.blob("all").compose([part], if_source_generation_match=[part.generation + 1])
    source = {"name": "part", "generation": str(part.generation)}
    assert server.call("POST", COMPOSE, json={"sourceObjects": [source]}).status_code == 200
    source = {"name": "part", "generation": part.generation - 1}
    assert server.call("POST", COMPOSE, json={"sourceObjects": [source]}).status_code == 404


def test_compose_of_a_missing_source_makes_nothing(server: Any, bucket: storage.Bucket) -> None:
    part = _upload(bucket, "part")
    with pytest.raises(NotFound):
        bucket.blob("all").compose([part, bucket.blob("absent")])
    assert (server.names(), server.content_files()) == (["part"], 1)


@pytest.mark.parametrize(
    "body",
    [{}, {"sourceObjects": []}, {"sourceObjects": "part"}, {"sourceObjects": [{}]}, {"sourceObjects": ["part"]},
     {"sourceObjects": [{"name": "part"}] * 33}, {"sourceObjects": [{"name": "part", "generation": "x"}]},
     {"sourceObjects": [{"name": "part", "objectPreconditions": {"ifMetagenerationMatch": 1}}]},
     {"sourceObjects": [{"name": "part"}], "destination": []}, {"sourceObjects": [{"name": "part"}], "more": 1},
     {"sourceObjects": [{"name": "part", "generation": True}]}],
)  # fmt: skip
def test_a_wrong_compose_request_is_refused(server: Any, body: dict[str, Any]) -> None:
    server.put("part")
    assert server.call("POST", COMPOSE, json=body).status_code == 400
    assert server.names() == ["part"]


def test_the_client_is_told_of_too_many_sources(bucket: storage.Bucket) -> None:
    with pytest.raises(BadRequest, match="1 to 32"):
        bucket.blob("all").compose([_upload(bucket)] * 33)
