"""Scores of a whole folder of outputs."""

import pydicom
import pytest

from benchmarks.midi import report
from benchmarks.midi.answer_key import REMOVALS, AnswerKey
from benchmarks.midi.contestants import PeerFailed, copied, identity, nothing, peer
from benchmarks.midi.scan import leaks
from benchmarks.midi.score import Tally, score


@pytest.fixture
def outcome(small_set, tmp_path):
    """A function that runs a contestant on the small set; returns its tallies by action, and its folder."""
    folder, key = small_set

    def run(contestant):
        contestant(folder, tmp_path)
        return report.by_action(score(key, tmp_path, None)), tmp_path

    return run


def rewriting(change):
    """A contestant that changes the dataset of each file."""

    def run(source, destination):
        for file in sorted(source.glob("*.dcm")):
            dataset = pydicom.dcmread(file)
            change(dataset)
            dataset.save_as(destination / file.name)

    return run


def test_a_copy_passes_no_check_of_removal_and_every_other(outcome, small_set):
    tallies, _out = outcome(identity)
    assert {action: tally.percent for action, tally in tallies.items()} == {
        action: 0 if action in REMOVALS else 100 for action in tallies
    }


def test_missing_files_pass_every_check_of_removal_and_no_other(outcome):
    tallies, _out = outcome(nothing)
    assert {action: tally.percent for action, tally in tallies.items()} == {
        action: 100 if action in REMOVALS else 0 for action in tallies
    }


def test_files_that_are_no_dicom_count_as_missing(outcome):
    def garbage(source, destination):
        for file in source.glob("*.dcm"):
            (destination / file.name).write_bytes(b"garbage")

    tallies, _out = outcome(garbage)
    assert tallies["text_removed"].percent == 100
    assert tallies["tag_retained"].percent == 0


def test_empty_data_sets_fail_every_check_of_retaining(outcome):
    def empty(dataset):
        for tag in list(dataset.keys()):
            del dataset[tag]

    tallies, _out = outcome(rewriting(empty))
    for action in ("tag_retained", "patid_consistent", "pixels_retained", "pixels_hidden"):
        assert tallies[action].passed == 0
    assert 0 < tallies["text_retained"].passed == 12  # the SOP class in the file meta information


def test_one_tag_removed_fails_its_checks_alone(outcome, small_set):
    def change(dataset):
        del dataset.Modality

    tallies, _out = outcome(rewriting(change))
    for action in ("text_notnull", "text_retained"):
        assert tallies[action].total - tallies[action].passed == 12
    assert tallies["tag_retained"].percent == 100


def test_the_same_new_id_for_two_patients_is_not_consistent(outcome):
    def change(dataset):
        dataset.PatientID = "ANON"

    tallies, _out = outcome(rewriting(change))
    assert tallies["patid_consistent"].passed == 0


def test_another_new_id_for_each_instance_is_not_consistent(outcome):
    def change(dataset):
        dataset.PatientID = dataset.SOPInstanceUID[-12:]

    tallies, _out = outcome(rewriting(change))
    assert tallies["patid_consistent"].passed == 0


def test_a_new_id_for_each_patient_is_consistent(outcome):
    def change(dataset):
        dataset.PatientID = f"P{int(dataset.PatientID) * 7}"

    tallies, _out = outcome(rewriting(change))
    assert tallies["patid_consistent"].percent == 100


def test_a_uid_that_is_not_changed_where_it_is_referred_to_is_not_consistent(outcome):
    def change(dataset):
        dataset.SOPInstanceUID += ".1"  # and not the one in the file meta information

    tallies, _out = outcome(rewriting(change))
    assert tallies["uid_consistent"].total - tallies["uid_consistent"].passed == 12


def test_uids_changed_by_one_rule_are_consistent_and_changed(outcome):
    def change(dataset):
        for element in [*dataset.file_meta, *dataset.iterall()]:
            if element.VR == "UI" and element.value.startswith("2.25."):
                element.value = "1.2.3.1" + element.value[-20:]

    tallies, _out = outcome(rewriting(change))
    assert tallies["uid_changed"].percent == 100
    assert tallies["uid_consistent"].percent == 100


def test_pixels_of_one_colour_are_hidden_and_not_retained(outcome):
    def change(dataset):
        if "PixelData" in dataset:
            if dataset.file_meta.TransferSyntaxUID.is_compressed:
                dataset.decompress()
            dataset.PixelData = bytes(len(dataset.PixelData))

    tallies, _out = outcome(rewriting(change))
    assert tallies["pixels_hidden"].percent == 100
    assert tallies["pixels_retained"].passed == 0


def test_a_planted_value_is_found_wherever_in_a_file_it_lies(small_set, tmp_path):
    _folder, key = small_set
    value = min(key.planted())
    (tmp_path / "0001.dcm").write_bytes(b"\0" * 999 + value.encode() + b"\1")
    assert leaks(key.planted(), tmp_path)["0001.dcm"] >= {value}


def test_the_table_has_a_row_for_each_check_each_category_and_the_whole(small_set, tmp_path):
    _folder, key = small_set
    results = score(AnswerKey(0, key.instances[:2]), tmp_path, None)
    rows = report.table({"nothing": results}, {"nothing": 0}, {"nothing": 2}).splitlines()
    by_name = {row.split()[0]: row.split() for row in rows[1:]}
    assert by_name["tag_retained"][-1] == "0.00"
    assert by_name["text_removed"][-1] == "100.00"
    assert {"HIPAA", "HIPAA-A", "DICOM-IOD-1", "BEST-P15-DESC"} <= by_name.keys()
    assert by_name["overall"][1:] == [f"{len(results):,}", f"{Tally.of(results).percent:.2f}"]


def test_hipaa_dicom_and_best_practice_weigh_70_20_and_10(small_set, tmp_path):
    _folder, key = small_set
    results = score(key, tmp_path, None)
    assert report.weighted(results) == pytest.approx(70 + 0 + 0)
    assert report.weighted([]) == pytest.approx(100)


def test_the_most_frequent_failures_come_first(small_set, tmp_path):
    _folder, key = small_set
    lines = report.failures(score(key, tmp_path, None), 5).splitlines()
    counts = [int(line.split()[0]) for line in lines]
    assert len(counts) == 5
    assert counts == sorted(counts, reverse=True)


def test_outputs_of_a_tool_that_ran_elsewhere_are_scored_by_name(outcome, small_set):
    folder, _key = small_set
    tallies, _out = outcome(copied(folder))
    assert tallies["tag_retained"].percent == 100


def test_a_tool_that_is_not_installed_is_named_with_the_cure(small_set, tmp_path):
    folder, _key = small_set
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'dicognito'\" >&2\nexit 1\n")
    python.chmod(0o755)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(PeerFailed, match=r"wrote nothing \(ModuleNotFoundError.*--peer-python"):
        peer("dicognito", python)(folder, out)
