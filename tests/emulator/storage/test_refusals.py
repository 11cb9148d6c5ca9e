"""Requests that nobody should send, and what is not implemented."""

from __future__ import annotations

import logging
import socket
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/storage/v1/"),
        ("GET", "/storage/v1/b/bucket/iam"),
        ("POST", "/storage/v1/b/bucket/o"),
        ("GET", "/storage/v1/b/bucket/o/a/b"),
        ("POST", "/storage/v1/b/bucket/o/o/moveTo/o/p"),
        ("GET", "/storage/v1/b/bucket/o/o/acl"),
        ("POST", "/storage/v1/b/bucket/notificationConfigs"),
        ("HEAD", "/storage/v1/b/bucket/o/o"),
        ("GET", "/upload/storage/v1/b/bucket/o"),
        ("GET", "/elsewhere"),
        ("GET", "/batch/storage/v1"),
        ("GET", "/storage/v1/b/bucket/../bucket"),
    ],
)
def test_what_is_not_implemented_is_501(server: Any, verb: str, path: str) -> None:
    server.put("o")
    answer = server.call(verb, path)
    assert answer.status_code == 501
    if verb != "HEAD":
        error = answer.json()["error"]
        assert (error["code"], error["errors"][0]["reason"]) == (501, "notImplemented")
        assert error["message"].endswith(".")
    assert server.names() == ["o"]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-goog-encryption-algorithm": "AES256", "x-goog-encryption-key": "x"},
        {"x-http-method-override": "DELETE"},
        {"content-encoding": "gzip"},
        {"if-match": "x"},
    ],
)
def test_a_header_that_would_change_the_meaning_is_not_passed_over(server: Any, headers: dict[str, str]) -> None:
    path = "/upload/storage/v1/b/bucket/o?uploadType=media&name=o"
    assert server.call("POST", path, data=b"x", headers=headers).status_code == 501
    assert server.names() == []


@pytest.mark.parametrize("query", ["predefinedAcl=publicRead", "kmsKeyName=k", "destinationPredefinedAcl=x"])
def test_a_parameter_that_would_change_the_object_is_not_passed_over(server: Any, query: str) -> None:
    path = f"/upload/storage/v1/b/bucket/o?uploadType=media&name=o&{query}"
    assert server.call("POST", path, data=b"x").status_code == 501
    assert server.names() == []


@pytest.mark.parametrize(
    "path",
    ["/upload/storage/v1/b/bucket/o?uploadType=nonsense&name=o", "/upload/storage/v1/b/bucket/o?name=o",
     "/upload/storage/v1/b/bucket/o?uploadType=media", "/upload/storage/v1/b//o?uploadType=media&name=o",
     "/upload/storage/v1/b/%FF/o?uploadType=media&name=o"],
)  # fmt: skip
def test_an_upload_that_cannot_be_understood_is_refused(server: Any, path: str) -> None:
    assert server.call("POST", path, data=b"x").status_code == 400
    assert server.names() == []


def test_two_different_names_are_refused(server: Any) -> None:
    path = "/upload/storage/v1/b/bucket/o?uploadType=resumable&name=a"
    assert server.call("POST", path, json={"name": "b"}).status_code == 400


@pytest.mark.parametrize("name", ["..%2F..%2Fmetadata.sqlite", "%2E%2E", "..", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"])
def test_a_path_never_leads_out_of_the_objects(server: Any, name: str) -> None:
    answer = server.call("GET", f"/storage/v1/b/bucket/o/{name}?alt=media")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "No such object."


def test_sql_in_a_name_is_a_name(server: Any) -> None:
    server.put("o")
    name = "'; DROP TABLE objects; --"
    server.put(name)
    assert server.names() == [name, "o"]


def test_an_unknown_bucket_is_not_found_for_every_method(server: Any) -> None:
    for verb, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/o"), ("GET", "/o/o"), ("DELETE", "/o/o")):
        answer = server.call(verb, f"/storage/v1/b/absent{path}", json={} if verb == "PATCH" else None)
        assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (404, "notFound")


def test_the_server_outlives_a_client_that_goes_away_in_the_middle(server: Any) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    head = "POST /upload/storage/v1/b/bucket/o?uploadType=media&name=o HTTP/1.1\r\nHost: x\r\n"
    head += "Content-Length: 9000000\r\n\r\n"
    for _ in range(5):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode() + b"x" * 2_000_000)
    server.put("another")
    assert server.names() == ["another"]


def test_neither_messages_nor_logs_hold_a_name(server: Any, caplog: pytest.LogCaptureFixture) -> None:
    canary = "canary-1.2.840.99"
    caplog.set_level(logging.DEBUG, "emulator")
    answers = [
        server.call("GET", f"/storage/v1/b/bucket/o/{canary}"),
        server.call("GET", f"/storage/v1/b/{canary}"),
        server.call("GET", f"/storage/v1/{canary}"),
        server.call("GET", f"/storage/v1/b/bucket/o?{canary}=x"),
        server.call("GET", f"/storage/v1/b/bucket/o?pageToken={canary}"),
        server.call("POST", "/storage/v1/b?project=p", json={"name": f"{canary}!"}),
        server.call("PATCH", "/storage/v1/b/bucket", json={canary: 1}),
        server.call("POST", f"/upload/storage/v1/b/bucket/o?uploadType=media&name={canary}%0A", data=b"x"),
    ]
    assert all(answer.status_code >= 400 for answer in answers)
    assert canary not in "".join(answer.text for answer in answers) + caplog.text


def test_an_error_inside_is_500_and_the_server_goes_on(server: Any, caplog: pytest.LogCaptureFixture) -> None:
    server.put("canary-name")
    for path in server.root.glob("contents/??/*"):
        path.unlink()  # somebody else removed the bytes
    answer = server.call("GET", "/storage/v1/b/bucket/o/canary-name?alt=media")
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (500, "internalError")
    assert "canary" not in caplog.text + answer.text
    server.put("o")
    assert server.names() == ["canary-name", "o"]
