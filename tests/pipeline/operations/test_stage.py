"""The stateful DoFn, round by round: state and timer are plain objects here, the clock is moved by hand."""

from __future__ import annotations

import dataclasses
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from apache_beam.utils.timestamp import Timestamp

from pipeline.config import load_config
from pipeline.model.batch import Batch
from pipeline.model.errors import RunBroken
from pipeline.operations.poller import Place, Poller, decode
from pipeline.operations.stage import AuditSide, PollBatchFn
from pipeline.services.connections import Connections
from pipeline.settings import RunSettings


def batch(number: int) -> str:
    return Batch(f"{number:024x}", 1, 1, "gs://b/f.txt", "gs://b/f.txt").to_json()


@dataclass
class Bag:
    """Beam's bag state."""

    items: list[str] = field(default_factory=list)

    def add(self, item: str) -> None:
        self.items.append(item)

    def read(self) -> list[str]:
        return list(self.items)

    def clear(self) -> None:
        self.items.clear()


@dataclass
class Cell:
    """Beam's read-modify-write state."""

    value: str | None = None

    def read(self) -> str | None:
        return self.value

    def write(self, value: str) -> None:
        self.value = value


@dataclass
class Timer:
    """Beam's timer: the time it is set to."""

    at: Timestamp | None = None

    def set(self, at: Timestamp) -> None:
        self.at = at


class Rounds:
    """Stands where the poller stands: each batch needs a number of looks, one interval apart, and is gone then."""

    def __init__(self, clock: Any, interval_secs: float, looks: dict[str, int]) -> None:
        self._clock = clock
        self._interval = interval_secs
        self.looks = looks
        self.started: list[str] = []
        self.most = 0

    def take(self, text: str) -> Place:
        self.started.append(Batch.from_json(text).batch_id)
        return Place(text, self._clock.now())

    def advance(self, places: list[Place]) -> tuple[list[Place], list[str]]:
        self.most = max(self.most, len(places))
        kept, ended = [], []
        for place in places:
            batch_id = Batch.from_json(place.batch).batch_id
            if place.due > self._clock.now():
                kept.append(place)
                continue
            self.looks[batch_id] -= 1
            if self.looks[batch_id]:
                kept.append(dataclasses.replace(place, due=self._clock.now() + self._interval))
            else:
                ended.append(batch_id)
        return kept, ended


class Job:
    """One key of the DoFn with its state."""

    def __init__(self, settings: RunSettings, clock: Any, looks: dict[int, int]) -> None:
        self.queue, self.places, self.wake = Bag(), Cell(), Timer()
        self.clock = clock
        self.rounds = Rounds(clock, settings.poll_interval_secs, {f"{key:024x}": count for key, count in looks.items()})
        nothing: Any = None
        self.fn = PollBatchFn(settings, AuditSide(nothing, nothing, nothing))
        self.fn._poller = cast(Poller, self.rounds)
        self.fn.connections = Connections(settings.addresses, clock)
        for key in looks:
            self.fn.process((0, batch(key)), self.queue, self.wake)

    def tick(self) -> list[str]:
        """Fire the timer once."""
        fired, self.wake.at = self.wake.at, None
        assert fired is not None
        return list(self.fn.tick(self.queue, self.places, self.wake, fired))

    def run(self, rounds: int = 10_000) -> list[str]:
        """Fire the timer until it is not set any more."""
        ended: list[str] = []
        for _ in range(rounds):
            if self.wake.at is None:
                return ended
            ended += self.tick()
        raise AssertionError("the timer never rests")


@pytest.fixture
def start(settings: RunSettings, clock: Any) -> Any:
    """Starts a job: `looks` is how often each batch has to be looked at until it is over."""

    def build(looks: dict[int, int], **changes: Any) -> Job:
        return Job(dataclasses.replace(settings, **changes), clock, looks)

    return build


def test_a_batch_that_arrives_waits_for_the_timer(start: Any) -> None:
    job = start({1: 1})
    assert job.queue.read() == [batch(1)]
    assert job.wake.at == Timestamp(0)
    assert job.rounds.started == []


def test_every_batch_ends_exactly_once(start: Any) -> None:
    job = start({number: 1 + number % 4 for number in range(17)})
    assert sorted(job.run()) == [f"{number:024x}" for number in range(17)]
    assert sorted(job.rounds.started) == [f"{number:024x}" for number in range(17)]


@pytest.mark.parametrize("width", [1, 2, 5])
def test_never_more_batches_are_in_flight_than_allowed(start: Any, width: int) -> None:
    job = start({number: 1 + number % 3 for number in range(12)}, max_concurrent_operations=width)
    job.run()
    assert job.rounds.most == width


