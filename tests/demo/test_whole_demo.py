"""`python -m demo` from its command line to its results: once with the default data, then with a person's folder."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pydicom
import pytest

from demo.names import ROOT
from demo.stow import OTHER
from emulator.samples import byte_patterns, text_canaries, uid_canaries, write_samples

UID = re.compile(r"\d+(\.\d+){5,}")
TIMEOUT_SECONDS = 300
MARK = "DEMO_TEST_OUT"


def command(out, *arguments):
    return [sys.executable, "-m", "demo", "--out", str(out), *map(str, arguments)]


def run(out, *arguments):
    return subprocess.run(
        command(out, *arguments),
        check=False,
        cwd=ROOT,
        env={**os.environ, MARK: str(out)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )


def account(out):
    return json.loads((out / "account.json").read_text())


def rows(out):
    return [json.loads(line) for line in (out / "audit.jsonl").read_text().splitlines()]


def outcomes(out):
    return Counter(row["outcome"] for row in rows(out))


def exported(out):
    return sorted((out / "deidentified").rglob("*.dcm"))


def processes_of(out):
    """Running processes that a demo on `out` started, at any depth: they inherit the mark in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={out}\0".encode() in (entry / "environ").read_bytes() + b"\0":
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


@pytest.fixture(scope="module")
def default_demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("default") / "demo"
    return out, run(out)


def test_the_default_demo_ends_well(default_demo):
    out, done = default_demo
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert account(out)["balanced"] is True


def test_the_account_covers_every_stored_instance(default_demo):
    out, done = default_demo
    closed = account(out)
    assert closed["asked"] == int(re.search(r"manifest of (\d+) instances", done.stdout)[1]) > 160
    assert closed["failed"] == closed["unknown"] == 0
    assert closed["asked"] == closed["deidentified"] + closed["rejected"] + closed["skipped"]


def test_the_audit_has_one_row_for_each_instance(default_demo):
    out, _ = default_demo
    keys = {(row["study_instance_uid"], row["series_instance_uid"], row["sop_instance_uid"]) for row in rows(out)}
    assert len(rows(out)) == len(keys) == account(out)["asked"]


def test_each_deidentified_row_has_its_file_under_the_new_uids(default_demo):
    out, _ = default_demo
    expected = {
        f"{row['deid_study_instance_uid']}/{row['deid_series_instance_uid']}/{row['deid_sop_instance_uid']}.dcm"
        for row in rows(out)
        if row["outcome"] == "DEIDENTIFIED"
    }
    assert {str(path.relative_to(out / "deidentified")) for path in exported(out)} == expected
    for path in exported(out):
        assert pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID == path.stem


def test_refused_files_are_counted_by_reason_and_named_in_skipped_txt_only(default_demo):
    out, done = default_demo
    assert OTHER in done.stdout
    assert "not a DICOM file" in done.stdout
    assert "pydicom/DICOMDIR" not in done.stdout
    assert "MR_truncated.dcm" in (out / "skipped.txt").read_text()
    assert "MR_truncated.dcm" not in (out / "run.log").read_text()


def test_no_canary_and_no_original_uid_is_in_the_deidentified_files(default_demo):
    out, _ = default_demo
    raw = b"".join(path.read_bytes() for path in exported(out))
    leaked = [one for one in text_canaries() | uid_canaries() if any(pattern in raw for pattern in byte_patterns(one))]
    assert leaked == []


def test_no_canary_is_in_a_deflated_file(default_demo):
    out, _ = default_demo
    text = "\n".join(
        str(pydicom.dcmread(path))
        for path in exported(out)
        if pydicom.dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID.is_deflated
    )
    assert text
    assert [one for one in text_canaries() | uid_canaries() if one in text] == []


@pytest.mark.parametrize("log", ["run.log", "cloud.log", "account.json"])
def test_no_canary_and_no_uid_is_in_a_log(default_demo, log):
    out, done = default_demo
    text = (out / log).read_text() + (done.stdout + done.stderr if log == "run.log" else "")
    assert [one for one in text_canaries() if one in text] == []
    assert UID.search(text) is None


def test_nothing_runs_any_more(default_demo):
    out, _ = default_demo
    assert processes_of(out) == []


def test_the_second_demo_reports_the_same_run_and_does_nothing_twice(default_demo):
    out, _ = default_demo
    before, files = account(out), {path: path.read_bytes() for path in exported(out)}
    done = run(out)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "0 stored now" in done.stdout
    for name in ("run_id", "asked", "deidentified", "operations"):
        assert account(out)[name] == before[name]
    assert len(rows(out)) == before["asked"]
    assert {path: path.read_bytes() for path in exported(out)} == files


