"""Which files are offered, and why others are not."""

import os

import pytest

from demo.errors import DemoError
from demo.inputs import bundled_files, check_folder, folder_files

DICOM = b"\0" * 128 + b"DICM"


def offered(folder, leave_out=None):
    return {one.label: one.problem for one in folder_files(folder, leave_out=leave_out or folder / "none")}


def test_all_files_of_pydicom_are_offered_and_no_source_code():
    labels = [one.label for one in bundled_files()]
    assert len(labels) > 150
    assert "pydicom/test_files/CT_small.dcm" in labels
    assert not [label for label in labels if label.endswith((".py", ".pyc"))]


def test_folders_are_searched_to_the_bottom(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "deep").write_bytes(DICOM)
    (tmp_path / "top.dcm").write_bytes(DICOM)
    assert offered(tmp_path) == {"top.dcm": None, "a/b/deep": None}


@pytest.mark.parametrize("content", [b"", b"text", b"\0" * 128, b"\0" * 128 + b"DICN"])
def test_a_file_without_the_prefix_is_not_dicom_whatever_its_name(tmp_path, content):
    (tmp_path / "picture.dcm").write_bytes(content)
    assert offered(tmp_path) == {"picture.dcm": "not a DICOM file: no DICM prefix at byte 128"}


def test_a_broken_link_is_reported(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert offered(tmp_path) == {"link": "not a regular file"}


def test_a_pipe_is_reported_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert offered(tmp_path) == {"pipe": "not a regular file"}


def test_a_link_to_a_folder_above_is_not_followed(tmp_path):
    (tmp_path / "one").write_bytes(DICOM)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert offered(tmp_path) == {"one": None}


def test_the_demos_own_results_are_left_out(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.dcm").write_bytes(DICOM)
    (tmp_path / "mine.dcm").write_bytes(DICOM)
    assert offered(tmp_path, leave_out=(tmp_path / "out").resolve()) == {"mine.dcm": None}


def test_a_folder_that_does_not_exist_is_refused_without_its_name(tmp_path):
    with pytest.raises(DemoError, match="no such folder") as caught:
        check_folder(tmp_path / "Doe^Jane", leave_out=tmp_path)
    assert "Doe" not in str(caught.value)


def test_the_results_folder_itself_is_refused(tmp_path):
    with pytest.raises(DemoError, match="same folder"):
        check_folder(tmp_path, leave_out=tmp_path)
