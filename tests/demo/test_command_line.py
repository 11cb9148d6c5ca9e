"""What is refused before anything is started, and the flags that the pipeline gets."""

import subprocess
import sys
from pathlib import Path

from demo.names import DEFAULT_CONFIG, ROOT
from demo.pipeline_run import pipeline_arguments


def run(*arguments):
    command = [sys.executable, "-m", "demo", *map(str, arguments)]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    done = run("--out", tmp_path / "out", "--dicom", tmp_path / "none")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no such folder" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_configuration_that_does_not_exist_is_refused(tmp_path):
    done = run("--out", tmp_path / "out", "--config", tmp_path / "none.json")
    assert done.returncode == 2
    assert "no such file" in done.stderr


def test_an_out_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("occupied")
    done = run("--out", tmp_path / "file" / "out")
    assert done.returncode == 2
    assert "Give a folder that can be written" in done.stderr


def test_results_without_their_cloud_are_not_mixed_with_new_ones(tmp_path):
    (tmp_path / "deidentified").mkdir()
    done = run("--out", tmp_path)
    assert done.returncode == 2
    assert "remove it, or give another --out" in done.stderr


def test_the_pipeline_gets_the_flags_of_a_cloud_user():
    given = pipeline_arguments(config=Path("c.json"), run_id="r", audit=Path("a.jsonl"), endpoint="http://x")
    assert "--input=gs://demo/manifests/*.txt" in given
    assert "--tolerate_outcomes=rejected" in given
    assert "--healthcare_endpoint=http://x" in given
    assert len({flag.partition("=")[0] for flag in given}) == len(given)


def test_the_pipeline_knows_every_flag_it_gets():
    shown = subprocess.run(
        [sys.executable, "-m", "pipeline", "--help"], check=True, cwd=ROOT, capture_output=True, text=True
    )
    given = pipeline_arguments(config=Path("c"), run_id="r", audit=Path("a"), endpoint="u")
    assert [flag for flag in given if flag.partition("=")[0] not in shown.stdout] == []


def test_the_default_configuration_is_the_basic_profile_with_new_uids():
    text = DEFAULT_CONFIG.read_text()
    assert "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE" in text
    assert '"primaryIds": "REGEN"' in text
