"""Where the ledger's objects lie: names that resumed runs, of this version or a later one, must find again."""

from __future__ import annotations

import pytest

from pipeline.ledger.layout import ATTEMPT_OBJECT, EVIDENCE_OBJECT, Layout

BATCH = "0123456789abcdef01234567"
LAYOUT = Layout("gs://bucket/prefix")


def test_the_names_are_those_that_ledgers_already_hold() -> None:
    assert [
        LAYOUT.run("night-1", "run.json"),
        LAYOUT.shard("night-1", 3, "json"),
        LAYOUT.shard("night-1", 3, "audit.jsonl"),
        LAYOUT.closed("night-1", BATCH),
        LAYOUT.closed("night-1", BATCH, "audit.jsonl"),
        LAYOUT.batch(BATCH, "filter.txt"),
        LAYOUT.attempt(BATCH, 2, "intent.json"),
    ] == [
        "gs://bucket/prefix/runs/night-1/run.json",
        "gs://bucket/prefix/runs/night-1/plan/shard-00003.json",
        "gs://bucket/prefix/runs/night-1/plan/shard-00003.audit.jsonl",
        f"gs://bucket/prefix/runs/night-1/closed/{BATCH}.json",
        f"gs://bucket/prefix/runs/night-1/closed/{BATCH}.audit.jsonl",
        f"gs://bucket/prefix/batches/{BATCH}/filter.txt",
        f"gs://bucket/prefix/batches/{BATCH}/attempt-2.intent.json",
    ]


def test_a_slash_at_the_end_of_the_work_dir_changes_nothing() -> None:
    assert Layout("gs://bucket/prefix/").batch(BATCH, "filter.txt") == LAYOUT.batch(BATCH, "filter.txt")


def test_every_object_of_a_batch_lies_under_the_prefix_of_all_batches() -> None:
    assert LAYOUT.attempt(BATCH, 1, "intent.json").startswith(LAYOUT.batches)


def test_every_end_of_a_batch_lies_under_the_prefix_of_the_runs_ends() -> None:
    assert LAYOUT.closed("night-1", BATCH).startswith(LAYOUT.closed("night-1"))


def test_the_ends_of_one_run_are_not_those_of_another_whose_id_begins_alike() -> None:
    assert not LAYOUT.closed("night-10", BATCH).startswith(LAYOUT.closed("night-1"))


@pytest.mark.parametrize("kind", ["intent.json", "operation.json", "result.json", "audit.jsonl", "filter.txt"])
def test_an_attempts_object_is_known_by_its_name(kind: str) -> None:
    match = ATTEMPT_OBJECT.fullmatch(LAYOUT.attempt(BATCH, 12, kind))
    assert match is not None
    assert (match["batch"], match["number"], match["kind"]) == (BATCH, "12", kind)


@pytest.mark.parametrize("name", ["filter.txt", "instances.txt", "attempt-.intent.json", "attempt-x.intent.json"])
def test_other_objects_of_a_batch_are_not_taken_for_an_attempt(name: str) -> None:
    assert ATTEMPT_OBJECT.fullmatch(LAYOUT.batch(BATCH, name)) is None


def test_evidence_is_known_by_its_name() -> None:
    match = EVIDENCE_OBJECT.fullmatch(f"{LAYOUT.evidence('store', '1.2', 'config')}{BATCH}.attempt-3")
    assert match is not None
    assert (match["batch"], match["number"]) == (BATCH, "3")


@pytest.mark.parametrize("other", [("other", "1.2", "c"), ("store", "1.3", "c"), ("store", "1.2", "d")])
def test_evidence_is_kept_apart_by_destination_study_and_configuration(other: tuple[str, str, str]) -> None:
    assert LAYOUT.evidence(*other) != LAYOUT.evidence("store", "1.2", "c")


def test_evidence_does_not_name_the_study_in_its_objects_name() -> None:
    assert "1.2.840.99" not in LAYOUT.evidence("store", "1.2.840.99", "config")
