"""Downloads: ranges, transcoding, headers."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest
import requests
from google.api_core.exceptions import NotFound, RequestRangeNotSatisfiable
from google.cloud import storage

from emulator.objects import ObjectNotFound

MEDIA = "/storage/v1/b/bucket/o/o?alt=media"
IDENTITY = {"accept-encoding": "identity"}


def test_both_addresses_answer_the_same_bytes_and_headers(server: Any) -> None:
    resource = server.put("o", b"hello")
    for path in (MEDIA, f"/download{MEDIA}"):
        answer = server.call("GET", path)
        assert (answer.status_code, answer.content) == (200, b"hello")
        assert answer.headers["x-goog-generation"] == resource["generation"]
        assert answer.headers["x-goog-hash"] == f"crc32c={resource['crc32c']},md5={resource['md5Hash']}"
        assert answer.headers["x-goog-stored-content-length"] == answer.headers["content-length"] == "5"
        assert answer.headers["content-type"] == "application/octet-stream"


def test_the_client_downloads_a_part(bucket: storage.Bucket) -> None:
    bucket.blob("o").upload_from_string(b"0123456789")
    assert bucket.blob("o").download_as_bytes(start=2, end=4) == b"234"
    assert bucket.blob("o").download_as_bytes(start=7) == b"789"


def test_a_large_object_is_read_in_chunks_and_whole(bucket: storage.Bucket) -> None:
    data = bytes(range(256)) * 20_000
    bucket.blob("o").upload_from_string(data)
    assert bucket.blob("o").download_as_bytes() == data
    in_chunks = io.BytesIO()
    bucket.blob("o", chunk_size=1024 * 1024).download_to_file(in_chunks)
    assert in_chunks.getvalue() == data
    with bucket.blob("o").open("rb", chunk_size=1024 * 1024) as reader:
        reader.seek(3_000_000)
        assert reader.read(10) == data[3_000_000:3_000_010]


@pytest.mark.parametrize(
    ("header", "status", "content", "content_range"),
    [
        ("bytes=0-0", 206, b"0", "bytes 0-0/10"),
        ("bytes=3-5", 206, b"345", "bytes 3-5/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=5-99999999999999999999999999", 206, b"56789", "bytes 5-9/10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=x-y", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("items=0-3", 200, b"0123456789", None),
    ],
)
def test_a_range_is_answered(server: Any, header: str, status: int, content: bytes, content_range: str | None) -> None:
    server.put("o", b"0123456789")
    answer = server.call("GET", MEDIA, headers={"range": header})
    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers.get("content-range") == content_range


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=" + "9" * 5000 + "-"])
def test_a_range_behind_the_object_cannot_be_satisfied(server: Any, header: str) -> None:
    server.put("o", b"0123456789")
    answer = server.call("GET", MEDIA, headers={"range": header})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */10")


def test_several_ranges_are_not_implemented(server: Any) -> None:
    server.put("o")
    assert server.call("GET", MEDIA, headers={"range": "bytes=0-1,2-3"}).status_code == 501


def test_the_client_is_told_that_a_range_is_behind_the_object(bucket: storage.Bucket) -> None:
    bucket.blob("o").upload_from_string(b"data")
    with pytest.raises(RequestRangeNotSatisfiable):
        bucket.blob("o").download_as_bytes(start=100)


def test_a_missing_object_or_bucket_is_not_found(server: Any) -> None:
    with pytest.raises(NotFound):
        server.client().bucket("bucket").blob("absent").download_as_bytes()
    with pytest.raises(NotFound):
        server.client().bucket("absent").blob("o").download_as_bytes()


def _put_gzip(server: Any, stored: bytes, **fields: str) -> None:
    server.put("o", stored, contentEncoding="gzip")
    if fields:
        assert server.call("PATCH", "/storage/v1/b/bucket/o/o", json=fields).status_code == 200


def test_a_gzip_object_is_decompressed_for_who_does_not_accept_gzip(server: Any) -> None:
    text = b"line\n" * 1_000_000
    _put_gzip(server, gzip.compress(text))
    answer = server.call("GET", MEDIA, headers={**IDENTITY, "range": "bytes=0-3"})
    assert (answer.status_code, answer.content) == (200, text)
    assert "content-encoding" not in answer.headers
    assert answer.headers["x-goog-stored-content-encoding"] == "gzip"


@pytest.mark.parametrize("accepted", ["gzip", "deflate, gzip;q=0.5", "*"])
def test_a_gzip_object_is_sent_as_it_is_to_who_accepts_gzip(server: Any, accepted: str) -> None:
    _put_gzip(server, gzip.compress(b"text"))
    answer = server.call("GET", MEDIA, headers={"accept-encoding": accepted})
    assert (answer.headers["content-encoding"], answer.content) == ("gzip", b"text")  # the client decompresses


def test_a_refused_gzip_is_not_sent(server: Any) -> None:
    _put_gzip(server, gzip.compress(b"text"))
    answer = server.call("GET", MEDIA, headers={"accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in answer.headers
    assert answer.content == b"text"


def test_no_transform_forbids_decompression(server: Any) -> None:
    _put_gzip(server, gzip.compress(b"text"), cacheControl="private, no-transform")
    assert server.call("GET", MEDIA, headers=IDENTITY).headers["content-encoding"] == "gzip"


def test_gzip_members_follow_each_other(server: Any) -> None:
    _put_gzip(server, gzip.compress(b"one ") + gzip.compress(b"two"))
    assert server.call("GET", MEDIA, headers=IDENTITY).content == b"one two"


@pytest.mark.parametrize(
    "stored",
    [b"no gzip", gzip.compress(b"text")[:-9], gzip.compress(b"text") + b"rubbish"],
    ids=["no gzip", "truncated", "rubbish behind"],
)
def test_an_object_that_is_called_gzip_and_is_none_is_refused_with_the_cure(server: Any, stored: bytes) -> None:
    _put_gzip(server, stored)
    answer = server.call("GET", MEDIA, headers=IDENTITY)
    assert answer.status_code == 400
    assert "Accept-Encoding: gzip" in answer.json()["error"]["message"]
    assert server.call("GET", "/storage/v1/b/bucket/o/o").status_code == 200


def test_a_large_gzip_object_that_is_damaged_breaks_off_and_the_server_goes_on(server: Any) -> None:
    _put_gzip(server, gzip.compress(bytes(5_000_000))[:-9])
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        server.call("GET", MEDIA, headers=IDENTITY)
    assert server.call("GET", "/storage/v1/b/bucket/o/o").status_code == 200


def test_an_empty_gzip_object_is_empty(server: Any) -> None:
    _put_gzip(server, b"")
    assert server.call("GET", MEDIA, headers=IDENTITY).content == b""


def test_an_object_that_is_replaced_while_it_is_read_is_read_to_its_end(server: Any, bucket: storage.Bucket) -> None:
    old = b"o" * 30_000_000
    server.put("o", old)
    with requests.get(f"{server.url}{MEDIA}", stream=True, timeout=60) as answer:
        first = answer.raw.read(10)
        server.put("o", b"new")
        assert first + answer.raw.read() == old
    assert bucket.blob("o").download_as_bytes() == b"new"


def test_read_object_and_list_objects_serve_the_other_services(server: Any) -> None:
    for name in ("m/a.json", "m/b.json", "m/n/c.json", "m/d.txt", "other"):
        server.put(name, name.encode())
    assert server.service.read_object("gs://bucket/m/n/c.json") == b"m/n/c.json"
    listed = server.service.list_objects("gs://bucket/m/*.json")
    assert listed == ["gs://bucket/m/a.json", "gs://bucket/m/b.json", "gs://bucket/m/n/c.json"]
    assert server.service.list_objects("gs://bucket/other") == ["gs://bucket/other"]
    assert server.service.list_objects("gs://bucket/absent*") == []


@pytest.mark.parametrize(
    "uri", ["gs://bucket/absent", "gs://absent/o", "gs://bucket", "gs://bucket/", "/etc/passwd", ""]
)
def test_what_is_not_there_is_not_found_for_the_other_services(server: Any, uri: str) -> None:
    with pytest.raises(ObjectNotFound) as missing:
        server.service.read_object(uri)
    assert "absent" not in str(missing.value)
