"""`python -m benchmarks.midi`, with this engine."""

import json

import pytest

from benchmarks.midi import report
from benchmarks.midi.__main__ import main
from benchmarks.midi.contestants import with_profile
from benchmarks.midi.score import score
from emulator.deidentify import compile_config

BASIC = {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(BASIC))
    return path


def test_the_basic_profile_changes_every_uid_consistently_and_keeps_what_the_iods_need(small_set, tmp_path):
    folder, key = small_set
    with_profile(compile_config(BASIC))(folder, tmp_path)
    tallies = report.by_action(score(key, tmp_path, None))
    for action in ("tag_retained", "text_notnull", "uid_changed", "uid_consistent", "pixels_retained"):
        assert tallies[action].percent == 100
    assert tallies["text_removed"].percent > 99


def test_instances_that_the_engine_refuses_are_counted_by_reason(tmp_path, capsys):
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    out.mkdir()
    (given / "0001.dcm").write_bytes(b"no DICOM")
    with_profile(compile_config(BASIC))(given, out)
    assert capsys.readouterr().err.startswith("1 instances not written: ")
    assert list(out.iterdir()) == []


def test_scores_are_printed_and_written_as_json(config, tmp_path, capsys):
    scores = tmp_path / "scores.json"
    status = main(
        ["--config", str(config), "--instances", "2", "--baselines", "--failures", "3", "--json", str(scores)]
    )
    printed = capsys.readouterr().out
    assert status == 0
    assert "2 instances, seed 0" in printed
    body = json.loads(scores.read_text())
    assert list(body) == ["mine", "identity", "nothing"]
    assert body["nothing"]["instances_not_written"] == 2
    assert body["identity"]["checks"]["uid_changed"]["passed"] == 0
    assert f"{body['mine']['overall']['percent']:.2f}" in printed


def test_a_set_is_written_and_the_outputs_of_another_tool_scored_against_it(tmp_path, capsys):
    given, scores = tmp_path / "set", tmp_path / "scores.json"
    assert main(["--write-set", str(given), "--instances", "2"]) == 0
    assert main(["--submission", str(given), "--set", str(given), "--json", str(scores)]) == 0
    assert json.loads(scores.read_text())["submission"]["checks"]["tag_retained"]["percent"] == 100


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config", "{}"], "mine.json is not usable"),
        (["--config", "no JSON"], "mine.json cannot be read as JSON"),
        (["--submission", "mine.json"], "--set"),
        (["--set", "mine.json"], "answer_key.json"),
        (["--write-set", "."], "not empty"),
    ],
)
def test_a_call_that_cannot_be_carried_out_says_why(config, arguments, message, capsys, monkeypatch):
    monkeypatch.chdir(config.parent)
    if arguments[0] == "--config":
        config.write_text(arguments[1])
        arguments = ["--config", "mine.json"]
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
