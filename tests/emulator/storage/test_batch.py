"""Batch requests, through the client and by hand."""

from __future__ import annotations

from typing import Any

import pytest
from google.cloud import storage

HEADERS = {"content-type": "multipart/mixed; boundary=B"}


def _batch(server: Any, *parts: str) -> Any:
    body = "".join(f"--B\r\nContent-Type: application/http\r\n{part}\r\n" for part in parts) + "--B--\r\n"
    return server.call("POST", "/batch/storage/v1", data=body.encode(), headers=HEADERS)


def test_the_client_deletes_and_patches_in_a_batch(server: Any, bucket: storage.Bucket) -> None:
    for name in ("a", "b/ü", "c"):
        server.put(name)
    kept = bucket.blob("c")
    kept.metadata = {"k": "v"}
    with bucket.client.batch():
        bucket.delete_blob("a")
        bucket.delete_blob("b/ü")
        kept.patch()
    assert server.names() == ["c"]
    assert bucket.get_blob("c").metadata == {"k": "v"}


def test_a_call_that_fails_leaves_the_others(server: Any, bucket: storage.Bucket) -> None:
    server.put("a")
    batch = bucket.client.batch(raise_exception=False)
    with batch:
        bucket.delete_blob("absent")
        bucket.delete_blob("a")
    assert [response.status_code for response in batch._responses] == [404, 204]
    assert server.names() == []


def test_a_hundred_calls_are_one_batch(server: Any, bucket: storage.Bucket) -> None:
    for number in range(100):
        server.put(str(number))
    with bucket.client.batch():
        for number in range(100):
            bucket.delete_blob(str(number))
    assert server.names() == []


def test_answers_carry_the_ids_of_their_calls_in_their_order(server: Any) -> None:
    server.put("a")
    answer = _batch(
        server,
        "Content-ID: <one>\r\n\r\nGET /storage/v1/b/bucket/o/a?fields=name HTTP/1.1\r\n\r\n",
        "Content-ID: <two>\r\n\r\nDELETE /storage/v1/b/bucket/o/absent\r\n\r\n",
        "\r\nPATCH https://host/storage/v1/b/bucket/o/a HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
        '{"metadata": {"k": "v"}}',
    )
    assert answer.status_code == 200
    parts = answer.text.split("--batch_")[1:-1]
    assert [part.split("HTTP/1.1 ")[1][:3] for part in parts] == ["200", "404", "200"]
    assert ["<response-one>" in parts[0], "<response-two>" in parts[1]] == [True, True]
    assert '{"name": "a"}' in parts[0]
    assert server.call("GET", "/storage/v1/b/bucket/o/a").json()["metadata"] == {"k": "v"}


@pytest.mark.parametrize(
    "request_line",
    ["GET /storage/v1/b/bucket/o/a?alt=media", "POST /upload/storage/v1/b/bucket/o?uploadType=media&name=x",
     "POST /batch/storage/v1", "GET /storage/v1/b/bucket/nope", "PATCH /storage/v1/b/bucket/o/%FF"],
)  # fmt: skip
def test_what_a_batch_cannot_do_is_answered_inside_it(server: Any, request_line: str) -> None:
    server.put("a")
    answer = _batch(server, f"\r\n{request_line} HTTP/1.1\r\n\r\nbody", "\r\nDELETE /storage/v1/b/bucket/o/a\r\n\r\n")
    assert server.names() == []
    assert "HTTP/1.1 204" in answer.text
    assert any(f"HTTP/1.1 {status}" in answer.text for status in (400, 501))


@pytest.mark.parametrize("part", ["", "\r\n", "\r\nnonsense", "\r\nget /lower\r\n\r\n", "\r\nGET http://[/x\r\n\r\n"])
def test_a_batch_that_cannot_be_read_does_nothing(server: Any, part: str) -> None:
    server.put("a")
    assert _batch(server, "\r\nDELETE /storage/v1/b/bucket/o/a\r\n\r\n", part).status_code == 400
    assert server.names() == ["a"]


def test_an_empty_batch_is_refused(server: Any) -> None:
    assert _batch(server).status_code == 400


def test_a_part_of_another_type_is_refused(server: Any) -> None:
    body = b"--B\r\nContent-Type: text/plain\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\n--B--"
    assert server.call("POST", "/batch/storage/v1", data=body, headers=HEADERS).status_code == 400


def test_more_than_a_hundred_calls_are_refused_and_none_is_done(server: Any) -> None:
    server.put("a")
    assert _batch(server, *["\r\nDELETE /storage/v1/b/bucket/o/a\r\n\r\n"] * 101).status_code == 400
    assert server.names() == ["a"]


def test_more_than_ten_megabytes_are_refused(server: Any) -> None:
    assert _batch(server, "\r\n" + "x" * 11_000_000).status_code == 413
