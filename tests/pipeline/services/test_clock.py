"""Times as text."""

from __future__ import annotations

import pytest

from pipeline.services.clock import Clock, epoch_seconds, timestamp


def test_a_time_is_written_in_utc_with_microseconds() -> None:
    assert timestamp(1_700_000_000.25) == "2023-11-14T22:13:20.250000Z"


@pytest.mark.parametrize("moment", [0.0, 1_700_000_000.0, 1_700_000_000.5])
def test_a_written_time_is_read_back(moment: float) -> None:
    assert epoch_seconds(timestamp(moment)) == moment


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2023-11-14T22:13:20Z", id="seconds"),
        pytest.param("2023-11-14T22:13:20.000000000Z", id="nanoseconds"),
        pytest.param("2023-11-14T23:13:20+01:00", id="offset"),
    ],
)
def test_every_form_of_rfc_3339_is_read(text: str) -> None:
    assert epoch_seconds(text) == 1_700_000_000


def test_later_times_sort_behind_earlier_ones_as_text() -> None:
    moments = [0.0, 9.9, 10.0, 1_700_000_000.0, 1_700_000_000.000001]
    assert sorted(map(timestamp, moments)) == list(map(timestamp, moments))


@pytest.mark.parametrize("seconds", [0, -1, -1e9])
def test_the_real_clock_does_not_wait_for_a_time_that_has_passed(seconds: float) -> None:
    Clock().sleep(seconds)
