"""Apache Beam's own file system against the embedded Cloud Storage."""

from __future__ import annotations

import gzip
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.io.filesystem import BeamIOError
from apache_beam.io.filesystems import FileSystems
from apache_beam.io.gcp import gcsio
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner


@pytest.fixture
def gcs(cloud_environment: Any) -> Any:
    """The server, with Beam's file system set up for it."""
    FileSystems.set_options(PipelineOptions(["--project=p"]))
    return cloud_environment


def _write(name: str, data: bytes) -> None:
    with FileSystems.create(f"gs://bucket/{name}") as file:
        file.write(data)


def _matched(pattern: str) -> list[str]:
    (result,) = FileSystems.match([f"gs://bucket/{pattern}"])
    return [metadata.path.removeprefix("gs://bucket/") for metadata in result.metadata_list]


def test_a_file_is_written_and_read(gcs: Any) -> None:
    data = bytes(range(256)) * 1000
    _write("a/b.bin", data)
    with FileSystems.open("gs://bucket/a/b.bin") as file:
        assert file.read() == data
    assert FileSystems.exists("gs://bucket/a/b.bin")
    assert not FileSystems.exists("gs://bucket/a/absent")
    assert (
        FileSystems.checksum("gs://bucket/a/b.bin")
        == gcs.call("GET", "/storage/v1/b/bucket/o/a%2Fb.bin").json()["crc32c"]
    )


def test_a_gz_file_is_compressed_in_the_bucket(gcs: Any) -> None:
    _write("lines.txt.gz", b"line\n" * 100)
    assert gzip.decompress(gcs.service.read_object("gs://bucket/lines.txt.gz")) == b"line\n" * 100
    with FileSystems.open("gs://bucket/lines.txt.gz") as file:
        assert file.read() == b"line\n" * 100


def test_patterns_match_as_beam_says(gcs: Any) -> None:
    for name in ("m/a.txt", "m/b.txt", "m/n/c.txt", "m/d.bin", "other.txt"):
        gcs.put(name)
    assert _matched("m/*.txt") == ["m/a.txt", "m/b.txt"]
    assert _matched("m/**.txt") == ["m/a.txt", "m/b.txt", "m/n/c.txt"]
    assert _matched("m/[ab].txt") == ["m/a.txt", "m/b.txt"]
    assert _matched("other.txt") == ["other.txt"]
    assert _matched("absent/*") == []


def test_files_are_copied_renamed_and_deleted(gcs: Any) -> None:
    paths = [f"gs://bucket/a-{number:03d}" for number in range(101)]  # more than one batch
    for path in paths:
        gcs.put(path.removeprefix("gs://bucket/"))
    copies = [path.replace("a-", "b-") for path in paths]
    moved = [path.replace("a-", "c-") for path in paths]
    FileSystems.copy(paths[:2], copies[:2])
    FileSystems.rename(paths, moved)
    assert gcs.names() == [path.removeprefix("gs://bucket/") for path in copies[:2] + moved]
    FileSystems.delete(copies[:2] + moved[:2])
    assert gcs.names() == [path.removeprefix("gs://bucket/") for path in moved[2:]]


def test_a_missing_file_is_an_error(gcs: Any) -> None:
    with pytest.raises(BeamIOError):
        FileSystems.copy(["gs://bucket/absent"], ["gs://bucket/copy"])
    with pytest.raises(Exception, match="404"), FileSystems.open("gs://bucket/absent") as file:
        file.read()


def test_beam_creates_a_bucket(gcs: Any) -> None:
    io = gcsio.GcsIO()
    assert io.create_bucket("of-beam", "p", location="us-central1").name == "of-beam"
    assert io.get_bucket("of-beam").location == "US-CENTRAL1"
    assert io.is_soft_delete_enabled("gs://of-beam") is False
    assert io.get_bucket("absent") is None


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz"])
def test_a_pipeline_reads_and_writes_text(gcs: Any, suffix: str) -> None:
    lines = [f"line {number}" for number in range(500)]
    text = "\n".join(lines).encode()
    gcs.put(f"in/part-1{suffix}", gzip.compress(text) if suffix.endswith(".gz") else text)
    gcs.put("in/ignored", b"nothing")
    with beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions(["--project=p"])) as pipeline:
        read = pipeline | beam.io.ReadFromText(f"gs://bucket/in/*{suffix}")
        _ = read | beam.Map(str.upper) | beam.io.WriteToText("gs://bucket/out/result", suffix, num_shards=3)
    outputs = [name for name in gcs.names() if name.startswith("out/")]
    assert outputs == [f"out/result-0000{number}-of-00003{suffix}" for number in range(3)]
    written = []
    for name in outputs:
        data = gcs.service.read_object(f"gs://bucket/{name}")
        written += (gzip.decompress(data) if suffix.endswith(".gz") else data).decode().splitlines()
    assert sorted(written) == sorted(line.upper() for line in lines)
