"""Reads and writes of the ledger."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.ledger.layout import ATTEMPT_OBJECT, EVIDENCE_OBJECT, Layout
from pipeline.ledger.records import (
    AttemptResult,
    ClosedBatch,
    Intent,
    OperationRecord,
    Plan,
    RunRecord,
    Shard,
)
from pipeline.model.outcome import Outcome
from pipeline.services.objects import Objects

# Small objects, each a round trip of tens of milliseconds: a few threads hide most of it.
_THREADS = 8
# An audit object of 10,000 rows is about 8 MB; neighbouring studies ask for the same one.
_CACHED_AUDITS = 8


@dataclass(frozen=True)
class Attempt:
    """One attempt of a batch as the ledger has it. Open: no result yet. Nameless: no operation either.

    `intent_created`: when its newest intent was made, seconds since the epoch by Cloud Storage's clock.
    """

    number: int
    intent: Intent
    intent_created: float
    operation: OperationRecord | None
    closed: bool

    @property
    def first_created(self) -> float:
        """When the attempt began, in whole seconds: no operation of its POSTs has an earlier `createTime`."""
        return math.floor(self.intent.first_created or self.intent_created)

    @property
    def nameless(self) -> bool:
        """A POST may have been sent, and its answer was never written down."""
        return self.operation is None and not self.closed


@dataclass(frozen=True)
class _Seen:
    intent_created: float | None = None
    operation: bool = False
    result: bool = False


class Ledger:
    """The objects under one work_dir."""

    def __init__(self, objects: Objects, work_dir: str) -> None:
        self.objects = objects
        self.layout = Layout(work_dir)
        self._audit_lock = threading.Lock()
        self._audit_cache: dict[str, dict[str, set[tuple[str, str]]]] = {}

    # --- runs -------------------------------------------------------------------------------------------------------

    def claim_run(self, record: RunRecord) -> RunRecord:
        """Write run.json, or return the one that is there: whoever started this run id first."""
        uri = self.layout.run(record.run_id, "run.json")
        if self.objects.create(uri, record.to_bytes()):
            return record
        return RunRecord.from_bytes(self.objects.read(uri))

    def run(self, run_id: str) -> RunRecord | None:
        """The run's record, None when no process ever started it."""
        data = self.objects.read_if_exists(self.layout.run(run_id, "run.json"))
        return RunRecord.from_bytes(data) if data is not None else None

    def plan(self, run_id: str) -> Plan | None:
        """The frozen plan, None while it is being made."""
        data = self.objects.read_if_exists(self.layout.run(run_id, "plan.json"))
        return Plan.from_bytes(data) if data is not None else None

    def shard(self, uri: str) -> Shard:
        """One shard of a plan."""
        return Shard.from_bytes(self.objects.read(uri))

    def shards(self, plan: Plan) -> Iterator[Shard]:
        """All shards of a frozen plan, in order."""
        with ThreadPoolExecutor(_THREADS) as pool:
            yield from pool.map(self.shard, plan.shards)

    def closed_batch(self, run_id: str, batch_id: str) -> ClosedBatch | None:
        """The batch's end in this run, None while it is open."""
        data = self.objects.read_if_exists(self.layout.closed(run_id, batch_id))
        return ClosedBatch.from_bytes(data) if data is not None else None

    def closed_count(self, run_id: str) -> int:
        """How many batches of the run are closed; one listing."""
        return sum(1 for info in self.objects.list(self.layout.closed(run_id)) if info.uri.endswith(".json"))

    def closed_batches(self, run_id: str) -> Iterator[ClosedBatch]:
        """The ends of all closed batches of the run."""
        uris = [info.uri for info in self.objects.list(self.layout.closed(run_id)) if info.uri.endswith(".json")]
        with ThreadPoolExecutor(_THREADS) as pool:
            yield from map(ClosedBatch.from_bytes, pool.map(self.objects.read, uris))

    # --- attempts ---------------------------------------------------------------------------------------------------

    def attempts(self, batch_id: str) -> list[Attempt]:
        """The batch's attempts in order; one listing, and two reads for each."""
        return self._attempts(self.layout.batch(batch_id, "attempt-"), only_open=False)

    def open_attempts(self) -> list[Attempt]:
        """Every attempt under this work_dir that nobody has closed, whichever run it belongs to."""
        return self._attempts(self.layout.batches, only_open=True)

    def operation_names_since(self, created: float) -> set[str]:
        """Names of all operations that attempts wrote down at or after a time (seconds since the epoch)."""
        uris = [
            info.uri
            for info in self.objects.list(self.layout.batches)
            if info.uri.endswith(".operation.json") and info.created >= created
        ]
        with ThreadPoolExecutor(_THREADS) as pool:
            return {OperationRecord.from_bytes(data).operation for data in pool.map(self.objects.read, uris)}

    def result(self, batch_id: str, number: int) -> AttemptResult | None:
        """The attempt's result, None while it is open."""
        data = self.objects.read_if_exists(self.layout.attempt(batch_id, number, "result.json"))
        return AttemptResult.from_bytes(data) if data is not None else None

    def _attempts(self, prefix: str, *, only_open: bool) -> list[Attempt]:
        seen: dict[tuple[str, int], _Seen] = {}
        for info in self.objects.list(prefix):
            match = ATTEMPT_OBJECT.fullmatch(info.uri)
            if match is None:
                continue
            key = (match["batch"], int(match["number"]))
            known = seen.get(key, _Seen())
            kind = match["kind"]
            seen[key] = _Seen(
                info.created if kind == "intent.json" else known.intent_created,
                known.operation or kind == "operation.json",
                known.result or kind == "result.json",
            )
        wanted = [(key, item) for key, item in sorted(seen.items()) if not (only_open and item.result)]
        with ThreadPoolExecutor(_THREADS) as pool:
            found = pool.map(lambda pair: self._attempt(pair[0][0], pair[0][1], pair[1]), wanted)
            return [attempt for attempt in found if attempt is not None]

    def _attempt(self, batch_id: str, number: int, seen: _Seen) -> Attempt | None:
        if seen.intent_created is None:
            return None
        intent = self.objects.read_if_exists(self.layout.attempt(batch_id, number, "intent.json"))
        if intent is None:  # withdrawn since the listing
            return None
        operation = None
        if seen.operation:
            data = self.objects.read(self.layout.attempt(batch_id, number, "operation.json"))
            operation = OperationRecord.from_bytes(data)
        return Attempt(number, Intent.from_bytes(intent), seen.intent_created, operation, seen.result)

    def instances_file(self, attempt: Attempt) -> str:
        """The list of instances that an attempt may be writing: one path a line."""
        batch_id = attempt.intent.batch_id
        own_list = self.layout.batch(batch_id, "instances.txt")
        wider = any(True for _ in self.objects.list(own_list))
        return own_list if wider else self.layout.batch(batch_id, "filter.txt")

    # --- lists and evidence -----------------------------------------------------------------------------------------

    def read_lines(self, uri: str) -> list[str]:
        """A filter or instances file as its lines."""
        return self.objects.read(uri).decode().splitlines()

    def deidentified(self, destination: str, study: str, config_digest: str) -> set[tuple[str, str]]:
        """(series, SOP instance) UIDs of the study that attempts with this configuration left as DEIDENTIFIED."""
        done: set[tuple[str, str]] = set()
        for info in self.objects.list(self.layout.evidence(destination, study, config_digest)):
            if match := EVIDENCE_OBJECT.fullmatch(info.uri):
                uri = self.layout.attempt(match["batch"], int(match["number"]), "audit.jsonl")
                done |= self._deidentified_by_study(uri).get(study, set())
        return done

    def _deidentified_by_study(self, audit_uri: str) -> dict[str, set[tuple[str, str]]]:
        with self._audit_lock:
            return self._read_audit(audit_uri)

    def _read_audit(self, audit_uri: str) -> dict[str, set[tuple[str, str]]]:
        if audit_uri not in self._audit_cache:
            if len(self._audit_cache) >= _CACHED_AUDITS:
                self._audit_cache.pop(next(iter(self._audit_cache)))
            by_study: dict[str, set[tuple[str, str]]] = {}
            for line in self.objects.read(audit_uri).splitlines():
                row = json.loads(line)
                if row["outcome"] == Outcome.DEIDENTIFIED:
                    instances = by_study.setdefault(row["study_instance_uid"], set())
                    instances.add((row["series_instance_uid"], row["sop_instance_uid"]))
            self._audit_cache[audit_uri] = by_study
        return self._audit_cache[audit_uri]

    def write_evidence(
        self, destination: str, studies: Iterable[str], config_digest: str, batch_id: str, number: int
    ) -> None:
        """Leave one empty object per study: a later run finds the attempt without reading every audit object."""
        uris = [
            f"{self.layout.evidence(destination, study, config_digest)}{batch_id}.attempt-{number}"
            for study in sorted(studies)
        ]
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda uri: self.objects.create(uri, b"", "text/plain"), uris))
