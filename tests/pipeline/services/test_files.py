"""Small text files of the person who starts the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.services.connections import Addresses, Connections
from pipeline.services.files import read_text
from pipeline.services.objects import ObjectMissing, Objects


@pytest.fixture
def connections() -> Iterator[Connections]:
    opened = Connections(Addresses("p"))
    yield opened
    opened.close()


def test_a_file_is_read_from_cloud_storage(connections: Connections, objects: Objects, bucket: str) -> None:
    objects.create(f"{bucket}/deid.json", b'{"dicom": {}}')
    assert read_text(f"{bucket}/deid.json", connections) == '{"dicom": {}}'


def test_a_file_is_read_from_the_disk(connections: Connections, tmp_path: Path) -> None:
    (tmp_path / "deid.json").write_text('{"dicom": {}}')
    assert read_text(str(tmp_path / "deid.json"), connections) == '{"dicom": {}}'


def test_a_file_on_the_disk_needs_no_connection(connections: Connections, tmp_path: Path) -> None:
    (tmp_path / "deid.json").write_text("{}")
    read_text(str(tmp_path / "deid.json"), connections)
    assert "objects" not in vars(connections)


def test_a_byte_order_mark_is_not_part_of_the_text(connections: Connections, tmp_path: Path) -> None:
    (tmp_path / "deid.json").write_bytes(b"\xef\xbb\xbf{}")
    assert read_text(str(tmp_path / "deid.json"), connections) == "{}"


def test_a_missing_object_is_missing(connections: Connections, bucket: str) -> None:
    with pytest.raises(ObjectMissing):
        read_text(f"{bucket}/deid.json", connections)


def test_a_missing_file_is_missing(connections: Connections, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_text(str(tmp_path / "deid.json"), connections)


def test_what_is_no_text_is_refused(connections: Connections, tmp_path: Path) -> None:
    (tmp_path / "deid.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnicodeDecodeError):
        read_text(str(tmp_path / "deid.json"), connections)
