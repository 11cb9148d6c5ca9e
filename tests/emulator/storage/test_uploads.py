"""Simple, multipart and resumable uploads through Google's client."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
from typing import Any

import google_crc32c
import pytest
from google.cloud import storage

CHUNK = 256 * 1024


def test_an_object_has_the_documented_fields(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a/b c.txt")
    blob.metadata = {"key": "välue"}
    blob.cache_control, blob.content_language, blob.content_disposition = "no-store", "de", "attachment"
    blob.upload_from_string(b"hello", content_type="text/plain")
    blob.reload()
    assert blob.size == 5
    assert blob.md5_hash == base64.b64encode(hashlib.md5(b"hello").digest()).decode()
    assert blob.crc32c == base64.b64encode(google_crc32c.Checksum(b"hello").digest()).decode()
    assert (blob.content_type, blob.storage_class, blob.metadata) == ("text/plain", "STANDARD", {"key": "välue"})
    assert (blob.cache_control, blob.content_language, blob.content_disposition) == ("no-store", "de", "attachment")
    assert blob.time_created == blob.updated
    assert abs(blob.time_created.timestamp() - blob.generation / 1e6) < 0.002
    assert blob.id == f"bucket/a/b c.txt/{blob.generation}"
    assert blob.etag


def test_the_links_of_an_object_lead_to_it(server: Any) -> None:
    resource = server.put("a/ü?#%.txt", b"data")
    assert server.call("GET", resource["selfLink"].removeprefix(server.url)).json() == resource
    assert server.call("GET", resource["mediaLink"].removeprefix(server.url)).content == b"data"


@pytest.mark.parametrize(
    "name",
    ["a/b", "../../etc/passwd", "/rooted", "a//b", "%2F", "a%b", "ü/日本", "sp ace", "q?x=1&y#z", "a+b", "o/compose",
     "back\\slash", "tab\there", "nul\x00byte", "dot/./..", "x" * 1024, "💉"],
)  # fmt: skip
def test_any_name_is_stored_and_listed_as_it_is(server: Any, bucket: storage.Bucket, name: str) -> None:
    bucket.blob(name).upload_from_string(name.encode())
    assert bucket.blob(name).download_as_bytes() == name.encode()
    assert server.names() == [name]
    assert [path for path in server.root.rglob("*") if path.parent != server.root and path.is_file()] == list(
        server.root.glob("contents/??/*")
    )
    bucket.blob(name).delete()
    assert server.names() == []


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "a\rb", "x" * 1025, "ü" * 513, ".well-known/acme-challenge/x"])
def test_a_name_that_google_refuses_is_refused(server: Any, name: str) -> None:
    query = {"uploadType": "media", "name": name}
    answer = server.call("POST", "/upload/storage/v1/b/bucket/o", params=query, data=b"x")
    assert answer.status_code == 400
    assert server.names() == []


def test_an_empty_object_is_an_object(bucket: storage.Bucket) -> None:
    bucket.blob("simple").upload_from_string(b"")
    bucket.blob("resumable", chunk_size=CHUNK).upload_from_file(io.BytesIO(b""))
    assert [bucket.blob(name).download_as_bytes() for name in ("simple", "resumable")] == [b"", b""]


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 5 * CHUNK + 7])
def test_a_resumable_upload_stores_what_was_sent(bucket: storage.Bucket, size: int) -> None:
    data = bytes(number * 7 % 256 for number in range(size))
    bucket.blob("known", chunk_size=CHUNK).upload_from_file(io.BytesIO(data), size=size)
    bucket.blob("unknown", chunk_size=CHUNK).upload_from_file(io.BytesIO(data))
    with bucket.blob("written").open("wb", chunk_size=CHUNK) as writer:
        writer.write(data)
    for name in ("known", "unknown", "written"):
        assert bucket.blob(name).download_as_bytes() == data
    assert len({blob.crc32c for blob in bucket.list_blobs()}) == 1


def test_metadata_goes_with_a_resumable_upload(bucket: storage.Bucket) -> None:
    blob = bucket.blob("o", chunk_size=CHUNK)
    blob.metadata = {"a": "1"}
    blob.upload_from_file(io.BytesIO(b"x" * (CHUNK + 1)), content_type="application/dicom")
    blob.reload()
    assert (blob.content_type, blob.metadata) == ("application/dicom", {"a": "1"})


def test_a_text_object_stored_with_gzip_encoding_comes_back_as_text(bucket: storage.Bucket) -> None:
    blob = bucket.blob("o")
    blob.content_encoding = "gzip"
    blob.upload_from_string(gzip.compress(b"text"), content_type="text/plain")
    assert bucket.blob("o").download_as_bytes() == b"text"
    assert gzip.decompress(bucket.blob("o").download_as_bytes(raw_download=True)) == b"text"


def test_replacing_an_object_removes_its_old_bytes(server: Any) -> None:
    for number in range(3):
        server.put("o", str(number).encode())
    assert server.content_files() == 1


@pytest.mark.parametrize(
    "header", ["crc32c=AAAAAA==", "md5=1B2M2Y8AsgTpgAmY7PhCfg==", "crc32c=AAAAAA==,md5=1B2M2Y8AsgTpgAmY7PhCfg=="]
)
def test_a_wrong_checksum_in_the_header_stores_nothing(server: Any, header: str) -> None:
    query = {"uploadType": "media", "name": "o"}
    answer = server.call(
        "POST", "/upload/storage/v1/b/bucket/o", params=query, data=b"data", headers={"x-goog-hash": header}
    )
    assert answer.status_code == 400
    assert "doesn't match" in answer.json()["error"]["message"]
    assert (server.names(), server.content_files()) == ([], 0)


@pytest.mark.parametrize("header", ["sha1=AAAA", "crc32c=AAAA", "md5=!", "crc32c=AAAAAA==,crc32c=AAAAAQ=="])
def test_a_checksum_that_cannot_be_read_is_refused(server: Any, header: str) -> None:
    query = {"uploadType": "media", "name": "o"}
    answer = server.call(
        "POST", "/upload/storage/v1/b/bucket/o", params=query, data=b"data", headers={"x-goog-hash": header}
    )
    assert answer.status_code == 400
    assert server.names() == []


def test_a_wrong_checksum_in_the_metadata_stores_nothing(server: Any, bucket: storage.Bucket) -> None:
    for field in ("md5_hash", "crc32c"):
        blob = bucket.blob("o")
        setattr(blob, field, {"md5_hash": "1B2M2Y8AsgTpgAmY7PhCfg==", "crc32c": "AAAAAA=="}[field])
        with pytest.raises(Exception, match="400"):
            blob.upload_from_string(b"data", checksum=None)
    assert (server.names(), server.content_files()) == ([], 0)


def test_a_resumable_upload_with_a_wrong_checksum_stores_nothing(server: Any) -> None:
    query = {"uploadType": "resumable", "name": "o"}
    begun = server.call("POST", "/upload/storage/v1/b/bucket/o", params=query, json={"crc32c": "AAAAAA=="})
    answer = server.call("PUT", begun.headers["location"].removeprefix(server.url), data=b"data")
    assert answer.status_code == 400
    assert (server.names(), server.content_files()) == ([], 0)


def test_the_content_type_of_the_metadata_wins(server: Any) -> None:
    body = (
        b'--B\r\ncontent-type: application/json\r\n\r\n{"name": "o", "contentType": "a/b"}\r\n'
        b"--B\r\ncontent-type: c/d\r\n\r\ndata\r\n--B--"
    )
    headers = {"content-type": "multipart/related; boundary=B"}
    answer = server.call("POST", "/upload/storage/v1/b/bucket/o?uploadType=multipart", data=body, headers=headers)
    assert answer.json()["contentType"] == "a/b"


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n"])
@pytest.mark.parametrize("boundary", ["B", '"B"', "'B'"])
def test_multipart_lines_may_end_as_gcloud_writes_them(server: Any, line_break: bytes, boundary: str) -> None:
    data = b"\r\n--A\n\n--\r\nline\r"
    lines = [b"--B", b"Content-Type: application/json", b"MIME-Version: 1.0", b"", b'{"name": "o"}', b"--B"]
    lines += [b"Content-Type: x/y", b"Content-Transfer-Encoding: binary", b"", data, b"--B--", b""]
    answer = server.call(
        "POST",
        "/upload/storage/v1/b/bucket/o?uploadType=multipart",
        data=line_break.join(lines),
        headers={"content-type": f"multipart/related; boundary={boundary}"},
    )
    assert answer.status_code == 200, answer.text
    assert server.call("GET", "/storage/v1/b/bucket/o/o?alt=media").content == data


@pytest.mark.parametrize(
    "body",
    [b"", b"no boundary", b"--B\r\n\r\n{}", b"--B\r\n\r\n{}\r\n--B--", b"--B--", b"--B\r\n\r\n{}\r\n--B\r\n\r\ndata",
     b'--B\r\n\r\n{"name":"o"}\r\n--B\r\n\r\ndata\r\n--Bx', b"--B\r\n\r\n{nonsense\r\n--B\r\n\r\ndata\r\n--B--",
     b'--B\r\n\r\n["name"]\r\n--B\r\n\r\ndata\r\n--B--', b"--B\r\n" + b"h: x\r\n" * 20000,
     b'--B\r\n\r\n{"name":"o"}\r\n--B\r\n\r\ndata\r\n--B\r\n\r\nthird\r\n--B--', b"x" * 200_000,
     b'--B\r\n\r\n{"name":"o"}\r\n--B\r\n\r\n' + b"d" * 3_000_000, b"\xff\x00" * 50_000],
)  # fmt: skip
def test_a_malformed_multipart_body_is_refused_and_stores_nothing(server: Any, body: bytes) -> None:
    headers = {"content-type": "multipart/related; boundary=B"}
    answer = server.call("POST", "/upload/storage/v1/b/bucket/o?uploadType=multipart", data=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"]
    assert (server.names(), server.content_files()) == ([], 0)


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/related", 'multipart/related; boundary=""']
)
def test_a_multipart_upload_needs_a_boundary(server: Any, content_type: str) -> None:
    answer = server.call(
        "POST",
        "/upload/storage/v1/b/bucket/o?uploadType=multipart",
        data=b"--B--",
        headers={"content-type": content_type},
    )
    assert answer.status_code == 400


def test_an_upload_into_an_unknown_bucket_is_not_found(server: Any) -> None:
    for kind in ("media", "resumable"):
        query = {"uploadType": kind, "name": "o"}
        answer = server.call("POST", "/upload/storage/v1/b/absent/o", params=query, data=b"")
        assert answer.status_code == 404
    assert server.content_files() == 0


def test_a_large_refused_upload_is_answered_not_broken_off(server: Any) -> None:
    server.put("o")
    query = {"uploadType": "media", "name": "o", "ifGenerationMatch": "0"}
    answer = server.call("POST", "/upload/storage/v1/b/bucket/o", params=query, data=b"x" * 20_000_000)
    assert answer.status_code == 412
    assert server.content_files() == 1
