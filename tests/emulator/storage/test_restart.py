"""What a restart keeps, and what it cleans up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from emulator.storage.contents import ContentFolder
from emulator.storage.database import Database, next_instant
from emulator.storage.object_store import ObjectRef, ObjectStore


def test_everything_survives_a_restart(start_server: Callable[[], Any]) -> None:
    server = start_server()
    client = server.client()
    client.create_bucket("bucket", location="EU").labels = {"a": "1"}
    blob = client.bucket("bucket").blob("ü/o")
    blob.metadata = {"k": "v"}
    blob.upload_from_string(b"data", content_type="a/b")
    before = server.call("GET", "/storage/v1/b/bucket/o/%C3%BC%2Fo").json()
    bucket_before = server.call("GET", "/storage/v1/b/bucket").json()
    server.stop()
    again = start_server()
    assert again.call("GET", "/storage/v1/b/bucket/o/%C3%BC%2Fo").json() == before
    assert again.call("GET", "/storage/v1/b/bucket").json() == bucket_before
    assert again.client().bucket("bucket").blob("ü/o").download_as_bytes() == b"data"


def test_bytes_that_no_object_has_are_removed_at_the_start(start_server: Callable[[], Any]) -> None:
    server = start_server()
    server.client().create_bucket("bucket")
    server.put("o")
    folder = next(server.root.glob("contents/??"))
    (folder / "left-by-a-killed-server").write_bytes(b"x")
    server.stop()
    again = start_server()
    assert again.content_files() == 1
    assert again.service.read_object("gs://bucket/o") == b"data"


def test_a_generation_is_never_given_twice_though_the_clock_goes_back(tmp_path: Path) -> None:
    database = Database(tmp_path / "metadata.sqlite")
    with database.transaction() as tx:
        given = [next_instant(tx, now) for now in (100, 100, 50, 200)]
    database.close()
    again = Database(tmp_path / "metadata.sqlite")
    with again.transaction() as tx:
        given.append(next_instant(tx, 10))
    again.close()
    assert given == [100, 101, 102, 200, 201]


def test_readers_and_writers_of_one_object_always_see_a_whole_one(tmp_path: Path) -> None:
    database = Database(tmp_path / "metadata.sqlite")
    contents = ContentFolder(tmp_path / "contents")
    objects = ObjectStore(database, contents)
    with database.transaction() as tx:
        tx.execute("INSERT INTO buckets VALUES ('bucket', 'p', 1, 1, 1, '{}')")
    ref = ObjectRef("bucket", "o")
    done = threading.Event()

    def write(letter: bytes) -> None:
        writer = contents.new_writer()
        writer.append(letter * 1000)
        objects.insert(ref, writer.content(), {})

    def read() -> int:
        seen = 0
        while not done.is_set() or not seen:
            record, file = objects.open(ref)
            with file:
                data = file.read()
            assert (len(data), len(set(data)), record.content.size) == (1000, 1, 1000)
            seen += 1
        return seen

    write(b"a")
    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        for number in range(200):
            write(b"abc"[number % 3 : number % 3 + 1])
        done.set()
        assert all(reader.result() > 0 for reader in readers)
    assert sum(1 for _ in (tmp_path / "contents").glob("??/*")) == 1
    database.close()
