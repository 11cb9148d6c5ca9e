"""Objects with preconditions, on the embedded Cloud Storage."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.services.objects import ObjectMissing, Objects, split_gs_uri


def test_what_is_written_is_read(objects: Objects, bucket: str) -> None:
    assert objects.create(f"{bucket}/a/b.json", b"one")
    assert objects.read(f"{bucket}/a/b.json") == b"one"


def test_an_object_is_created_once(objects: Objects, bucket: str) -> None:
    assert objects.create(f"{bucket}/a", b"one")
    assert not objects.create(f"{bucket}/a", b"two")
    assert objects.read(f"{bucket}/a") == b"one"


def test_of_many_creators_at_once_one_wins(objects: Objects, bucket: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: objects.create(f"{bucket}/a", str(number).encode()), range(16)))
    assert won.count(True) == 1
    assert objects.read(f"{bucket}/a") == str(won.index(True)).encode()


def test_an_object_may_be_empty(objects: Objects, bucket: str) -> None:
    objects.create(f"{bucket}/a", b"")
    assert objects.read(f"{bucket}/a") == b""


def test_put_creates_and_replaces(objects: Objects, bucket: str) -> None:
    objects.put(f"{bucket}/a", b"one")
    objects.put(f"{bucket}/a", b"two")
    assert objects.read(f"{bucket}/a") == b"two"


def test_a_missing_object_is_missing(objects: Objects, bucket: str) -> None:
    with pytest.raises(ObjectMissing):
        objects.read(f"{bucket}/a")
    assert objects.read_if_exists(f"{bucket}/a") is None


def test_a_missing_bucket_is_missing_for_every_verb(objects: Objects) -> None:
    for call in (
        lambda: objects.read("gs://no-such-bucket/a"),
        lambda: objects.create("gs://no-such-bucket/a", b""),
        lambda: objects.put("gs://no-such-bucket/a", b""),
        lambda: list(objects.list("gs://no-such-bucket/a")),
    ):
        with pytest.raises(ObjectMissing) as caught:
            call()
        assert "no-such-bucket" not in str(caught.value)


def test_a_deleted_object_is_gone_and_deleting_again_is_fine(objects: Objects, bucket: str) -> None:
    objects.create(f"{bucket}/a", b"one")
    objects.delete(f"{bucket}/a")
    objects.delete(f"{bucket}/a")
    assert objects.read_if_exists(f"{bucket}/a") is None


def test_a_deleted_object_can_be_created_again(objects: Objects, bucket: str) -> None:
    objects.create(f"{bucket}/a", b"one")
    objects.delete(f"{bucket}/a")
    assert objects.create(f"{bucket}/a", b"two")


def test_objects_are_listed_by_prefix_in_name_order(objects: Objects, bucket: str) -> None:
    for name in ("a/2", "a/1", "ab", "b"):
        objects.create(f"{bucket}/{name}", b"")
    assert [info.uri for info in objects.list(f"{bucket}/a/")] == [f"{bucket}/a/1", f"{bucket}/a/2"]


def test_nothing_under_a_prefix_is_an_empty_list(objects: Objects, bucket: str) -> None:
    assert list(objects.list(f"{bucket}/none/")) == []


def test_listed_objects_tell_when_they_were_created(objects: Objects, bucket: str) -> None:
    objects.create(f"{bucket}/1", b"")
    objects.create(f"{bucket}/2", b"")
    first, second = objects.list(f"{bucket}/")
    assert 0 < first.created <= second.created


@pytest.mark.parametrize(
    ("uri", "parts"),
    [("gs://b/a/c", ("b", "a/c")), ("gs://b", ("b", "")), ("gs://b/", ("b", "")), ("gs://b//a", ("b", "/a"))],
)
def test_a_uri_is_split_into_bucket_and_name(uri: str, parts: tuple[str, str]) -> None:
    assert split_gs_uri(uri) == parts


@pytest.mark.parametrize("uri", ["", "b/a", "/b/a", "gs://", "gs:///a", "s3://b/a", "GS://b/a"])
def test_what_is_no_gs_uri_is_refused_with_the_form(uri: str) -> None:
    with pytest.raises(ValueError, match="gs://BUCKET/OBJECT"):
        split_gs_uri(uri)
