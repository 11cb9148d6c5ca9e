"""The protocol of resumable uploads, request by request."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

CHUNK = 256 * 1024
DATA = bytes(number * 31 % 251 for number in range(2 * CHUNK + 100))


def _begin(server: Any, **headers: str) -> str:
    query = {"uploadType": "resumable", "name": "o"}
    answer = server.call("POST", "/upload/storage/v1/b/bucket/o", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["location"].removeprefix(server.url))


def _send(server: Any, path: str, content_range: str | None, data: bytes = b"", **headers: str) -> Any:
    if content_range is not None:
        headers["content-range"] = content_range
    return server.call("PUT", path, data=data, headers=headers)


def _stored(server: Any) -> bytes:
    return bytes(server.call("GET", "/storage/v1/b/bucket/o/o?alt=media").content)


def test_chunks_are_acknowledged_and_the_last_one_ends_the_upload(server: Any) -> None:
    path = _begin(server)
    first = _send(server, path, f"bytes 0-{CHUNK - 1}/*", DATA[:CHUNK])
    assert (first.status_code, first.headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")
    last = _send(server, path, f"bytes {CHUNK}-{len(DATA) - 1}/{len(DATA)}", DATA[CHUNK:])
    assert (last.status_code, last.json()["size"]) == (200, str(len(DATA)))
    assert _stored(server) == DATA


def test_an_upload_without_content_range_is_the_whole_object(server: Any) -> None:
    assert _send(server, _begin(server), None, DATA).status_code == 200
    assert _stored(server) == DATA


def test_the_state_of_an_upload_that_has_no_bytes_yet_has_no_range(server: Any) -> None:
    answer = _send(server, _begin(server), "bytes */*")
    assert answer.status_code == 308
    assert "range" not in answer.headers


def test_the_state_answers_200_only_where_308_would_be_followed(server: Any) -> None:
    path = _begin(server)
    answer = _send(server, path, "bytes */*", **{"x-guploader-no-308": "yes"})
    assert (answer.status_code, answer.headers["x-http-status-code-override"]) == (200, "308")


def test_a_chunk_is_kept_in_multiples_of_256_kib(server: Any) -> None:
    path = _begin(server)
    answer = _send(server, path, f"bytes 0-{CHUNK + 9}/*", DATA[: CHUNK + 10])
    assert (answer.status_code, answer.headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")
    assert _send(server, path, f"bytes {CHUNK}-{len(DATA) - 1}/{len(DATA)}", DATA[CHUNK:]).status_code == 200
    assert _stored(server) == DATA


def test_bytes_sent_again_are_passed_over(server: Any) -> None:
    path = _begin(server)
    for _ in range(2):
        _send(server, path, f"bytes 0-{CHUNK - 1}/*", DATA[:CHUNK])
    assert _send(server, path, f"bytes 0-{len(DATA) - 1}/{len(DATA)}", DATA).status_code == 200
    assert _stored(server) == DATA


def test_a_chunk_that_leaves_a_gap_is_refused_and_loses_nothing(server: Any) -> None:
    path = _begin(server)
    _send(server, path, f"bytes 0-{CHUNK - 1}/*", DATA[:CHUNK])
    assert _send(server, path, f"bytes {2 * CHUNK}-{3 * CHUNK - 1}/*", DATA[:CHUNK]).status_code == 400
    assert _send(server, path, "bytes */*").headers["range"] == f"bytes=0-{CHUNK - 1}"
    assert _send(server, path, f"bytes {CHUNK}-{len(DATA) - 1}/{len(DATA)}", DATA[CHUNK:]).status_code == 200
    assert _stored(server) == DATA


def test_a_finished_upload_answers_its_object_again(server: Any) -> None:
    path = _begin(server)
    finished = _send(server, path, None, DATA).json()
    assert _send(server, path, "bytes */*").json() == finished
    assert _send(server, path, f"bytes 0-{len(DATA) - 1}/{len(DATA)}", DATA).json() == finished
    assert server.call("GET", "/storage/v1/b/bucket/o/o").json() == finished


def test_an_upload_ends_when_its_length_is_told_at_last(server: Any) -> None:
    path = _begin(server)
    _send(server, path, f"bytes 0-{CHUNK - 1}/*", DATA[:CHUNK])
    assert _send(server, path, f"bytes */{CHUNK}").status_code == 200
    assert _stored(server) == DATA[:CHUNK]


def test_a_cancelled_upload_is_gone(server: Any) -> None:
    path = _begin(server)
    _send(server, path, f"bytes 0-{CHUNK - 1}/*", DATA[:CHUNK])
    assert server.call("DELETE", path).status_code == 499
    assert _send(server, path, "bytes */*").status_code == 404
    assert server.content_files() == 0


def test_an_unknown_session_is_not_found(server: Any) -> None:
    path = "/upload/storage/v1/b/bucket/o?uploadType=resumable&upload_id=absent"
    assert _send(server, path, None, DATA).status_code == 404


@pytest.mark.parametrize(
    "content_range",
    ["bytes 9-0/100", "bytes 0-99/50", "bytes 0-99/100", "bytes -5/10", "bytes 0-*/10", "0-9/10", "bytes 0-9", "x",
     "bytes 0-99999999999999999999999/*", "bytes 0-4/10;x", "items 0-9/10"],
)  # fmt: skip
def test_an_absurd_content_range_is_refused_and_loses_nothing(server: Any, content_range: str) -> None:
    path = _begin(server)
    assert _send(server, path, content_range, b"0123456789").status_code == 400
    assert _send(server, path, "bytes 0-9/10", b"0123456789").status_code == 200
    assert _stored(server) == b"0123456789"


def test_a_declared_length_is_held_against_the_bytes(server: Any) -> None:
    path = _begin(server, **{"X-Upload-Content-Length": "10"})
    assert _send(server, path, "bytes 0-10/11", b"x" * 11).status_code == 400
    assert _send(server, path, None, b"x" * 11).status_code == 400
    assert server.names() == []
    assert _send(server, path, None, b"x" * 10).status_code == 200


def test_a_connection_that_breaks_leaves_whole_blocks(server: Any) -> None:
    path = _begin(server)
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(DATA)}\r\n"
        head += f"Content-Range: bytes 0-{len(DATA) - 1}/{len(DATA)}\r\n\r\n"
        connection.sendall(head.encode() + DATA[: CHUNK + 5000])
    deadline = time.monotonic() + 60
    while (answer := _send(server, path, "bytes */*")).headers.get("range") is None:
        assert time.monotonic() < deadline, "the server did not keep what it had received"
    assert answer.headers["range"] == f"bytes=0-{CHUNK - 1}"
    assert _send(server, path, f"bytes {CHUNK}-{len(DATA) - 1}/{len(DATA)}", DATA[CHUNK:]).status_code == 200
    assert _stored(server) == DATA


def test_an_upload_that_broke_inside_the_server_must_be_begun_again(server: Any) -> None:
    path = _begin(server)
    folder = server.root / "contents"
    shutil.move(folder, server.root / "away")
    assert _send(server, path, None, b"data").status_code == 500
    shutil.move(server.root / "away", folder)
    assert _send(server, path, None, b"data").status_code == 410
    assert server.names() == []
    assert _send(server, _begin(server), None, b"data").status_code == 200
    assert _stored(server) == b"data"


def test_an_upload_goes_on_after_a_restart(start_server: Callable[[], Any]) -> None:
    server = start_server()
    server.client().create_bucket("bucket")
    path = _begin(server)
    _send(server, path, f"bytes 0-{CHUNK - 1}/*", DATA[:CHUNK])
    server.stop()
    again = start_server()
    assert _send(again, path, "bytes */*").headers["range"] == f"bytes=0-{CHUNK - 1}"
    assert _send(again, path, f"bytes {CHUNK}-{len(DATA) - 1}/{len(DATA)}", DATA[CHUNK:]).status_code == 200
    assert _stored(again) == DATA


def test_a_finished_upload_is_known_after_a_restart_and_its_object_unharmed(start_server: Callable[[], Any]) -> None:
    server = start_server()
    server.client().create_bucket("bucket")
    path = _begin(server)
    finished = _send(server, path, None, DATA).json()
    server.stop()
    again = start_server()
    assert _send(again, path, None, b"other").json()["generation"] == finished["generation"]
    assert _stored(again) == DATA
