"""Launch once: the ledger protocol around the POST that has no request id.

    intent (must not exist yet) -> POST -> operation record        every step can be the last before a crash

On the way back in, an open attempt with a name is polled, one without a name is ruled on (adoption.py), and nothing is
launched while an attempt is open.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.config import DeidentifyConfig
from pipeline.ledger.ledger import Attempt, Ledger
from pipeline.ledger.records import Intent, OperationRecord
from pipeline.model.batch import Batch
from pipeline.model.outcome import Outcome, Reason
from pipeline.operations.adoption import Decision, candidates, rule
from pipeline.services.clock import Clock, epoch_seconds, timestamp
from pipeline.services.healthcare import HealthcareApi, LaunchAmbiguous, QuotaExceeded
from pipeline.services.objects import ObjectMissing
from pipeline.services.retry import ServiceError
from pipeline.settings import RunSettings

LOG = logging.getLogger(__name__)

# A batch launched later than this after its census lists the destination once more.
RECHECK_AFTER_SECS = 600.0


@dataclass(frozen=True)
class Running:
    """An operation is to be polled. `filter_file`: what this attempt was given."""

    attempt: int
    operation: str
    filter_file: str
    fresh: bool


@dataclass(frozen=True)
class Later:
    """Nothing can be launched or adopted now; ask again. `quota`: the API answered 429."""

    why: str
    quota: bool = False


@dataclass(frozen=True)
class NotLaunched:
    """This run gets no operation for the batch. `attempt` is the number to close, None when it is not ours."""

    attempt: int | None
    outcome: Outcome
    reason: Reason
    detail: str | None = None


@dataclass(frozen=True)
class Over:
    """Nothing is left to launch or poll: the destination and the ledger decide.

    `attempt` None: everything was in the destination before this run launched anything. `closed`: its rows are
    in the ledger already.
    """

    attempt: int | None
    filter_file: str | None
    closed: bool = False


Start = Running | Later | NotLaunched | Over


class Launcher:
    """Starts the next attempt of a batch, or finds the one under way."""

    def __init__(
        self,
        settings: RunSettings,
        config: DeidentifyConfig,
        ledger: Ledger,
        healthcare: HealthcareApi,
        clock: Clock,
        missing_lines: Callable[[Batch], list[str] | None],
    ) -> None:
        """`missing_lines(batch)`: filter lines of what the destination still lacks; None when it lacks everything."""
        self._settings = settings
        self._config = config
        self._ledger = ledger
        self._healthcare = healthcare
        self._clock = clock
        self._missing_lines = missing_lines
        self._frozen_at: float | None = None

    def start(self, batch: Batch) -> Start:
        """Advance the batch as far as one call can; safe to repeat, and after any crash."""
        attempts = self._ledger.attempts(batch.batch_id)
        own = [attempt for attempt in attempts if attempt.intent.run_id == self._settings.run_id]
        if own and own[-1].closed:
            return Over(own[-1].number, own[-1].intent.filter_file, closed=True)
        last = attempts[-1] if attempts else None
        if last is None or last.closed:
            return self._new_attempt(batch, (last.number if last else 0) + 1)
        if last.intent.run_id != self._settings.run_id:
            return NotLaunched(None, Outcome.UNKNOWN, Reason.HELD_BY_ANOTHER_RUN)
        if last.operation is not None:
            return Running(last.number, last.operation.operation, last.intent.filter_file, fresh=False)
        return self._settle_nameless(batch, last)

    def _new_attempt(self, batch: Batch, number: int) -> Start:
        filter_file = batch.filter_file
        if self._plan_is_old():
            lines = self._missing_lines(batch)
            if lines == []:
                return Over(None, None)
            if lines is not None:
                filter_file = self._ledger.layout.attempt(batch.batch_id, number, "filter.txt")
                self._ledger.objects.put(filter_file, ("\n".join(lines) + "\n").encode(), "text/plain")
        settings = self._settings
        intent = Intent(
            token=uuid.uuid4().hex,
            run_id=settings.run_id,
            batch_id=batch.batch_id,
            attempt=number,
            source_store=str(settings.source),
            destination_store=str(settings.destination),
            config_digest=settings.config_digest,
            api_version=settings.api_version,
            filter_file=filter_file,
            created_at=timestamp(self._clock.now()),
        )
        uri = self._ledger.layout.attempt(batch.batch_id, number, "intent.json")
        if not self._ledger.objects.create(uri, intent.to_bytes()) and not self._is_mine(uri, intent):
            return Later("another process made this attempt")
        return self._post(batch, number, intent)

    def _plan_is_old(self) -> bool:
        """Whether the destination may have changed since the census: a resume, or a batch that waited long."""
        if self._settings.recheck_destination:
            return True
        if self._frozen_at is None:
            plan = self._ledger.plan(self._settings.run_id)
            self._frozen_at = epoch_seconds(plan.frozen_at) if plan else self._clock.now()
        return self._clock.now() - self._frozen_at > RECHECK_AFTER_SECS

    def _is_mine(self, uri: str, intent: Intent) -> bool:
        """Whether the intent that exists is the one just sent, its answer lost and the write repeated by the client."""
        try:
            return Intent.from_bytes(self._ledger.objects.read(uri)).token == intent.token
        except ObjectMissing:
            return False

    def _post(self, batch: Batch, number: int, intent: Intent) -> Start:
        settings = self._settings
        body = self._config.request_body(str(settings.destination), intent.filter_file)
        try:
            operation = self._healthcare.deidentify(settings.api_version, settings.source, body)
        except QuotaExceeded:
            # Nothing was started: take the intent back, so that it cannot be mistaken for a lost launch.
            self._ledger.objects.delete(self._ledger.layout.attempt(batch.batch_id, number, "intent.json"))
            return Later("over quota", quota=True)
        except LaunchAmbiguous as error:
            LOG.warning("batch %s: %s; looking for the operation before anything else", batch.batch_id, error)
            return Later("launch unconfirmed")
        except ServiceError as error:
            LOG.error("batch %s: %s", batch.batch_id, error)
            return NotLaunched(number, Outcome.FAILED, Reason.LAUNCH_REFUSED, f"HTTP {error.status}")
        return self._record(batch, number, intent, operation, adopted=False)

    def _post_again(self, batch: Batch, attempt: Attempt) -> Start:
        """Send the POST of an old intent, which is made new before: this POST is given its time to turn up too."""
        intent = replace(attempt.intent, created_at=timestamp(self._clock.now()), first_created=attempt.first_created)
        uri = self._ledger.layout.attempt(batch.batch_id, attempt.number, "intent.json")
        self._ledger.objects.put(uri, intent.to_bytes())
        return self._post(batch, attempt.number, intent)

    def _record(self, batch: Batch, number: int, intent: Intent, operation: str, *, adopted: bool) -> Running:
        record = OperationRecord(operation, adopted, timestamp(self._clock.now()))
        uri = self._ledger.layout.attempt(batch.batch_id, number, "operation.json")
        if not self._ledger.objects.create(uri, record.to_bytes()):
            operation = OperationRecord.from_bytes(self._ledger.objects.read(uri)).operation
        LOG.info("batch %s attempt %d: %s operation", batch.batch_id, number, "adopted" if adopted else "launched")
        return Running(number, operation, intent.filter_file, fresh=True)

    def _settle_nameless(self, batch: Batch, attempt: Attempt) -> Start:
        settings = self._settings
        try:
            operations = list(self._healthcare.list_operations(settings.api_version, settings.source.dataset_name))
        except ServiceError as error:
            if error.status in {401, 403}:
                return NotLaunched(attempt.number, Outcome.UNKNOWN, Reason.LAUNCH_UNCONFIRMED, "operations.list denied")
            raise
        claimed = self._ledger.operation_names_since(attempt.first_created)
        others = [other for other in self._ledger.open_attempts() if other.nameless and other.intent != attempt.intent]
        # By whichever clock says later, Cloud Storage's or that of the process that sent the POST.
        sent = max(attempt.intent_created, epoch_seconds(attempt.intent.created_at))
        ruling = rule(
            candidates(operations, attempt.first_created, claimed),
            other_nameless=bool(others),
            settled=self._clock.now() >= sent + settings.launch_settle_secs,
        )
        if ruling.decision is Decision.ADOPT and ruling.operation:
            return self._record(batch, attempt.number, attempt.intent, ruling.operation, adopted=True)
        if ruling.decision is Decision.LAUNCH:
            return self._post_again(batch, attempt)
        if ruling.decision is Decision.LOOK:
            if (lines := self._missing_lines(batch)) is None:
                return self._post_again(batch, attempt)
            if ruling.operation:
                # The destination holds what only this operation can have written: it must not be taken for another's.
                return self._record(batch, attempt.number, attempt.intent, ruling.operation, adopted=True)
            LOG.warning("batch %s: launch unconfirmed, %d lines missing", batch.batch_id, len(lines))
            return Over(attempt.number, attempt.intent.filter_file)
        return Later("launch unconfirmed")
