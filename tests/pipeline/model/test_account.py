"""The arithmetic of the closing account."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.model.account import Account, add_counts, count_of, outcome_key
from pipeline.model.outcome import Outcome


def account(**changes: Any) -> Account:
    values: dict[str, Any] = {
        "run_id": "run-1",
        "asked": 3,
        "deidentified": 3,
        "skipped": 0,
        "failed": 0,
        "rejected": 0,
        "unknown": 0,
        "balanced": True,
        "batches": 1,
        "operations": 1,
        "started_at": "2024-01-01T00:00:00.000000Z",
        "ended_at": "2024-01-01T00:01:00.000000Z",
    }
    return Account(**{**values, **changes})


def test_a_balanced_account_of_successes_is_acceptable() -> None:
    assert account().acceptable()


def test_skipped_instances_are_acceptable() -> None:
    assert account(deidentified=1, skipped=2).acceptable()


def test_an_account_that_does_not_balance_is_not_acceptable() -> None:
    assert not account(balanced=False).acceptable()


def test_tolerating_everything_does_not_make_an_unbalanced_account_acceptable() -> None:
    assert not account(balanced=False).acceptable(Outcome)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REJECTED, Outcome.UNKNOWN])
def test_one_bad_outcome_spoils_the_account(outcome: Outcome) -> None:
    assert not account(deidentified=2, **{outcome.lower(): 1}).acceptable()


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.REJECTED, Outcome.UNKNOWN])
def test_a_tolerated_outcome_does_not_spoil_the_account(outcome: Outcome) -> None:
    assert account(deidentified=2, **{outcome.lower(): 1}).acceptable({outcome})


def test_tolerating_one_outcome_does_not_tolerate_another() -> None:
    assert not account(deidentified=1, rejected=1, unknown=1).acceptable({Outcome.REJECTED})


def test_the_account_has_the_fields_that_account_json_promises() -> None:
    promised = {
        "run_id", "asked", "deidentified", "skipped", "failed", "rejected", "unknown", "balanced", "batches",
        "operations", "started_at", "ended_at",
    }  # fmt: skip
    assert promised <= set(account().to_dict())


def test_counts_are_summed_by_key() -> None:
    assert add_counts([{"A": 1}, {"A": 2, "B": 1}, {}]) == {"A": 3, "B": 1}


def test_no_counts_add_up_to_none() -> None:
    assert add_counts([]) == {}


def test_summing_leaves_the_parts_as_they_were() -> None:
    part = {"A": 1}
    add_counts([part, part])
    assert part == {"A": 1}


def test_an_outcome_is_counted_whatever_its_reason() -> None:
    counts = {"FAILED/OPERATION_FAILED": 2, "FAILED/NOT_IN_DESTINATION": 3, "FAILED": 1, "DEIDENTIFIED": 5}
    assert count_of(counts, Outcome.FAILED) == 6


def test_an_outcome_is_not_counted_under_another_that_begins_alike() -> None:
    assert count_of({"FAILEDX/WHY": 2}, Outcome.FAILED) == 0


@pytest.mark.parametrize(("reason", "key"), [("WHY", "FAILED/WHY"), (None, "FAILED")])
def test_rows_are_counted_under_outcome_and_reason(reason: str | None, key: str) -> None:
    assert outcome_key(Outcome.FAILED, reason) == key
