"""Manifests read by Beam, on the runner that local runs use."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from pipeline.model.names import DicomStoreName
from pipeline.options import LOCAL_BATCH_RUNNER
from pipeline.sources.manifest import REJECTED, ReadManifests

Check = Callable[[str, list[Any], list[Any]], None]


@pytest.fixture
def check(source: DicomStoreName) -> Check:
    """Reads a glob with Beam and compares both outputs."""

    def run(pattern: str, paths: list[Any], rejected: list[Any]) -> None:
        options = PipelineOptions([f"--runner={LOCAL_BATCH_RUNNER}"])
        with beam.Pipeline(options=options) as pipeline:
            lines = pipeline | ReadManifests(pattern, source)
            assert_that(lines.paths, equal_to(paths), label="paths")
            assert_that(lines[REJECTED], equal_to(rejected), label="rejected")

    return run


def test_every_manifest_of_a_glob_is_read(check: Check, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("/studies/1.2/series/1.3/instances/1.4\n")
    (tmp_path / "b.txt").write_bytes(gzip.compress(b"/studies/1.2\n# done\n"))
    (tmp_path / "c.txt").touch()
    (tmp_path / "d.csv").write_text("/studies/9.9\n")
    check(f"{tmp_path}/*.txt", [("1.2", "1.3/1.4"), ("1.2", "")], [])


def test_a_bad_line_names_its_manifest_and_line(check: Check, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("/studies/1.2\ngarbage\n")
    digest = hashlib.sha256(b"garbage").hexdigest()
    check(f"{tmp_path}/a.txt", [("1.2", "")], [(digest, f"NOT_A_PATH\t{tmp_path}/a.txt:2")])


def test_a_damaged_manifest_ends_the_whole_reading(check: Check, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("/studies/1.2\n")
    (tmp_path / "b.txt").write_bytes(gzip.compress(b"/studies/1.3\n")[:-6])
    with pytest.raises(Exception, match="damaged"):
        check(f"{tmp_path}/*.txt", [], [])
