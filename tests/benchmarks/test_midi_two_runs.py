"""What one key promises: patients, UIDs and days are mapped alike by operations that know nothing of each other."""

import base64
import json
import secrets
import shutil
from datetime import date
from pathlib import Path

import pydicom
import pytest

from benchmarks.midi import report
from benchmarks.midi.contestants import with_profile
from benchmarks.midi.score import score
from emulator.deidentify import compile_config

CHALLENGE = Path(__file__).parents[2] / "benchmarks" / "midi" / "challenge.json"


def a_key():
    return base64.b64encode(secrets.token_bytes(32)).decode()


def challenge(key):
    """The configuration for the challenge with a key, and without the pixels, which keys have no part in."""
    config = json.loads(CHALLENGE.read_text())
    del config["dicomTagConfig"]["options"]["cleanImage"]
    for transformation in config["text"]["additionalTransformations"]:
        for keyed in ("dateShiftConfig", "cryptoHashConfig"):
            if keyed in transformation:
                transformation[keyed] = {"cryptoKey": key}
    return config


def in_two_operations(folder, out, work, keys):
    """De-identify the files of odd and of even numbers by a profile each, compiled on its own."""
    for number, key in enumerate(keys):
        part, result = work / f"in-{number}", work / f"out-{number}"
        part.mkdir()
        result.mkdir()
        for file in sorted(folder.glob("*.dcm"))[number::2]:
            shutil.copyfile(file, part / file.name)
        with_profile(compile_config(challenge(key)))(part, result)
        for file in result.iterdir():
            file.rename(out / file.name)


@pytest.fixture
def run(small_set, tmp_path):
    """A function that de-identifies the small set in two operations; returns tallies by action and the outputs."""
    folder, answer_key = small_set
    out = tmp_path / "out"
    out.mkdir()

    def with_keys(*keys):
        in_two_operations(folder, out, tmp_path, keys)
        return report.by_action(score(answer_key, out, None)), out

    return with_keys


def test_two_operations_with_one_key_map_patients_and_uids_alike(run):
    key = a_key()
    tallies, _out = run(key, key)
    assert tallies["patid_consistent"].percent == 100
    assert tallies["uid_consistent"].percent == 100
    assert tallies["uid_changed"].percent == 100


def test_two_operations_with_different_keys_do_not_map_patients_alike(run):
    tallies, _out = run(a_key(), a_key())
    assert tallies["patid_consistent"].passed == 0
    assert tallies["uid_consistent"].percent == 100  # UIDs are mapped without a key


def day_of(dataset):
    text = dataset.StudyDate
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def test_one_key_shifts_all_days_of_a_patient_by_the_same_number_in_two_operations(run, small_set):
    folder, _answer_key = small_set
    key = a_key()
    _tallies, out = run(key, key)
    shifts = {}
    for file in sorted(out.glob("*.dcm")):
        before, after = pydicom.dcmread(folder / file.name), pydicom.dcmread(out / file.name)
        shifts.setdefault(before.PatientID, set()).add((day_of(after) - day_of(before)).days)
    assert len(shifts) == 2
    assert all(len(days) == 1 and -100 <= min(days) <= 100 and 0 not in days for days in shifts.values())