@pytest.fixture(scope="module")
def own_folder(tmp_path_factory):
    """A person's folder: twelve instances of one study, and things that are not DICOM."""
    folder = tmp_path_factory.mktemp("own") / "Doe^Jane"
    write_samples(folder, studies=1)
    (folder / "Doe^Jane letter.txt").write_text("Dear colleague")
    return folder


def test_a_persons_folder_then_a_changed_one(own_folder, tmp_path):
    out, folder = tmp_path / "out", tmp_path / "folder"
    shutil.copytree(own_folder, folder)
    assert run(out, "--dicom", folder).returncode == 0
    first = account(out)
    assert (first["asked"], first["deidentified"]) == (12, 12)
    assert "Doe^Jane letter.txt\tnot a DICOM file" in (out / "skipped.txt").read_text()
    assert "Doe" not in (out / "run.log").read_text()

    write_samples(folder / "more", seed=5, studies=1)
    done = run(out, "--dicom", folder)
    assert done.returncode == 0, done.stdout[-3000:]
    second = account(out)
    assert second["run_id"] != first["run_id"]
    assert (second["asked"], second["deidentified"], second["skipped"]) == (24, 12, 12)
    assert outcomes(out) == {"DEIDENTIFIED": 12, "SKIPPED": 12}
    assert len(exported(out)) == 24


def test_a_folder_without_dicom_is_refused_with_the_place_of_the_reasons(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "notes.txt").write_text("no picture")
    done = run(tmp_path / "out", "--dicom", folder)
    assert done.returncode == 2
    assert "no DICOM instance could be stored" in done.stdout
    assert "notes.txt" in (tmp_path / "out" / "skipped.txt").read_text()


def test_two_demos_on_one_folder_are_refused(own_folder, tmp_path):
    out = tmp_path / "out"
    with interrupted_at("2. storing", out, own_folder, signal.SIGTERM) as second_try:
        done = run(out, "--dicom", own_folder)
        second_try()
    assert done.returncode == 2
    assert "another server uses the data folder" in done.stdout


def test_another_configuration_on_the_same_results_is_not_mixed_in(own_folder, tmp_path):
    out = tmp_path / "out"
    assert run(out, "--dicom", own_folder).returncode == 0
    files = {path: path.read_bytes() for path in exported(out)}
    done = run(out, "--dicom", own_folder, "--config", ROOT / "templates" / "configs" / "minimal.json")
    assert done.returncode == 1
    assert outcomes(out) == {"UNKNOWN": 12}
    assert "give each its own --out" in done.stdout
    assert {path: path.read_bytes() for path in exported(out)} == files


class interrupted_at:  # noqa: N801 - reads as a sentence
    """Runs the demo until it says `line`, then hands over a function that sends the signal and gives its end."""

    def __init__(self, line, out, folder, number):
        self.line, self.out, self.folder, self.number = line, out, folder, number

    def __enter__(self):
        self.demo = subprocess.Popen(
            command(self.out, "--dicom", self.folder),
            cwd=ROOT,
            env={**os.environ, MARK: str(self.out)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.watchdog = threading.Timer(TIMEOUT_SECONDS, self.demo.kill)
        self.watchdog.start()
        for said in self.demo.stdout:
            if said.startswith(self.line):
                return self.end
        raise AssertionError(f"the demo ended without saying {self.line!r}")

    def end(self):
        self.demo.send_signal(self.number)
        said = self.demo.stdout.read()
        return self.demo.wait(), said

    def __exit__(self, *_exception):
        self.watchdog.cancel()
        self.demo.stdout.close()
        if self.demo.poll() is None:
            self.demo.terminate()
            self.demo.wait()


@pytest.mark.parametrize(
    ("line", "number"), [("1. starting", signal.SIGTERM), ("2. storing", signal.SIGINT), ("4. python", signal.SIGINT)]
)
def test_a_signal_stops_everything_and_the_same_command_goes_on(own_folder, tmp_path, line, number):
    out = tmp_path / "out"
    with interrupted_at(line, out, own_folder, number) as end:
        assert processes_of(out)
        status, said = end()
    assert status == 130
    assert said.splitlines()[-1].startswith("interrupted; everything was stopped")
    assert "Traceback" not in said
    assert processes_of(out) == []

    assert run(out, "--dicom", own_folder).returncode == 0
    assert (account(out)["asked"], account(out)["deidentified"]) == (12, 12)
    assert len(exported(out)) == 12
