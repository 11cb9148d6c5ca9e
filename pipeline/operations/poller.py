"""The places of a job: at most `width` operations in flight, each polled until it is over. No Beam in here."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from pipeline.model.batch import Batch, BatchEnd
from pipeline.model.errors import RunBroken
from pipeline.operations.launch import Later, Launcher, NotLaunched, Over, Running
from pipeline.services.clock import Clock
from pipeline.services.healthcare import HealthcareApi, OperationSeen
from pipeline.services.retry import MAX_BACKOFF_SECS, ServiceError

LOG = logging.getLogger(__name__)

# A place whose calls keep failing (each already retried for minutes) ends the run, which can be resumed; a batch whose
# destination stays unreadable is closed as UNKNOWN before that.
MAX_ERRORS = 10
ERRORS_UNTIL_UNREADABLE = 5


@dataclass(frozen=True)
class Place:
    """One taken place: a batch, its operation once it is known, and when to look again (seconds since the epoch).

    `errors`: failed looks in a row, `unclosed`: those that came when closing. `waits`: how often the launch
    had to be put off.
    """

    batch: str
    due: float
    attempt: int | None = None
    operation: str | None = None
    filter_file: str | None = None
    errors: int = 0
    unclosed: int = 0
    waits: int = 0


def encode(places: list[Place]) -> str:
    """The state's text, with its version."""
    return json.dumps({"version": 1, "places": [asdict(place) for place in places]})


def decode(text: str | None) -> list[Place]:
    """Undo `encode`; nothing yet is no places."""
    return [Place(**place) for place in json.loads(text)["places"]] if text else []


class _NotClosed(ServiceError):
    """The operation is over; its end could not be recorded."""


class CloseBatch(Protocol):
    """The audit's side: judge, write and deliver the rows of a batch, and close it."""

    def __call__(self, end: BatchEnd, *, give_up: bool = False) -> None:
        """Raises ServiceError when it must be tried again."""


class Poller:
    """Advances places; every wait is returned as a due time, never slept here."""

    def __init__(
        self,
        launcher: Launcher,
        healthcare: HealthcareApi,
        api_version: str,
        close: CloseBatch,
        is_closed: Callable[[Batch], bool],
        clock: Clock,
        poll_interval_secs: float,
    ) -> None:
        """`is_closed(batch)`: an earlier process closed it in this run (and its rows are delivered again)."""
        self._launcher = launcher
        self._healthcare = healthcare
        self._api_version = api_version
        self._close = close
        self._is_closed = is_closed
        self._clock = clock
        self._interval = poll_interval_secs

    def advance(self, places: list[Place]) -> tuple[list[Place], list[str]]:
        """Look at every place that is due; return the places still taken and the ids of the batches that ended."""
        kept, ended = [], []
        for place in places:
            if place.due > self._clock.now():
                kept.append(place)
                continue
            later = self._guarded(place)
            if later is None:
                ended.append(Batch.from_json(place.batch).batch_id)
            else:
                kept.append(later)
        return kept, ended

    def take(self, batch: str) -> Place:
        """A new place for a batch, due at once."""
        return Place(batch=batch, due=self._clock.now())

    def _guarded(self, place: Place) -> Place | None:
        try:
            return self._look(place)
        except ServiceError as error:
            batch_id = Batch.from_json(place.batch).batch_id
            LOG.warning("batch %s: %s; trying again", batch_id, error)
            if place.errors + 1 >= MAX_ERRORS:
                raise RunBroken(f"batch {batch_id}: {error}, {MAX_ERRORS} times in a row") from None
            return replace(
                place,
                errors=place.errors + 1,
                unclosed=place.unclosed + isinstance(error, _NotClosed),
                due=self._clock.now() + self._interval,
            )

    def _look(self, place: Place) -> Place | None:
        batch = Batch.from_json(place.batch)
        if place.operation is None:
            return self._start(place, batch)
        assert place.attempt is not None  # noqa: S101 - an operation always belongs to an attempt
        try:
            operation = self._healthcare.get_operation(self._api_version, place.operation)
        except ServiceError as error:
            if error.status != 404:
                raise
            self._end(place, BatchEnd(batch, place.attempt, place.operation, place.filter_file, lost=True))
            return None
        if not operation.done:
            return replace(place, errors=0, due=self._clock.now() + self._interval)
        self._end(place, _end_of(batch, place, operation))
        return None

    def _start(self, place: Place, batch: Batch) -> Place | None:
        if self._is_closed(batch):
            return None
        match self._launcher.start(batch):
            case Running() as running:
                due = self._clock.now() + (self._interval if running.fresh else 0)
                return replace(
                    place,
                    attempt=running.attempt,
                    operation=running.operation,
                    filter_file=running.filter_file,
                    errors=0,
                    due=due,
                )
            case Later() as later:
                wait = min(self._interval * 2 ** min(place.waits, 10), max(MAX_BACKOFF_SECS, self._interval))
                LOG.info("batch %s: %s, waiting %.0f s", batch.batch_id, later.why, wait)
                return replace(place, waits=place.waits + 1, errors=0, due=self._clock.now() + wait)
            case NotLaunched() as refused:
                why = (refused.outcome.value, refused.reason.value, refused.detail)
                self._end(place, BatchEnd(batch, refused.attempt, refused=why))
            case Over() as over:
                self._end(place, BatchEnd(batch, over.attempt, filter_file=over.filter_file, lost=True))
        return None

    def _end(self, place: Place, end: BatchEnd) -> None:
        try:
            self._close(end, give_up=place.unclosed >= ERRORS_UNTIL_UNREADABLE)
        except ServiceError as error:
            raise _NotClosed(error.method, error.status) from None


def _end_of(batch: Batch, place: Place, operation: OperationSeen) -> BatchEnd:
    return BatchEnd(
        batch,
        place.attempt,
        place.operation,
        place.filter_file,
        operation_started_at=operation.created_at or None,
        operation_ended_at=operation.ended_at,
        error_code=operation.error_code,
        success=operation.success,
        failure=operation.failure,
    )
