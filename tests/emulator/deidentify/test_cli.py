import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest

from emulator.deidentify import cli, regenerate_uid
from emulator.deidentify.cli import main
from emulator.deidentify.folder import deidentify_files

BASIC = {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}


@pytest.fixture
def place(tmp_path):
    """A folder with a configuration and an empty input folder."""
    (tmp_path / "config.json").write_text(json.dumps(BASIC))
    (tmp_path / "in").mkdir()
    return tmp_path


@pytest.fixture
def store(place, instance, encoded):
    """`store("a/b.dcm", number)`: puts an instance of that number into the input folder."""

    def call(name, number, **elements):
        path = place / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(instance(SOPInstanceUID=f"1.2.3.{number}", PatientName="CANARY^A", **elements)))
        return path

    return call


@pytest.fixture
def call(place):
    """Runs the command in this process; returns the exit status."""

    def run(*arguments, source="in", config="config.json", output="out"):
        return main(["--config", str(place / config), str(place / source), str(place / output), *arguments])

    return run


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def expected(number):
    study, series, sop = (regenerate_uid(uid) for uid in ("1.2.3.10", "1.2.3.20", f"1.2.3.{number}"))
    return f"{study}/{series}/{sop}.dcm"


def test_a_folder_is_deidentified_into_files_named_by_their_new_uids(store, call, place, capsys):
    store("JANE_DOE.dcm", 1)
    store("sub/deeper/JANE_DOE", 2)
    assert call() == 0
    assert files(place / "out") == sorted([expected(1), expected(2)])
    assert [path.name for path in (place / "out").iterdir()] == [expected(1).split("/")[0]]
    captured = capsys.readouterr()
    assert captured.out == "2 files: 2 de-identified, 0 failed (ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE)\n"
    assert captured.err == ""


def test_a_single_file_is_deidentified_into_a_folder(store, call, place):
    store("one.dcm", 1)
    assert call(source="in/one.dcm") == 0
    assert files(place / "out") == [expected(1)]
    assert pydicom.dcmread(place / "out" / expected(1)).PatientName == ""


def test_a_file_that_cannot_be_processed_is_reported_and_leaves_no_output(store, call, place, capsys):
    store("good.dcm", 1)
    (place / "in" / "bad\nname.dcm").write_bytes(b"CANARY")
    assert call() == 1
    captured = capsys.readouterr()
    assert captured.err == "bad\\nname.dcm: is not a DICOM file: no DICM prefix after the preamble\n"
    assert captured.out.startswith("2 files: 1 de-identified, 1 failed")
    assert files(place / "out") == [expected(1)]


def test_a_second_file_of_the_same_instance_is_reported_and_does_not_replace_the_first(store, call, place, capsys):
    store("a.dcm", 1, Manufacturer="first")
    store("b.dcm", 1, Manufacturer="second")
    assert call() == 1
    assert capsys.readouterr().err.startswith("b.dcm: another file has the same SOP Instance UID")
    assert files(place / "out") == [expected(1)]
    assert pydicom.dcmread(place / "out" / expected(1)).Manufacturer == "first"


def test_many_processes_do_what_one_does(store, call, place, capsys):
    for number in range(40):
        store(f"{number:02d}.dcm", number)
    (place / "in" / "17x.dcm").write_bytes(b"")
    assert call("--jobs", "1", output="one") == 1
    alone = capsys.readouterr()
    assert call("--jobs", "2", output="two") == 1
    assert capsys.readouterr() == alone
    assert len(files(place / "one")) == 40
    assert files(place / "one") == files(place / "two")
    for name in files(place / "one"):
        assert (place / "one" / name).read_bytes() == (place / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("{", "is not JSON in UTF-8"),
        ("\xff", "is not JSON in UTF-8"),
        ('{"dicom": {}, "dicom": {}}', "the same field twice"),
        ('{"dicom": {"filterProfile": "X"}}', r"is not usable: \$\.dicom\.filterProfile: must be one of"),
        ('{"dicom": {}, "text": {"profileType": "BASIC"}}', r"\$\.text\.profileType"),
    ],
)
def test_a_configuration_that_cannot_be_used_exits_2_and_writes_nothing(store, call, place, capsys, config, says):
    store("a.dcm", 1)
    (place / "config.json").write_bytes(config.encode("latin-1"))
    assert call() == 2
    assert re.search(says, capsys.readouterr().err)
    assert not (place / "out").exists()


def test_explain_says_what_a_configuration_does_and_processes_nothing(place, capsys):
    config = {"dicomTagConfig": {"actions": [{"queries": ["PatientName"], "keepTag": {}}]}}
    (place / "config.json").write_text(json.dumps(config))
    assert main(["--config", str(place / "config.json"), "--explain"]) == 0
    said = capsys.readouterr().out
    assert "PatientName" in said
    assert len(said.splitlines()) > 3


def test_without_input_and_output_nothing_is_tried(place, capsys):
    (place / "config.json").write_text('{"dicomTagConfig": {}}')
    assert main(["--config", str(place / "config.json")]) == 2
    assert "INPUT and OUTPUT are required" in capsys.readouterr().err


def test_what_is_missing_or_in_the_way_exits_2_and_says_so(store, call, place, capsys):
    assert call(source="nowhere") == 2
    assert "INPUT does not exist" in capsys.readouterr().err
    assert call() == 2
    assert "holds no files" in capsys.readouterr().err
    store("a.dcm", 1)
    assert call(config="none.json") == 2
    assert "cannot be read" in capsys.readouterr().err
    assert call(output="in/out") == 2
    assert "within each other" in capsys.readouterr().err
    assert call(output="config.json") == 2
    assert "is a file" in capsys.readouterr().err
    (place / "used").mkdir()
    (place / "used" / "x").touch()
    assert call(output="used") == 2
    assert "not empty" in capsys.readouterr().err


@pytest.mark.parametrize("jobs", ["0", "-1", "x", "1.5"])
def test_a_number_of_jobs_that_is_none_exits_2(call, jobs, capsys):
    with pytest.raises(SystemExit) as caught:
        call("--jobs", jobs)
    assert caught.value.code == 2
    assert "must be a whole number, 1 or more" in capsys.readouterr().err


def test_the_module_runs_as_a_command(store, place):
    store("a.dcm", 1)
    command = [sys.executable, "-m", "emulator.deidentify", "--config", "config.json", "in", "out"]
    repository = str(Path(__file__).parents[3])
    done = subprocess.run(
        command, cwd=place, env=os.environ | {"PYTHONPATH": repository}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert files(place / "out") == [expected(1)]


def test_what_is_no_regular_file_is_reported_and_not_waited_for(store, call, place, capsys):
    store("a.dcm", 1)
    os.mkfifo(place / "in" / "pipe")
    assert call() == 1
    assert capsys.readouterr().err == "pipe: is not a regular file\n"


def test_an_interrupted_run_leaves_only_finished_files(store, call, place, capsys, monkeypatch):
    for number in range(5):
        store(f"{number}.dcm", number)

    def three(*args):
        yield from itertools.islice(deidentify_files(*args), 3)
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "deidentify_files", three)
    assert call() == 130
    assert capsys.readouterr().err == "interrupted\n"
    assert files(place / "out") == sorted(expected(number) for number in range(3))
    assert [path.name for path in (place / "out").iterdir()] == [expected(0).split("/")[0]]
