"""What a person sees: counts only, and enough to act on."""

from __future__ import annotations

import pytest

from pipeline.model.account import Account
from pipeline.report import account_text, forecast_text

COUNTERS = {"asked": 240, "studies": 8, "taken": 237, "REJECTED": 1, "SKIPPED": 2, "batches": 3}
ACCOUNT = Account(
    run_id="run-1",
    asked=240,
    deidentified=237,
    skipped=0,
    failed=2,
    rejected=1,
    unknown=0,
    balanced=True,
    batches=3,
    operations=4,
    started_at="2024-01-01T00:00:00.000000Z",
    ended_at="2024-01-01T00:01:00.000000Z",
    reasons={"FAILED/OPERATION_FAILED": 1, "FAILED/NOT_IN_DESTINATION": 1, "REJECTED/BAD_UID": 1},
)


def line_of(text: str, word: str) -> str:
    [line] = [line for line in text.splitlines() if line.split()[:1] == [word]]
    return " ".join(line.split())


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("asked", "asked for 240 instances in 8 studies"),
        ("to", "to de-identify 237 instances"),
        ("skipped", "skipped 2"),
        ("rejected", "rejected 1"),
        ("batches", "batches 3 = operations, at most 5 at a time"),
    ],
)
def test_a_forecast_tells_what_a_run_would_do(word: str, line: str) -> None:
    assert line_of(forecast_text(COUNTERS, 5), word) == line


def test_a_forecast_leaves_out_outcomes_that_do_not_occur() -> None:
    assert "unknown" not in forecast_text(COUNTERS, 5)


def test_a_forecast_of_nothing_is_all_zeros() -> None:
    text = forecast_text({}, 5)
    assert line_of(text, "asked") == "asked for 0 instances in 0 studies"
    assert line_of(text, "batches").startswith("batches 0 ")


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("asked", "asked 240"),
        ("deidentified", "deidentified 237"),
        ("skipped", "skipped 0"),
        ("failed", "failed 2 (OPERATION_FAILED 1, NOT_IN_DESTINATION 1)"),
        ("rejected", "rejected 1 (BAD_UID 1)"),
        ("unknown", "unknown 0"),
        ("balanced", "balanced yes"),
        ("batches", "batches 3, operations 4"),
        ("ledger", "ledger gs://b/work"),
    ],
)
def test_an_account_names_every_outcome_with_its_reasons(word: str, line: str) -> None:
    assert line_of(account_text(ACCOUNT, {"ledger": "gs://b/work"}), word) == line


def test_an_account_that_does_not_balance_says_so_loudly() -> None:
    unbalanced = Account(**{**ACCOUNT.to_dict(), "balanced": False})
    assert line_of(account_text(unbalanced, {}), "balanced") == "balanced NO"
