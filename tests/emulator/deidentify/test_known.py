"""What the byte rewriter remembers from one instance to the next changes nothing in what it writes."""

import pydicom
import pytest

from emulator.deidentify import compile_config, deidentify_file, engine, known, regenerate_uid

BASIC = {"dicomTagConfig": {}}


@pytest.fixture
def written(tmp_path, encoded):
    """`written(instance, profile)`: the content of the de-identified file."""

    def call(instance, profile):
        (tmp_path / "in").write_bytes(encoded(instance))
        deidentify_file(tmp_path / "in", tmp_path / "out", profile)
        return (tmp_path / "out").read_bytes()

    return call


def test_a_value_that_begins_like_a_remembered_one_is_read_to_its_end(instance, written, monkeypatch):
    profile = compile_config(BASIC)
    written(instance(FrameOfReferenceUID="1.2.3.40"), profile)
    longer = instance(FrameOfReferenceUID="1.2.3.40.50")  # the last element: no other can fail in its place
    expected = written(longer, compile_config(BASIC))
    assert regenerate_uid("1.2.3.40.50").encode() in expected
    for head_bytes in range(500):  # wherever the first reading of the file ends
        monkeypatch.setattr(engine, "HEAD_BYTES", head_bytes)
        assert written(longer, profile) == expected


def test_values_are_remembered_by_their_element(instance, dataset, deidentified):
    whole = instance(FrameOfReferenceUID="1.2.3.30", PatientID="1.2.3.30")
    whole.ReferencedImageSequence = [dataset(ReferencedSOPClassUID="1.2.3.30", ReferencedSOPInstanceUID="1.2.3.30")]
    result = deidentified(whole)
    assert result.FrameOfReferenceUID == result.SOPInstanceUID == regenerate_uid("1.2.3.30")
    assert result.PatientID != regenerate_uid("1.2.3.30")


def test_what_is_remembered_is_bounded(instance, encoded, monkeypatch, tmp_path):
    monkeypatch.setattr(known, "_VALUES_LIMIT", 3)
    monkeypatch.setattr(known, "_KNOWN_LIMIT", 5)
    profile = compile_config(BASIC)
    for number in range(10):
        (tmp_path / "in").write_bytes(encoded(instance(SOPInstanceUID=f"1.2.3.{number}", PatientName="JANE")))
        deidentify_file(tmp_path / "in", tmp_path / "out", profile)
        assert pydicom.dcmread(tmp_path / "out").SOPInstanceUID == regenerate_uid(f"1.2.3.{number}")
    assert max(len(memo.values) for memo in profile.memos.values()) <= 3
    assert max(len(memo.headers) for memo in profile.memos.values()) <= 5
