"""The places of a job: what is looked at, when, and how a batch ends. Time is moved by hand, HTTP is real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from pipeline.model.batch import Batch, BatchEnd
from pipeline.model.errors import RunBroken
from pipeline.model.outcome import Outcome, Reason
from pipeline.operations.launch import Later, Launcher, NotLaunched, Over, Running, Start
from pipeline.operations.poller import (
    ERRORS_UNTIL_UNREADABLE,
    MAX_ERRORS,
    Place,
    Poller,
    decode,
    encode,
)
from pipeline.services.healthcare import open_healthcare
from pipeline.services.retry import MAX_BACKOFF_SECS, ServiceError

INTERVAL = 10.0
OPERATION = "projects/p/locations/us-central1/datasets/d/operations/1"
FILTER = "gs://work/filter.txt"


def batch(number: int = 1) -> Batch:
    return Batch(f"{number:024x}", 1, 3, FILTER, FILTER)


class Launches:
    """Stands where the launcher stands: answers with what the test says, and counts how often it was asked."""

    def __init__(self) -> None:
        self.answers: list[Start | ServiceError] = []
        self.asked = 0

    def start(self, _batch: Batch) -> Start:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, ServiceError):
            raise answer
        return answer


@dataclass
class Job:
    """A poller, and everything around it that a test turns or looks at."""

    poller: Poller
    launches: Launches
    server: Any
    answer: Any
    clock: Any
    ends: list[tuple[BatchEnd, bool]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    close_errors: list[ServiceError] = field(default_factory=list)

    def close(self, end: BatchEnd, *, give_up: bool = False) -> None:
        if self.close_errors:
            raise self.close_errors.pop(0)
        self.ends.append((end, give_up))

    def operation(self, *, done: bool = True, **changes: Any) -> None:
        """From now on the API says this of every operation."""
        body = {
            "name": OPERATION,
            "metadata": {"apiMethodName": "x.DeidentifyDicomStore", "createTime": "2024-01-01T00:00:00Z"},
            "done": done,
            **changes,
        }
        self.server.always = lambda _request: self.answer.of(body)

    def place(self, **changes: Any) -> Place:
        """A place whose operation is known and due."""
        known = Place(batch().to_json(), self.clock.now(), 1, OPERATION, FILTER)
        return replace(known, **changes)


@pytest.fixture
def job(server: Any, answer: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Job]:
    healthcare = open_healthcare(server.url, clock)
    launches = Launches()
    holder: list[Job] = []

    def close(end: BatchEnd, *, give_up: bool = False) -> None:
        holder[0].close(end, give_up=give_up)

    def is_closed(one: Batch) -> bool:
        return one.batch_id in holder[0].closed

    poller = Poller(cast(Launcher, launches), healthcare, "v1", close, is_closed, clock, INTERVAL)
    holder.append(Job(poller, launches, server, answer, clock))
    yield holder[0]
    healthcare.close()


# Places as state.


def test_places_survive_the_way_through_state() -> None:
    places = [Place("{}", 1.5), Place("{}", 2.0, 1, OPERATION, FILTER, errors=3, waits=2)]
    assert decode(encode(places)) == places


@pytest.mark.parametrize("text", [None, ""])
def test_no_state_yet_is_no_places(text: str | None) -> None:
    assert decode(text) == []


# When a place is looked at.


def test_a_new_place_is_due_at_once(job: Job) -> None:
    assert job.poller.take(batch().to_json()).due == job.clock.now()


def test_a_place_that_is_not_due_is_left_as_it_is(job: Job) -> None:
    place = job.place(due=job.clock.now() + 1)
    assert job.poller.advance([place]) == ([place], [])
    assert job.server.requests == []


def test_a_place_is_looked_at_when_it_is_due(job: Job) -> None:
    job.operation(done=False)
    job.poller.advance([job.place()])
    assert [request.path for request in job.server.requests] == [f"/v1/{OPERATION}"]


def test_a_running_operation_is_looked_at_again_one_interval_later(job: Job) -> None:
    job.operation(done=False)
    kept, ended = job.poller.advance([job.place(errors=2)])
    assert (kept, ended) == ([job.place(due=job.clock.now() + INTERVAL)], [])


def test_advancing_never_waits(job: Job) -> None:
    job.operation(done=False)
    job.launches.answers = [Later("over quota", quota=True)]
    job.poller.advance([job.place(), job.poller.take(batch(2).to_json())])
    assert job.clock.slept == []


def test_only_the_due_places_of_several_are_looked_at(job: Job) -> None:
    job.operation(done=False)
    places = [job.place(due=job.clock.now() + wait) for wait in (-5, 5, 0, 60)]
    kept, _ = job.poller.advance(places)
    assert [place.due - job.clock.now() for place in kept] == [INTERVAL, 5, INTERVAL, 60]
    assert len(job.server.requests) == 2


def test_a_batch_that_ends_frees_its_place_only(job: Job) -> None:
    job.operation(done=True)
    other = job.place(batch=batch(2).to_json(), due=job.clock.now() + 1)
    assert job.poller.advance([job.place(), other]) == ([other], [batch().batch_id])


# Starting.


def test_a_fresh_operation_is_looked_at_one_interval_later(job: Job) -> None:
    job.launches.answers = [Running(1, OPERATION, FILTER, fresh=True)]
    kept, _ = job.poller.advance([job.poller.take(batch().to_json())])
    assert kept == [job.place(due=job.clock.now() + INTERVAL)]


def test_an_operation_found_running_is_looked_at_at_once(job: Job) -> None:
    job.launches.answers = [Running(1, OPERATION, FILTER, fresh=False)]
    kept, _ = job.poller.advance([job.poller.take(batch().to_json())])
    assert kept == [job.place(due=job.clock.now())]


def test_a_started_operation_is_not_started_again(job: Job) -> None:
    job.operation(done=False)
    job.launches.answers = [Running(1, OPERATION, FILTER, fresh=False)]
    kept, _ = job.poller.advance([job.poller.take(batch().to_json())])
    job.poller.advance(kept)
    assert job.launches.asked == 1


def test_a_launch_put_off_waits_longer_each_time_up_to_a_ceiling(job: Job) -> None:
    place = job.poller.take(batch().to_json())
    waits = []
    for _ in range(30):
        job.launches.answers = [Later("over quota", quota=True)]
        [place], _ = job.poller.advance([place])
        waits.append(place.due - job.clock.now())
        job.clock.time = place.due
    assert waits[:3] == [INTERVAL, 2 * INTERVAL, MAX_BACKOFF_SECS]
    assert max(waits) == MAX_BACKOFF_SECS


def test_a_launch_put_off_is_not_an_error_in_a_row(job: Job) -> None:
    job.launches.answers = [ServiceError("storage.objects.insert", 503), Later("over quota", quota=True)]
    [place], _ = job.poller.advance([job.poller.take(batch().to_json())])
    job.clock.time = place.due
    [place], _ = job.poller.advance([place])
    assert (place.errors, place.waits) == (0, 1)


def test_a_batch_that_an_earlier_process_closed_ends_without_a_launch(job: Job) -> None:
    job.closed.add(batch().batch_id)
    assert job.poller.advance([job.poller.take(batch().to_json())]) == ([], [batch().batch_id])
    assert (job.launches.asked, job.ends) == (0, [])


def test_a_batch_that_cannot_be_launched_is_closed_with_the_reason(job: Job) -> None:
    job.launches.answers = [NotLaunched(2, Outcome.FAILED, Reason.LAUNCH_REFUSED, "HTTP 403")]
    assert job.poller.advance([job.poller.take(batch().to_json())]) == ([], [batch().batch_id])
    assert job.ends == [(BatchEnd(batch(), 2, refused=("FAILED", "LAUNCH_REFUSED", "HTTP 403")), False)]


def test_a_batch_with_nothing_left_to_do_is_judged_by_the_destination(job: Job) -> None:
    job.launches.answers = [Over(1, FILTER)]
    assert job.poller.advance([job.poller.take(batch().to_json())]) == ([], [batch().batch_id])
    assert job.ends == [(BatchEnd(batch(), 1, filter_file=FILTER, lost=True), False)]


# Ends.


def end_of(job: Job) -> BatchEnd:
    [(end, _)] = job.ends
    return end


def test_a_successful_operation_ends_the_batch_with_its_counters_and_times(job: Job) -> None:
    metadata = {
        "apiMethodName": "x.DeidentifyDicomStore",
        "createTime": "2024-01-01T00:00:00Z",
        "endTime": "2024-01-01T00:05:00Z",
        "counter": {"success": "2", "failure": "1"},
    }
    job.operation(metadata=metadata, response={})
    assert job.poller.advance([job.place()]) == ([], [batch().batch_id])
    assert end_of(job) == BatchEnd(
        batch(), 1, OPERATION, FILTER, "2024-01-01T00:00:00Z", "2024-01-01T00:05:00Z", None, 2, 1
    )


def test_a_failed_operation_ends_the_batch_with_its_error_code(job: Job) -> None:
    job.operation(error={"code": 13, "message": "CANARY"})
    job.poller.advance([job.place()])
    assert end_of(job).error_code == 13
    assert "CANARY" not in repr(job.ends)


def test_an_operation_whose_record_is_gone_ends_the_batch_as_lost(job: Job) -> None:
    job.server.always = lambda _request: job.answer.error(404, "NOT_FOUND")
    assert job.poller.advance([job.place()]) == ([], [batch().batch_id])
    assert end_of(job) == BatchEnd(batch(), 1, OPERATION, FILTER, lost=True)


# Errors.


def test_a_look_that_fails_keeps_the_place_and_is_tried_again_one_interval_later(job: Job) -> None:
    job.server.always = lambda _request: job.answer.error(403, "PERMISSION_DENIED")
    kept, ended = job.poller.advance([job.place()])
    assert (kept, ended) == ([job.place(errors=1, due=job.clock.now() + INTERVAL)], [])


def test_one_place_that_fails_does_not_keep_another_from_ending(job: Job) -> None:
    job.operation(done=True)
    job.close_errors = [ServiceError("storage.objects.insert", 503)]
    kept, ended = job.poller.advance([job.place(), job.place(batch=batch(2).to_json())])
    assert ([place.errors for place in kept], ended) == ([1], [batch(2).batch_id])


def test_a_launch_that_fails_is_tried_again(job: Job) -> None:
    job.launches.answers = [ServiceError("storage.objects.insert", 503), Running(1, OPERATION, FILTER, fresh=True)]
    [place], _ = job.poller.advance([job.poller.take(batch().to_json())])
    assert place.operation is None
    job.clock.time = place.due
    [place], _ = job.poller.advance([place])
    assert (place.operation, place.errors) == (OPERATION, 0)


def test_a_place_that_keeps_failing_breaks_the_run_which_can_be_resumed(job: Job) -> None:
    job.server.always = lambda _request: job.answer.error(403, "PERMISSION_DENIED")
    places = [job.place()]
    for _ in range(MAX_ERRORS - 1):
        places, _ = job.poller.advance(places)
        job.clock.time = places[0].due
    with pytest.raises(RunBroken, match=rf"HTTP 403 \(PERMISSION_DENIED\), {MAX_ERRORS} times in a row"):
        job.poller.advance(places)
    assert job.ends == []


def run_until_it_ends(job: Job, places: list[Place]) -> None:
    for _ in range(MAX_ERRORS):
        places, _ = job.poller.advance(places)
        if not places:
            return
        job.clock.time = places[0].due
    raise AssertionError("the batch did not end")


def test_a_destination_that_stays_unreadable_is_given_up_on(job: Job) -> None:
    job.operation(done=True)
    job.close_errors = [ServiceError("dicomStores.studies.searchForInstances", 503)] * ERRORS_UNTIL_UNREADABLE
    run_until_it_ends(job, [job.place()])
    assert [give_up for _, give_up in job.ends] == [True]


def test_a_destination_that_becomes_readable_is_read(job: Job) -> None:
    job.operation(done=True)
    job.close_errors = [ServiceError("dicomStores.studies.searchForInstances", 503)] * (ERRORS_UNTIL_UNREADABLE - 1)
    run_until_it_ends(job, [job.place()])
    assert [give_up for _, give_up in job.ends] == [False]


def test_operations_that_could_not_be_looked_at_do_not_make_the_destination_unreadable(job: Job) -> None:
    job.server.answers = [job.answer.error(403)] * ERRORS_UNTIL_UNREADABLE
    job.operation(done=True)
    run_until_it_ends(job, [job.place()])
    assert [give_up for _, give_up in job.ends] == [False]


def test_errors_are_logged_without_identifiers(job: Job, caplog: pytest.LogCaptureFixture) -> None:
    job.server.always = lambda _request: job.answer.error(403, "PERMISSION_DENIED", "CANARY 1.2.3")
    job.poller.advance([job.place()])
    assert "operations.get: HTTP 403 (PERMISSION_DENIED)" in caplog.text
    assert not [word for word in ("CANARY", "1.2.3", "http:", OPERATION, FILTER) if word in caplog.text]
