"""The last lines of defence of the command: its exit status, and what it prints of an unexpected error."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from pipeline.model.account import Account
from pipeline.model.errors import Refused, RunBroken
from pipeline.model.outcome import Outcome
from pipeline.run import _known_cause, exit_status, main
from pipeline.services.retry import ServiceError


def account(**changes: Any) -> Account:
    counts = dict.fromkeys(("asked", "deidentified", "skipped", "failed", "rejected", "unknown"), 0)
    values = {"run_id": "r", "balanced": True, "batches": 0, "operations": 0, "started_at": "", "ended_at": ""}
    return Account(**{**values, **counts, **changes})


def worker_text(error: Exception) -> RuntimeError:
    """An exception as it comes back from a worker: the text of its traceback, with the step's label behind it."""
    text = "".join(traceback.format_exception_only(error)).rstrip("\n")
    return RuntimeError(f"{text} [while running 'Freeze the plan']\n")


@pytest.mark.parametrize(
    ("changes", "tolerated", "status"),
    [
        ({}, [], 0),
        ({"failed": 1}, [], 1),
        ({"rejected": 1}, [], 1),
        ({"rejected": 1}, [Outcome.REJECTED], 0),
        ({"balanced": False}, [Outcome.REJECTED], 1),
    ],
)
def test_the_exit_status_follows_the_account(changes: Any, tolerated: list[Outcome], status: int) -> None:
    assert exit_status(account(**changes), tolerated) == status


@pytest.mark.parametrize("kind", [Refused, RunBroken])
def test_our_own_error_of_a_worker_keeps_its_type_and_sentence(kind: type[Exception]) -> None:
    cause = _known_cause(worker_text(kind("the plan has 2 batches: give cryptoKey")))
    assert (type(cause), str(cause)) == (kind, "the plan has 2 batches: give cryptoKey")


@pytest.mark.parametrize("kind", [Refused, RunBroken])
def test_our_own_error_loses_the_label_that_beam_puts_behind_it(kind: type[Exception]) -> None:
    cause = _known_cause(kind("damaged: write it again [while running 'Read lines-ptransform-3']"))
    assert (type(cause), str(cause)) == (kind, "damaged: write it again")


def test_every_line_of_our_own_error_of_a_worker_is_kept() -> None:
    sentence = (
        "the plan has 2 batches, but de-identification configuration: 1 mistake\n  $.text: has no key; add cryptoKey"
    )
    assert str(_known_cause(worker_text(Refused(sentence)))) == sentence


def test_an_error_of_a_service_is_told_as_it_is() -> None:
    error = ServiceError("storage.objects.get", 403, "permission denied")
    assert str(_known_cause(error)) == "storage.objects.get: HTTP 403 (permission denied)"


def test_of_any_other_error_only_the_type_is_told() -> None:
    cause = _known_cause(ValueError("CANARY 1.2.3"))
    assert isinstance(cause, RunBroken)
    assert str(cause).startswith("ValueError")
    assert "CANARY" not in str(cause)


def test_an_unknown_error_of_a_worker_is_told_without_its_text() -> None:
    assert "CANARY" not in str(_known_cause(worker_text(KeyError("CANARY 1.2.3"))))


def test_missing_flags_end_with_status_2_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().out.startswith("refused: missing --source_store")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_ends_with_status_0(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([flag]) == 0
    assert "--source_store" in capsys.readouterr().out
