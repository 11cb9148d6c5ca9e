"""objects.list: order, prefixes, delimiters, offsets, pages; and the pure function under it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from google.cloud import storage

from emulator.storage.listing import ListRequest, list_page, successor

NAMES = ["a", "a/", "a/b", "a/b/c", "a/b/d", "a/c", "b", "b/1", "ba", "c/x/y", "ü", "日本/a", "💉", "\ue000"]


def _upload(server: Any, names: Iterable[str]) -> None:
    for name in names:
        server.put(name, b"")


def test_names_come_in_the_order_of_their_utf8_bytes(server: Any, bucket: storage.Bucket) -> None:
    _upload(server, NAMES[::-1])
    assert [blob.name for blob in bucket.list_blobs()] == sorted(NAMES, key=str.encode)


def test_a_prefix_selects(server: Any, bucket: storage.Bucket) -> None:
    _upload(server, NAMES)
    assert [blob.name for blob in bucket.list_blobs(prefix="a/")] == ["a/", "a/b", "a/b/c", "a/b/d", "a/c"]
    assert [blob.name for blob in bucket.list_blobs(prefix="absent")] == []


def test_a_delimiter_rolls_names_up(server: Any, bucket: storage.Bucket) -> None:
    _upload(server, NAMES)
    listed = bucket.list_blobs(prefix="a/", delimiter="/")
    assert [blob.name for blob in listed] == ["a/", "a/b", "a/c"]
    assert listed.prefixes == {"a/b/"}


def test_offsets_bound_the_list(server: Any, bucket: storage.Bucket) -> None:
    _upload(server, NAMES)
    listed = bucket.list_blobs(start_offset="a/b", end_offset="b")
    assert [blob.name for blob in listed] == ["a/b", "a/b/c", "a/b/d", "a/c"]


def test_pages_give_every_object_once(server: Any, bucket: storage.Bucket) -> None:
    names = [f"{number:03d}" for number in range(25)]
    _upload(server, names)
    pages = [[blob.name for blob in page] for page in bucket.list_blobs(page_size=10).pages]
    assert pages == [names[:10], names[10:20], names[20:]]
    assert [blob.name for blob in bucket.list_blobs(max_results=7)] == names[:7]


def test_a_page_that_ends_with_the_list_has_no_token(server: Any) -> None:
    _upload(server, ["a", "b"])
    assert "nextPageToken" not in server.call("GET", "/storage/v1/b/bucket/o?maxResults=2").json()


def test_an_empty_list_has_no_items(server: Any) -> None:
    assert server.call("GET", "/storage/v1/b/bucket/o").json() == {"kind": "storage#objects"}


def test_the_fields_parameter_selects(server: Any) -> None:
    _upload(server, ["a", "b"])
    answer = server.call(
        "GET", "/storage/v1/b/bucket/o?fields=items(name,metadata/key),nextPageToken&maxResults=1"
    ).json()
    assert answer["items"] == [{"name": "a"}]
    assert set(answer) == {"items", "nextPageToken"}


@pytest.mark.parametrize(
    "query",
    ["maxResults=0", "maxResults=-1", "maxResults=x", "pageToken=!!", "pageToken=/w==", "fields=items(", "fields=,",
     "fields=a//b", "fields=" + "a/" * 50 + "a", "prefix=%FF", "prefix=a&prefix=b"],
)  # fmt: skip
def test_a_query_that_cannot_be_read_is_refused(server: Any, query: str) -> None:
    assert server.call("GET", f"/storage/v1/b/bucket/o?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["softDeleted=true", "matchGlob=**", "filter=x", "includeTrailingDelimiter=true", "nonsense=1"]
)
def test_what_is_not_implemented_is_said(server: Any, query: str) -> None:
    answer = server.call("GET", f"/storage/v1/b/bucket/o?{query}")
    assert answer.status_code == 501
    assert query.partition("=")[0] in answer.json()["error"]["message"]


def test_the_list_of_an_unknown_bucket_is_not_found(server: Any) -> None:
    assert server.call("GET", "/storage/v1/b/absent/o").status_code == 404


def _by_the_book(names: list[str], request: ListRequest) -> list[str]:
    """Names and prefixes that a list gives, in order, computed the plain way."""
    found: list[str] = []
    for name in sorted(names):
        if not name.startswith(request.prefix) or name < request.start or (request.end and name >= request.end):
            continue
        at = name.find(request.delimiter, len(request.prefix)) if request.delimiter else -1
        shown = name if at < 0 else name[: at + len(request.delimiter)]
        if shown not in found[-1:]:
            found.append(shown)
    return found


def _in_pages(names: list[str], request: ListRequest) -> list[str]:
    ordered = sorted(names)
    found: list[str] = []
    start: str | None = request.start
    while start is not None:
        page_request = ListRequest(request.prefix, request.delimiter, start, request.end, request.size)
        limit = page_request.limit
        page = list_page(
            lambda first, limit=limit: (n for n in ordered if n >= first and (limit is None or n < limit)), page_request
        )
        assert len(page.names) + len(page.prefixes) <= request.size
        found += sorted([*page.names, *page.prefixes])
        start = page.next_start
    return found


def test_pages_of_any_size_agree_with_the_plain_definition() -> None:
    random_source = random.Random(7)
    for _ in range(2000):
        names = {"".join(random_source.choices("a/b\U0010ffff", k=random_source.randint(1, 5))) for _ in range(12)}
        request = ListRequest(
            prefix=random_source.choice(["", "a", "a/", "\U0010ffff"]),
            delimiter=random_source.choice(["", "/", "b", "//"]),
            start=random_source.choice(["", "a/", "b"]),
            end=random_source.choice([None, "a/b", "b/"]),
            size=random_source.randint(1, 5),
        )
        assert _in_pages(list(names), request) == _by_the_book(list(names), request)


@pytest.mark.parametrize(
    ("prefix", "following"),
    [("a", "b"), ("a/", "a0"), ("a\U0010ffff", "b"), ("\U0010ffff", None), ("", None), ("\ud7ff", "\ue000")],
)
def test_the_successor_is_the_least_text_behind_a_prefix(prefix: str, following: str | None) -> None:
    assert successor(prefix) == following
