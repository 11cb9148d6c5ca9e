"""Storing over the wire: what is stored, what counts as stored before, and what is refused for which reason."""

from pathlib import Path

import pydicom
import pytest
import requests
from pydicom.data import get_testdata_file

from demo.errors import DemoError
from demo.export import export_store, list_instances
from demo.inputs import Offered
from demo.stow import OTHER, failure_reason, store_files
from emulator.samples import write_samples


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    return write_samples(tmp_path_factory.mktemp("samples"), studies=1).files


def offer(session, url, *paths):
    return store_files(session, url, [Offered(path, path.name) for path in paths], lambda _stored: None)


def path_of(file):
    header = pydicom.dcmread(file, stop_before_pixels=True)
    return f"/studies/{header.StudyInstanceUID}/series/{header.SeriesInstanceUID}/instances/{header.SOPInstanceUID}"


def test_every_sample_is_stored_and_named_by_its_path(session, fresh_store, samples):
    stored = offer(session, fresh_store, *samples)
    assert stored.paths == {path_of(file) for file in samples}
    assert (stored.new, stored.same, stored.skipped) == (len(samples), 0, [])


def test_the_same_file_again_stays_part_of_the_manifest(session, fresh_store, samples):
    first = offer(session, fresh_store, samples[0])
    again = offer(session, fresh_store, samples[0])
    assert again.paths == first.paths
    assert (again.new, again.same, again.skipped) == (0, 1, [])


def test_other_content_under_the_same_uids_is_skipped(session, fresh_store, samples, tmp_path):
    changed = pydicom.dcmread(samples[0])
    changed.InstanceNumber = 999
    changed.save_as(tmp_path / "changed.dcm")
    offer(session, fresh_store, samples[0])
    again = offer(session, fresh_store, tmp_path / "changed.dcm")
    assert again.skipped == [("changed.dcm", OTHER)]
    assert again.paths == set()


def test_broken_files_are_skipped_for_their_own_reason_and_the_rest_is_stored(session, fresh_store, samples, tmp_path):
    truncated = tmp_path / "truncated.dcm"
    truncated.write_bytes(samples[0].read_bytes()[:-100])
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    stored = offer(session, fresh_store, truncated, text, samples[0])
    assert stored.paths == {path_of(samples[0])}
    reasons = dict(stored.skipped)
    assert reasons["truncated.dcm"].startswith("truncated")
    assert "not a DICOM file" in reasons["notes.txt"]


def test_a_truncated_copy_of_a_stored_file_is_called_truncated(session, fresh_store):
    files = [Path(get_testdata_file(name)) for name in ("MR_small.dcm", "MR_truncated.dcm")]
    stored = offer(session, fresh_store, *files)
    assert stored.new == 1
    assert dict(stored.skipped)["MR_truncated.dcm"].startswith("truncated")


def test_a_file_with_a_problem_is_not_sent(session):
    stored = store_files(session, "http://127.0.0.1:1", [Offered(None, "x", "cannot be read")], lambda _stored: None)
    assert stored.skipped == [("x", "cannot be read")]


def test_a_file_that_vanished_is_skipped(session, fresh_store, tmp_path):
    assert offer(session, fresh_store, tmp_path / "gone").skipped == [("gone", "cannot be read")]


def test_a_store_that_does_not_answer_ends_the_demo(session, samples):
    with pytest.raises(DemoError, match="does not answer"):
        offer(session, "http://127.0.0.1:1/dicomWeb", samples[0])


def test_counts_are_told_after_each_file(session, fresh_store, samples):
    told = []
    files = [Offered(path, path.name) for path in samples[:3]]
    store_files(session, fresh_store, files, lambda stored: told.append(stored.files))
    assert told == [1, 2, 3]


def answer(body):
    response = requests.Response()
    response.status_code = 409
    response._content = body
    return response


def test_a_reason_keeps_tags_and_loses_uids():
    detail = b'{"00081198":{"Value":[{"00091097":{"Value":["(0020,000D) of 1.2.840.113 is taken by 19470203"]}}]}}'
    assert failure_reason(answer(detail)) == "(0020,000D) of N is taken by N"


def test_a_reason_without_detail_is_the_code():
    assert failure_reason(answer(b'{"00081198":{"Value":[{"00081197":{"Value":[42752]}}]}}')) == "failure reason A700H"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"00081198":{"Value":[]}}'])
def test_an_answer_that_is_no_module_gives_the_status(body):
    assert failure_reason(answer(body)) == "HTTP status 409"


def test_export_writes_the_stored_bytes_under_the_uids(session, fresh_store, samples, tmp_path):
    offer(session, fresh_store, *samples)
    counts = []
    assert export_store(session, fresh_store, tmp_path, counts.append) == len(samples)
    assert counts == list(range(1, len(samples) + 1))
    for file in samples:
        header = pydicom.dcmread(file, stop_before_pixels=True)
        copy = tmp_path / header.StudyInstanceUID / header.SeriesInstanceUID / f"{header.SOPInstanceUID}.dcm"
        assert copy.read_bytes() == file.read_bytes()
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == len(samples)


def test_an_empty_store_exports_nothing(session, fresh_store, tmp_path):
    assert list(list_instances(session, fresh_store)) == []
    assert export_store(session, fresh_store, tmp_path, lambda _count: None) == 0


def test_a_store_that_is_missing_is_an_error(session, cloud):
    url = cloud.dicom_web("projects/deid-demo/locations/us-central1/datasets/demo/dicomStores/missing")
    with pytest.raises(DemoError, match="answered 40"):
        list(list_instances(session, url))