def test_a_free_place_is_filled_in_the_next_round(start: Any) -> None:
    job = start({1: 1, 2: 3, 3: 1}, max_concurrent_operations=2)
    assert job.tick() == [f"{1:024x}"]
    job.tick()
    assert job.rounds.started == [f"{number:024x}" for number in (1, 2, 3)]


def test_a_free_place_is_filled_without_waiting(start: Any) -> None:
    job = start({1: 1, 2: 3, 3: 1}, max_concurrent_operations=2)
    job.tick()
    job.tick()
    assert job.clock.slept == []


def test_with_nothing_to_fill_it_waits_until_the_first_place_is_due(start: Any) -> None:
    job = start({1: 2})
    job.tick()
    job.clock.time += 4
    job.tick()
    assert job.clock.slept == [pytest.approx(6)]


def test_it_never_waits_longer_than_one_interval(start: Any) -> None:
    job = start({1: 2}, poll_interval_secs=10.0)
    job.tick()
    [place] = decode(job.places.read())
    job.places.write(job.places.read().replace(str(place.due), str(place.due + 500)))
    job.tick()
    assert job.clock.slept == [10.0]


def test_no_place_is_looked_at_before_it_is_due(start: Any) -> None:
    job = start({1: 4, 2: 4})
    job.run()
    assert job.clock.slept
    assert sum(job.clock.slept) == pytest.approx(3 * 10)


def test_the_timer_moves_on_while_anything_is_left(start: Any) -> None:
    job = start({1: 2})
    before = job.wake.at
    job.tick()
    assert job.wake.at > before


def test_the_timer_rests_when_everything_has_ended(start: Any) -> None:
    job = start({1: 1})
    job.tick()
    assert job.wake.at is None
    assert job.queue.read() == []
    assert decode(job.places.read()) == []


def test_batches_whose_operations_run_already_take_their_places_first(start: Any) -> None:
    running = frozenset({f"{7:024x}", f"{9:024x}"})
    job = start(dict.fromkeys(range(10), 1), max_concurrent_operations=3, reattach_first=running)
    job.tick()
    assert set(job.rounds.started[:2]) == running


def test_the_order_of_arrival_does_not_change_the_order_of_launching(start: Any) -> None:
    numbers = list(range(10))
    first = start(dict.fromkeys(numbers, 1))
    first.run()
    random.Random(5).shuffle(numbers)
    second = start(dict.fromkeys(numbers, 1))
    second.run()
    assert first.rounds.started == second.rounds.started


def test_state_between_rounds_is_all_that_is_needed(start: Any, settings: RunSettings, clock: Any) -> None:
    job = start({1: 2, 2: 1, 3: 1}, max_concurrent_operations=1)
    ended = job.tick()
    moved = Job(dataclasses.replace(settings, max_concurrent_operations=1), clock, {})
    moved.queue, moved.places, moved.wake, moved.rounds.looks = job.queue, job.places, job.wake, job.rounds.looks
    assert sorted(ended + moved.run()) == [f"{number:024x}" for number in (1, 2, 3)]


# A worker that starts.


def worker(settings: RunSettings, bucket: str, config: Path) -> PollBatchFn:
    nothing: Any = None
    own = dataclasses.replace(settings, work_dir=f"{bucket}/work", config_uri=str(config))
    return PollBatchFn(own, AuditSide(nothing, nothing, nothing))


def test_a_worker_reads_the_configuration_that_the_run_was_started_with(
    settings: RunSettings, bucket: str, tmp_path: Path
) -> None:
    config = tmp_path / "deid.json"
    config.write_text(json.dumps({"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}}))
    digest = load_config(config.read_text(), name="deid.json", operations_may_exceed_one=False).digest
    fn = worker(dataclasses.replace(settings, config_digest=digest), bucket, config)
    fn.setup()
    fn.teardown()


def test_a_configuration_that_changed_since_the_run_started_breaks_the_run(
    settings: RunSettings, bucket: str, tmp_path: Path
) -> None:
    config = tmp_path / "deid.json"
    config.write_text(json.dumps({"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}}))
    fn = worker(settings, bucket, config)
    with pytest.raises(RunBroken, match="has changed since the run started"):
        fn.setup()
    fn.teardown()


def test_a_worker_that_is_sent_elsewhere_carries_no_connection(settings: RunSettings, clock: Any) -> None:
    nothing: Any = None
    fn = PollBatchFn(settings, AuditSide(nothing, nothing, nothing))
    assert not [name for name, value in vars(fn).items() if isinstance(value, (Connections, Poller))]
