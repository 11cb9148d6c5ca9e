"""The account of a run, added up from its ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

import pytest

from pipeline.audit.account import close_account
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.records import ClosedBatch, Plan, RunRecord, Shard
from pipeline.model.batch import Batch
from pipeline.model.errors import RunBroken

START, FROZEN, END = (f"2024-01-01T00:00:0{second}.000000Z" for second in (0, 1, 5))
Record = Callable[..., Ledger]


@pytest.fixture
def record(ledger: Ledger) -> Record:
    """Writes a run of one shard: `planned` instances of each batch, `closed` row counts by batch, `early` counts."""

    def write(
        planned: list[int],
        closed: Mapping[int, Mapping[str, int]],
        early: Mapping[str, int] | None = None,
        asked: int | None = None,
    ) -> Ledger:
        objects, layout = ledger.objects, ledger.layout
        early = early or {}
        batches = [Batch(f"{number:024x}", 1, count, "gs://b/f", "gs://b/f") for number, count in enumerate(planned)]
        asked = sum(planned) + sum(early.values()) if asked is None else asked
        uri = layout.shard("run-1", 0, "json")
        objects.create(layout.run("run-1", "run.json"), RunRecord("run-1", START, "0.0.1", {}).to_bytes())
        shard = Shard(0, asked, 1, early, tuple(asdict(batch) for batch in batches), None)
        objects.create(uri, shard.to_bytes())
        plan = Plan("run-1", asked, 1, len(batches), early, (uri,), FROZEN)
        objects.create(layout.run("run-1", "plan.json"), plan.to_bytes())
        for number, counts in closed.items():
            batch_id = f"{number:024x}"
            end = ClosedBatch(batch_id, sum(counts.values()), 1, 1, counts, "gs://b/a", END)
            objects.create(layout.closed("run-1", batch_id), end.to_bytes())
        return ledger

    return write


def test_the_outcomes_of_plan_and_batches_are_added_up(record: Record) -> None:
    ledger = record(
        [3, 2],
        {0: {"DEIDENTIFIED": 3}, 1: {"DEIDENTIFIED": 1, "FAILED/OPERATION_FAILED": 1}},
        early={"REJECTED/NOT_IN_SOURCE": 2, "SKIPPED/ALREADY_DEIDENTIFIED": 1, "UNKNOWN/LISTING_FAILED": 1},
    )
    account = close_account(ledger, "run-1")
    counted = (account.asked, account.deidentified, account.skipped, account.failed, account.rejected, account.unknown)
    assert counted == (9, 4, 1, 1, 2, 1)
    assert account.balanced
    assert (account.batches, account.operations) == (2, 2)
    assert (account.started_at, account.ended_at) == (START, END)


def test_reasons_are_counted_under_their_outcome(record: Record) -> None:
    ledger = record([2], {0: {"FAILED/OPERATION_FAILED": 2}}, early={"REJECTED/BAD_UID": 1})
    assert close_account(ledger, "run-1").reasons == {"FAILED/OPERATION_FAILED": 2, "REJECTED/BAD_UID": 1}


def test_a_run_of_early_outcomes_only_ends_when_its_plan_was_frozen(record: Record) -> None:
    account = close_account(record([], {}, early={"SKIPPED/ALREADY_DEIDENTIFIED": 2}), "run-1")
    assert (account.balanced, account.skipped, account.batches, account.ended_at) == (True, 2, 0, FROZEN)


def test_a_batch_that_is_not_closed_unbalances_the_account(record: Record) -> None:
    assert not close_account(record([3, 2], {0: {"DEIDENTIFIED": 3}}), "run-1").balanced


def test_a_row_too_few_unbalances_the_account(record: Record) -> None:
    assert not close_account(record([3], {0: {"DEIDENTIFIED": 2}}), "run-1").balanced


def test_a_row_too_few_in_one_batch_is_not_made_up_for_by_another(record: Record) -> None:
    ledger = record([3, 2], {0: {"DEIDENTIFIED": 2}, 1: {"DEIDENTIFIED": 3}})
    assert not close_account(ledger, "run-1").balanced


def test_an_instance_asked_for_without_any_row_unbalances_the_account(record: Record) -> None:
    assert not close_account(record([3], {0: {"DEIDENTIFIED": 3}}, asked=4), "run-1").balanced


def test_a_batch_that_nobody_planned_unbalances_the_account(record: Record) -> None:
    ledger = record([1], {0: {"DEIDENTIFIED": 1}, 7: {"DEIDENTIFIED": 1}}, asked=2)
    assert not close_account(ledger, "run-1").balanced


def test_a_run_that_was_never_planned_has_no_account(ledger: Ledger) -> None:
    with pytest.raises(RunBroken, match="no frozen plan"):
        close_account(ledger, "run-1")
