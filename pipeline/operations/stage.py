"""The stateful DoFn that launches and polls: only a completion frees a place, so both must be one.

State and timer of `PollBatchFn` (bounded input), one key for the whole job:

    queue    bag of batches waiting for a place; `process` adds, `tick` takes
    places   the taken places (poller.encode); `tick` rewrites it
    wake     event-time timer; `process` sets it to time 0, `tick` sets it a millisecond on while anything is left

On bounded input a processing-time timer never fires and an event-time timer fires at once, so `tick` paces itself: it
sleeps until the first place is due, at most one poll interval, and only when no place can be filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.coders import StrUtf8Coder
from apache_beam.metrics import Metrics
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import BagStateSpec, ReadModifyWriteStateSpec, TimerSpec, on_timer
from apache_beam.utils.timestamp import Duration, Timestamp

from pipeline.config import load_config
from pipeline.connected import ConnectedDoFn
from pipeline.ledger.records import ClosedBatch
from pipeline.model.batch import Batch, BatchEnd
from pipeline.model.errors import RunBroken
from pipeline.operations.launch import Launcher
from pipeline.operations.poller import Poller, decode, encode
from pipeline.services.files import read_text
from pipeline.settings import RunSettings

_STEP = Duration(micros=1000)


@dataclass(frozen=True)
class AuditSide:
    """What the audit stage does for this one, handed over by build.py; all three are plain functions.

    Attributes:
        close: (settings, connections, ledger, end, give_up=) writes, delivers and closes.
        redeliver: (settings, connections, closed batch) offers its rows to the sinks again.
        missing_lines: (settings, healthcare, lines) which are not in the destination; None for all of them.
    """

    close: Callable[..., ClosedBatch]
    redeliver: Callable[..., None]
    missing_lines: Callable[..., list[str] | None]


class PollBatchFn(ConnectedDoFn):
    """`(0, Batch as JSON)` -> id of each batch that ended."""

    QUEUE = BagStateSpec("queue", StrUtf8Coder())
    PLACES = ReadModifyWriteStateSpec("places", StrUtf8Coder())
    WAKE = TimerSpec("wake", TimeDomain.WATERMARK)

    def __init__(self, settings: RunSettings, audit: AuditSide) -> None:
        super().__init__(settings)
        self._audit = audit
        self._poller: Poller
        self._ended = Metrics.counter("operations", "batches_ended")

    def setup(self) -> None:
        """Connect, and read the configuration with its keys where it lies."""
        super().setup()
        settings, ledger = self.settings, self.ledger
        config = load_config(
            read_text(settings.config_uri, self.connections),
            name=settings.config_uri,
            operations_may_exceed_one=False,
        )
        if config.digest != settings.config_digest:
            raise RunBroken("the file of --deidentify_config has changed since the run started: restore it and resume")
        healthcare, clock = self.connections.healthcare, self.connections.clock

        def missing(batch: Batch) -> list[str] | None:
            return self._audit.missing_lines(settings, healthcare, ledger.read_lines(batch.instances_file))

        def close(end: BatchEnd, *, give_up: bool = False) -> None:
            self._audit.close(settings, self.connections, ledger, end, give_up=give_up)

        def is_closed(batch: Batch) -> bool:
            closed = ledger.closed_batch(settings.run_id, batch.batch_id)
            if closed is not None:
                self._audit.redeliver(settings, self.connections, closed)
            return closed is not None

        launcher = Launcher(settings, config, ledger, healthcare, clock, missing)
        self._poller = Poller(
            launcher, healthcare, settings.api_version, close, is_closed, clock, settings.poll_interval_secs
        )

    def _order(self, batch: str) -> tuple[bool, str]:
        """Operations that run already first: launching others before would put more in flight than allowed."""
        return Batch.from_json(batch).batch_id not in self.settings.reattach_first, batch

    def process(
        self,
        element: tuple[int, str],
        queue: Any = beam.DoFn.StateParam(QUEUE),
        wake: Any = beam.DoFn.TimerParam(WAKE),
    ) -> None:
        """Queue a batch; the timer fires when the whole bounded input has arrived."""
        queue.add(element[1])
        wake.set(Timestamp(0))

    @on_timer(WAKE)
    def tick(
        self,
        queue: Any = beam.DoFn.StateParam(QUEUE),
        places: Any = beam.DoFn.StateParam(PLACES),
        wake: Any = beam.DoFn.TimerParam(WAKE),
        fired: Timestamp = beam.DoFn.TimestampParam,
    ) -> Iterator[str]:
        """One round: wait for the first due place, look at it, fill what is free."""
        taken = decode(places.read())
        waiting = sorted(queue.read(), key=self._order)
        width = self.settings.max_concurrent_operations
        if taken and (len(taken) >= width or not waiting):
            clock = self.connections.clock
            until = min(place.due for place in taken) - clock.now()
            clock.sleep(min(until, self.settings.poll_interval_secs))
        free = width - len(taken)
        new, rest = waiting[:free], waiting[free:]
        kept, ended = self._poller.advance(taken + [self._poller.take(batch) for batch in new])
        if new:
            queue.clear()
            for batch in rest:
                queue.add(batch)
        places.write(encode(kept))
        if kept or rest:
            wake.set(fired + _STEP)
        self._ended.inc(len(ended))
        yield from ended


@dataclass
class RunOperations(beam.PTransform):
    """Batches (JSON) -> ids of ended batches, with at most `max_concurrent_operations` operations in flight.

    One key for the whole job: a key is processed serially, so its state is an exact cap, and no place can lie idle
    while batches wait behind another key.
    """

    settings: RunSettings
    audit: AuditSide

    def expand(self, batches: Any) -> Any:
        """Bring all batches to the one key and run them."""
        limit = self.settings.max_concurrent_operations
        return (
            batches
            | "One key for the job" >> beam.Map(lambda batch: (0, batch)).with_output_types(tuple[int, str])
            | f"Launch and poll, {limit} at a time"
            >> beam.ParDo(PollBatchFn(self.settings, self.audit)).with_output_types(str)
        )
