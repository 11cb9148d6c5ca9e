"""The words at the end."""

from pathlib import Path

from demo.names import Layout
from demo.report import account_text, count_rows, places_text, stored_text, write_skipped
from demo.stow import Stored

ACCOUNT = {
    "run_id": "demo-1", "asked": 10, "deidentified": 6, "skipped": 1, "failed": 1, "rejected": 1, "unknown": 1,
    "balanced": True, "batches": 2, "operations": 3,
}  # fmt: skip


def test_files_are_counted_by_reason_the_most_frequent_first():
    stored = Stored(new=2, same=1, skipped=[("Doe", "cut"), ("Roe", "not DICOM"), ("Poe", "cut")])
    assert stored_text(stored).splitlines() == [
        "  6 files: 2 stored now, 1 there already, 3 skipped",
        "        2  cut",
        "        1  not DICOM",
    ]


def test_the_account_has_every_outcome():
    lines = dict(line.split() for line in account_text(ACCOUNT).splitlines()[:-1])
    assert lines == {
        "asked": "10", "deidentified": "6", "skipped": "1", "failed": "1", "rejected": "1", "unknown": "1",
        "balanced": "yes",
    }  # fmt: skip


def test_an_account_that_does_not_balance_says_so_loudly():
    assert "NO" in account_text({**ACCOUNT, "balanced": False})


def test_another_configuration_into_one_destination_is_explained():
    occupied = {**ACCOUNT, "reasons": {"UNKNOWN/DESTINATION_OCCUPIED": 1}}
    assert "give each its own --out" in account_text(occupied)
    assert "--out" not in account_text(ACCOUNT)


def test_what_identifies_is_marked():
    text = places_text(Layout(Path("/out")), exported=3, rows=4, skipped=True)
    marked = [line.split()[0] for line in text.splitlines() if "identifying" in line]
    assert marked == ["/out/audit.jsonl", "/out/cloud", "/out/skipped.txt"]


def test_skipped_files_are_listed_with_their_reason(tmp_path):
    listed = tmp_path / "skipped.txt"
    assert write_skipped(listed, [("a/b.dcm", "cut"), ("new\nline", "not DICOM")])
    assert listed.read_text().splitlines()[1:] == ["a/b.dcm\tcut", "new\\nline\tnot DICOM"]


def test_a_name_that_is_no_text_can_be_listed(tmp_path):
    listed = tmp_path / "skipped.txt"
    write_skipped(listed, [("caf\udce9", "cut")])
    assert b"caf\xe9\tcut" in listed.read_bytes()


def test_nothing_skipped_removes_an_earlier_list(tmp_path):
    listed = tmp_path / "skipped.txt"
    write_skipped(listed, [("a", "cut")])
    assert not write_skipped(listed, [])
    assert not listed.exists()


def test_rows_of_a_missing_audit_file_are_none(tmp_path):
    assert count_rows(tmp_path / "none") == 0
    (tmp_path / "two").write_text("{}\n{}\n")
    assert count_rows(tmp_path / "two") == 2
