"""Closing a batch: one row each, written once, whatever crashes in between."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.audit.close import close_batch, redeliver
from pipeline.audit.rows import from_json_lines
from pipeline.ledger.ledger import Ledger
from pipeline.model.batch import Batch, BatchEnd
from pipeline.model.instance_path import DicomPath
from pipeline.services.connections import Connections
from pipeline.services.retry import ServiceError
from pipeline.settings import RunSettings

PATHS = [DicomPath("1.2", "1.3", "1.4"), DicomPath("1.2", "1.3", "1.5")]
OPERATION = "projects/p/locations/us-central1/datasets/d/operations/1"


@pytest.fixture
def batch(ledger: Ledger) -> Batch:
    uri = ledger.layout.batch("0" * 24, "filter.txt")
    ledger.objects.create(uri, "".join(f"{path}\n" for path in PATHS).encode())
    return Batch("0" * 24, 1, len(PATHS), uri, uri)


@pytest.fixture
def end(batch: Batch) -> BatchEnd:
    return BatchEnd(batch, 1, OPERATION, batch.filter_file, success=2)


@pytest.fixture
def write(destination: Any, run_settings: RunSettings) -> Any:
    """Puts de-identified instances into the destination."""

    def put(*paths: DicomPath) -> None:
        destination.instances |= {run_settings.uid_plan.predict(path.study, path.series, path.sop) for path in paths}

    return put


def outcomes(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(f"{row['outcome']}/{row['reason']}" if row["reason"] else row["outcome"] for row in rows)


def rows_of(ledger: Ledger, uri: str) -> list[dict[str, Any]]:
    return from_json_lines(ledger.objects.read(uri))


def test_each_instance_has_one_row_in_the_attempts_object(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, write: Any
) -> None:
    write(*PATHS)
    closed = close_batch(run_settings, connections, ledger, end)
    assert closed.audit == ledger.layout.attempt(end.batch.batch_id, 1, "audit.jsonl")
    rows = rows_of(ledger, closed.audit)
    assert [row["sop_instance_uid"] for row in rows] == ["1.4", "1.5"]
    assert outcomes(rows) == {"DEIDENTIFIED": 2}
    assert {(row["operation"], row["attempt"], row["filter_file"]) for row in rows} == {
        (OPERATION, 1, end.batch.filter_file)
    }


def test_a_closed_batch_is_closed_in_run_and_attempt(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, write: Any
) -> None:
    write(PATHS[0])
    closed = close_batch(run_settings, connections, ledger, end)
    assert ledger.closed_batch("run-1", end.batch.batch_id) == closed
    result = ledger.result(end.batch.batch_id, 1)
    assert result is not None
    assert result.counts == closed.counts == {"DEIDENTIFIED": 1, "FAILED/NOT_IN_DESTINATION": 1}
    assert closed.operations == 1


def test_closing_again_keeps_the_first_verdict(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, write: Any
) -> None:
    write(PATHS[0])
    first = close_batch(run_settings, connections, ledger, end)
    rows = rows_of(ledger, first.audit)
    write(PATHS[1])
    connections.clock.sleep(100)
    close_batch(run_settings, connections, ledger, end)
    assert rows_of(ledger, first.audit) == rows
    assert ledger.closed_batch("run-1", end.batch.batch_id) == first


def test_a_batch_whose_destination_cannot_be_listed_stays_open(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, destination: Any
) -> None:
    destination.status = 403
    with pytest.raises(ServiceError):
        close_batch(run_settings, connections, ledger, end)
    assert ledger.closed_batch("run-1", end.batch.batch_id) is None
    assert ledger.result(end.batch.batch_id, 1) is None


def test_given_up_on_every_instance_of_an_unreadable_destination_is_unknown(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, destination: Any
) -> None:
    destination.status = 403
    closed = close_batch(run_settings, connections, ledger, end, give_up=True)
    assert closed.counts == {"UNKNOWN/DESTINATION_UNREADABLE": 2}


def test_given_up_on_a_destination_that_can_be_read_after_all_is_read(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, write: Any
) -> None:
    write(*PATHS)
    closed = close_batch(run_settings, connections, ledger, end, give_up=True)
    assert closed.counts == {"DEIDENTIFIED": 2}


def test_a_batch_that_was_not_launched_has_the_reason_in_every_row(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, batch: Batch
) -> None:
    end = BatchEnd(batch, 1, refused=("FAILED", "LAUNCH_REFUSED", "HTTP 403"))
    closed = close_batch(run_settings, connections, ledger, end)
    assert (closed.counts, closed.operations) == ({"FAILED/LAUNCH_REFUSED": 2}, 0)
    assert {row["detail"] for row in rows_of(ledger, closed.audit)} == {"HTTP 403"}


def test_a_batch_of_another_runs_attempt_is_closed_in_this_run_only(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, batch: Batch
) -> None:
    end = BatchEnd(batch, None, refused=("UNKNOWN", "HELD_BY_ANOTHER_RUN", None))
    closed = close_batch(run_settings, connections, ledger, end)
    assert closed.audit == ledger.layout.closed("run-1", batch.batch_id, "audit.jsonl")
    assert ledger.attempts(batch.batch_id) == []
    assert closed.counts == {"UNKNOWN/HELD_BY_ANOTHER_RUN": 2}


# Evidence: what a later run finds.


def test_a_later_run_finds_what_was_de_identified_with_the_same_configuration(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, write: Any
) -> None:
    write(PATHS[0])
    close_batch(run_settings, connections, ledger, end)
    destination, digest = str(run_settings.destination), run_settings.config_digest
    assert ledger.deidentified(destination, "1.2", digest) == {("1.3", "1.4")}
    assert ledger.deidentified(destination, "1.2", "another") == set()
    assert ledger.deidentified(str(run_settings.source), "1.2", digest) == set()
    assert ledger.deidentified(destination, "9.9", digest) == set()


def test_a_batch_that_failed_leaves_no_evidence(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, destination: Any
) -> None:
    close_batch(run_settings, connections, ledger, dataclasses.replace(end, error_code=13, success=0))
    assert ledger.deidentified(str(run_settings.destination), "1.2", run_settings.config_digest) == set()


# An attempt of its own filter file: the rest was in the destination before.


@pytest.fixture
def partial(ledger: Ledger, end: BatchEnd) -> BatchEnd:
    """The attempt was given the second instance only."""
    uri = ledger.layout.attempt(end.batch.batch_id, 2, "filter.txt")
    ledger.objects.create(uri, f"{PATHS[1]}\n".encode())
    return dataclasses.replace(end, attempt=2, filter_file=uri, success=1)


def test_what_was_there_before_is_occupied_without_evidence(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, partial: BatchEnd, write: Any
) -> None:
    write(*PATHS)
    closed = close_batch(run_settings, connections, ledger, partial)
    assert closed.counts == {"DEIDENTIFIED": 1, "UNKNOWN/DESTINATION_OCCUPIED": 1}


def test_what_was_there_before_is_skipped_with_evidence(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, partial: BatchEnd, write: Any
) -> None:
    write(PATHS[0])
    close_batch(dataclasses.replace(run_settings, run_id="run-0"), connections, ledger, end)
    write(PATHS[1])
    closed = close_batch(run_settings, connections, ledger, partial)
    assert closed.counts == {"DEIDENTIFIED": 1, "SKIPPED/ALREADY_DEIDENTIFIED": 1}


def test_what_was_there_before_is_skipped_when_that_is_accepted(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, partial: BatchEnd, write: Any
) -> None:
    write(*PATHS)
    closed = close_batch(dataclasses.replace(run_settings, skip_occupied=True), connections, ledger, partial)
    assert closed.counts == {"DEIDENTIFIED": 1, "SKIPPED/DESTINATION_OCCUPIED": 1}


# Delivery.


def test_rows_are_delivered_before_the_batch_is_closed(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, write: Any, tmp_path: Path
) -> None:
    write(*PATHS)
    blocked = tmp_path / "audit"
    blocked.write_text("a file where a folder should be")
    settings = dataclasses.replace(run_settings, audit_output=str(blocked))
    with pytest.raises(OSError):  # noqa: PT011 - the file system's own error, whatever its text
        close_batch(settings, connections, ledger, end)
    assert ledger.closed_batch("run-1", end.batch.batch_id) is None


def test_a_crash_before_the_delivery_is_made_good_by_the_next_process(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, write: Any, tmp_path: Path
) -> None:
    write(*PATHS)
    (tmp_path / "blocked").write_text("a file where a folder should be")
    with pytest.raises(OSError):  # noqa: PT011 - the file system's own error, whatever its text
        close_batch(dataclasses.replace(run_settings, audit_output=f"{tmp_path}/blocked"), connections, ledger, end)
    settings = dataclasses.replace(run_settings, audit_output=f"{tmp_path}/audit")
    closed = close_batch(settings, connections, ledger, end)
    part = tmp_path / "audit" / "run-1" / f"{end.batch.batch_id}-1.jsonl"
    assert part.read_bytes() == ledger.objects.read(closed.audit)


def test_rows_of_a_closed_batch_are_offered_again_under_the_same_name(
    run_settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, write: Any, tmp_path: Path
) -> None:
    write(*PATHS)
    settings = dataclasses.replace(run_settings, audit_output=str(tmp_path))
    closed = close_batch(settings, connections, ledger, end)
    [part] = tmp_path.rglob("*.jsonl")
    part.unlink()  # the process died before the rows arrived
    redeliver(settings, connections, closed)
    assert list(tmp_path.rglob("*.jsonl")) == [part]
    assert part.read_bytes() == ledger.objects.read(closed.audit)


def test_no_log_line_holds_an_identifier(
    run_settings: RunSettings,
    connections: Connections,
    ledger: Ledger,
    end: BatchEnd,
    write: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    write(PATHS[0])
    close_batch(run_settings, connections, ledger, end)
    assert "1 of 2 de-identified" in caplog.text
    assert not [word for word in ("1.3", "gs://", "projects/", "1.3.6.1.4.1.11129") if word in caplog.text]
