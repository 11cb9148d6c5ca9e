"""The way of the rows from the ledger to the audit folder or file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from pipeline.audit.deliver import assemble, deliver, is_single_file
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.records import ClosedBatch, Plan, Shard
from pipeline.services.connections import Connections
from pipeline.services.objects import ObjectMissing, Objects
from pipeline.settings import RunSettings

NOW = "2024-01-01T00:00:00.000000Z"
ROWS = b'{"row_id":"1"}\n{"row_id":"2"}\n'


@pytest.mark.parametrize("output", ["audit.jsonl", "out/demo/audit.jsonl", "gs://b/audit.jsonl"])
def test_a_name_ending_in_jsonl_is_one_file(output: str) -> None:
    assert is_single_file(output)


@pytest.mark.parametrize("output", ["audit", "audit/", "gs://b/audit", "gs://b/audit.jsonl/"])
def test_every_other_name_is_a_folder(output: str) -> None:
    assert not is_single_file(output)


# Parts, while the run goes on.


@pytest.fixture
def rows(objects: Objects, bucket: str) -> str:
    """The URI of an object of rows in the ledger."""
    objects.create(f"{bucket}/rows.jsonl", ROWS)
    return f"{bucket}/rows.jsonl"


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_part_is_one_file_of_the_run_in_the_folder(
    run_settings: RunSettings, connections: Connections, rows: str, tmp_path: Path, slash: str
) -> None:
    settings = dataclasses.replace(run_settings, audit_output=f"{tmp_path}/audit{slash}")
    deliver(settings, connections, rows, "batch-1")
    assert files_in(tmp_path) == {"audit/run-1/batch-1.jsonl": ROWS}


def test_a_part_delivered_twice_is_there_once(
    run_settings: RunSettings, connections: Connections, rows: str, tmp_path: Path
) -> None:
    settings = dataclasses.replace(run_settings, audit_output=str(tmp_path))
    for _ in range(2):
        deliver(settings, connections, rows, "batch-1")
    assert files_in(tmp_path) == {"run-1/batch-1.jsonl": ROWS}


def test_a_part_goes_to_cloud_storage_once(
    run_settings: RunSettings, connections: Connections, objects: Objects, rows: str, bucket: str
) -> None:
    settings = dataclasses.replace(run_settings, audit_output=f"{bucket}/audit/")
    for _ in range(2):
        deliver(settings, connections, rows, "batch-1")
    [info] = objects.list(f"{bucket}/audit/")
    assert info.uri == f"{bucket}/audit/run-1/batch-1.jsonl"
    assert objects.read(info.uri) == ROWS


def test_a_single_file_is_not_written_part_by_part(
    run_settings: RunSettings, connections: Connections, rows: str, tmp_path: Path
) -> None:
    settings = dataclasses.replace(run_settings, audit_output=f"{tmp_path}/audit.jsonl")
    deliver(settings, connections, rows, "batch-1")
    assert files_in(tmp_path) == {}


def test_without_a_sink_nothing_is_even_read(run_settings: RunSettings, connections: Connections, bucket: str) -> None:
    deliver(run_settings, connections, f"{bucket}/missing.jsonl", "batch-1")


def test_rows_that_are_not_in_the_ledger_are_an_error(
    run_settings: RunSettings, connections: Connections, bucket: str, tmp_path: Path
) -> None:
    settings = dataclasses.replace(run_settings, audit_output=str(tmp_path))
    with pytest.raises(ObjectMissing):
        deliver(settings, connections, f"{bucket}/missing.jsonl", "batch-1")
    assert files_in(tmp_path) == {}


def test_load_jobs_of_the_same_run_id_elsewhere_have_other_names(run_settings: RunSettings) -> None:
    others: list[dict[str, Any]] = [{"work_dir": "gs://other/work"}, {"audit_table": "p:d.t"}, {"run_id": "run-2"}]
    prefixes = {dataclasses.replace(run_settings, **changes).job_id_prefix for changes in [{}, *others]}
    assert len(prefixes) == 4


# One file, when the run has ended.


@pytest.fixture
def finished(ledger: Ledger) -> Ledger:
    """The ledger of a run with two shards, one of them with early rows, and two closed batches."""
    objects, layout = ledger.objects, ledger.layout
    early = layout.shard("run-1", 0, "audit.jsonl")
    objects.create(early, b'{"row_id":"early"}\n')
    uris = []
    for number, audit in enumerate([early, None]):
        uris.append(layout.shard("run-1", number, "json"))
        objects.create(uris[-1], Shard(number, 1, 1, {}, (), audit).to_bytes())
    plan = Plan("run-1", 5, 2, 2, {}, tuple(uris), NOW)
    objects.create(layout.run("run-1", "plan.json"), plan.to_bytes())
    for number in (1, 2):
        batch_id = f"{number:024x}"
        audit = layout.attempt(batch_id, 1, "audit.jsonl")
        objects.create(audit, f'{{"row_id":"{number}a"}}\n{{"row_id":"{number}b"}}\n'.encode())
        closed = ClosedBatch(batch_id, 2, 1, 1, {}, audit, NOW)
        objects.create(layout.closed("run-1", batch_id), closed.to_bytes())
    return ledger


WHOLE = b"".join(f'{{"row_id":"{name}"}}\n'.encode() for name in ("early", "1a", "1b", "2a", "2b"))


def test_a_single_file_holds_the_rows_of_plan_and_batches(finished: Ledger, objects: Objects, tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "audit.jsonl"
    assert assemble(finished, objects, "run-1", str(target)) == 5
    assert target.read_bytes() == WHOLE
    assert files_in(tmp_path) == {"new/folder/audit.jsonl": WHOLE}


def test_a_single_file_assembled_again_replaces_the_first(finished: Ledger, objects: Objects, tmp_path: Path) -> None:
    target = tmp_path / "audit.jsonl"
    target.write_text("an older run\n")
    for _ in range(2):
        assemble(finished, objects, "run-1", str(target))
    assert target.read_bytes() == WHOLE


def test_a_single_file_may_be_on_cloud_storage(finished: Ledger, objects: Objects, bucket: str) -> None:
    for _ in range(2):
        assert assemble(finished, objects, "run-1", f"{bucket}/out/audit.jsonl") == 5
    assert objects.read(f"{bucket}/out/audit.jsonl") == WHOLE


def test_a_run_without_a_plan_has_no_rows_to_assemble(ledger: Ledger, objects: Objects, tmp_path: Path) -> None:
    assert assemble(ledger, objects, "run-1", str(tmp_path / "audit.jsonl")) == 0
    assert files_in(tmp_path) == {}


def test_rows_of_another_run_are_not_assembled(finished: Ledger, objects: Objects, tmp_path: Path, ledger: Any) -> None:
    other = ledger.layout.closed("run-10", "f" * 24)
    objects.create(other, ClosedBatch("f" * 24, 1, 1, 1, {}, "gs://nowhere/x", NOW).to_bytes())
    assert assemble(finished, objects, "run-1", str(tmp_path / "audit.jsonl")) == 5
