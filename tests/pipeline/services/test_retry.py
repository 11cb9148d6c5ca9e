"""What is tried again, and how long the waits are."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.services.retry import MAX_BACKOFF_SECS, ServiceError, Transient, backoff_secs, call_with_retry


def failing(times: int, error: Exception) -> tuple[Callable[[], str], list[int]]:
    """A call that fails so many times and then answers, and the list of its calls."""
    calls: list[int] = []

    def attempt() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "answer"

    return attempt, calls


def test_a_call_that_works_is_made_once_without_a_wait(clock: Any) -> None:
    attempt, calls = failing(0, Transient("m", 503))
    assert call_with_retry(attempt, clock) == "answer"
    assert (len(calls), clock.slept) == (1, [])


def test_a_transient_error_is_tried_again_until_it_works(clock: Any) -> None:
    attempt, calls = failing(4, Transient("m", 503))
    assert call_with_retry(attempt, clock) == "answer"
    assert len(calls) == 5


def test_the_waits_double_and_carry_a_random_part(clock: Any) -> None:
    attempt, _ = failing(7, Transient("m", 503))
    call_with_retry(attempt, clock, rng=random.Random(1))
    for wait, least in zip(clock.slept, [1, 2, 4, 8, 16, 32, 32], strict=True):
        assert least <= wait <= min(least + 1, MAX_BACKOFF_SECS)


def test_two_callers_do_not_wait_alike() -> None:
    first, second = (list(itertools.islice(backoff_secs(random.Random(seed)), 4)) for seed in (1, 2))
    assert first != second


def test_waits_never_exceed_the_ceiling() -> None:
    assert max(itertools.islice(backoff_secs(), 200)) <= MAX_BACKOFF_SECS


def test_an_error_for_good_is_not_tried_again(clock: Any) -> None:
    attempt, calls = failing(1, ServiceError("m", 404))
    with pytest.raises(ServiceError):
        call_with_retry(attempt, clock)
    assert (len(calls), clock.slept) == (1, [])


def test_an_error_that_is_no_service_error_passes_through(clock: Any) -> None:
    attempt, calls = failing(1, KeyError("x"))
    with pytest.raises(KeyError):
        call_with_retry(attempt, clock)
    assert len(calls) == 1


def test_when_the_deadline_would_pass_the_last_error_is_raised(clock: Any) -> None:
    attempt, calls = failing(1000, Transient("m", 503))
    with pytest.raises(Transient, match="HTTP 503"):
        call_with_retry(attempt, clock, deadline_secs=60)
    assert len(calls) > 1
    assert sum(clock.slept) <= 60


def test_no_time_to_retry_means_one_call(clock: Any) -> None:
    attempt, calls = failing(1, Transient("m", 503))
    with pytest.raises(Transient):
        call_with_retry(attempt, clock, deadline_secs=0)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("status", "detail", "text"),
    [
        (404, "NOT_FOUND", "m: HTTP 404 (NOT_FOUND)"),
        (404, "", "m: HTTP 404"),
        (None, "Timeout", "m: no answer (Timeout)"),
    ],
)
def test_an_error_names_method_and_status(status: int | None, detail: str, text: str) -> None:
    assert str(ServiceError("m", status, detail)) == text
