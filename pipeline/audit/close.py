"""Close a batch: judge its instances, write their rows, deliver them, and only then close attempt and batch.

Each step finds what an earlier process left of it, so a crash at any point costs nothing and doubles nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from pipeline.audit.deliver import deliver
from pipeline.audit.destination import parse_paths, present_in_destination
from pipeline.audit.reconcile import Verdict, reconcile
from pipeline.audit.rows import AuditRow, audit_row, count_rows, from_json_lines, to_json_lines
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.records import AttemptResult, ClosedBatch
from pipeline.model.account import count_of
from pipeline.model.batch import BatchEnd
from pipeline.model.instance_path import DicomPath
from pipeline.model.outcome import Outcome, Reason
from pipeline.services.clock import timestamp
from pipeline.services.connections import Connections
from pipeline.services.retry import ServiceError
from pipeline.settings import RunSettings

LOG = logging.getLogger(__name__)


def close_batch(
    settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, *, give_up: bool = False
) -> ClosedBatch:
    """Write and deliver one row for each instance of the batch, and close it.

    `give_up`: judge without the destination (UNKNOWN) when it is still unreadable. Raises ServiceError otherwise when
    the destination cannot be listed, or when rows cannot be written or delivered: the batch is then still open.
    """
    batch_id = end.batch.batch_id
    if end.attempt is None:
        audit_uri = ledger.layout.closed(settings.run_id, batch_id, "audit.jsonl")
    else:
        audit_uri = ledger.layout.attempt(batch_id, end.attempt, "audit.jsonl")
    rows = _rows_already_written(ledger, audit_uri)
    if rows is None:
        rows = _judge(settings, connections, ledger, end, give_up=give_up)
        if not ledger.objects.create(audit_uri, to_json_lines(rows), "application/x-ndjson"):
            rows = from_json_lines(ledger.objects.read(audit_uri))
    if end.attempt is not None:
        studies = {row["study_instance_uid"] for row in rows if row["outcome"] == Outcome.DEIDENTIFIED}
        ledger.write_evidence(str(settings.destination), studies, settings.config_digest, batch_id, end.attempt)
    deliver(settings, connections, audit_uri, f"{batch_id}-{end.attempt or 0}")
    return _close(settings, connections, ledger, end, rows, audit_uri)


def redeliver(settings: RunSettings, connections: Connections, closed: ClosedBatch) -> None:
    """Offer the rows of a batch that an earlier process closed to the sinks again."""
    deliver(settings, connections, closed.audit, f"{closed.batch_id}-{closed.attempt or 0}")


def _rows_already_written(ledger: Ledger, audit_uri: str) -> list[AuditRow] | None:
    data = ledger.objects.read_if_exists(audit_uri)
    return from_json_lines(data) if data is not None else None


def _judge(
    settings: RunSettings, connections: Connections, ledger: Ledger, end: BatchEnd, *, give_up: bool
) -> list[AuditRow]:
    paths = parse_paths(ledger.read_lines(end.batch.instances_file))
    if end.refused is not None:
        outcome, reason, detail = end.refused
        verdicts = [Verdict(path, Outcome(outcome), Reason(reason), detail) for path in paths]
    else:
        present: set[tuple[str, str, str]] | None
        try:
            present = present_in_destination(settings, connections.healthcare, paths)
        except ServiceError:
            if not give_up:
                raise
            present = None
        given = _given(ledger, end, paths)
        verdicts = reconcile([path for path in paths if path in given], present, end, settings.uid_plan)
        verdicts += _present_before(settings, ledger, [path for path in paths if path not in given])
    columns = {
        "batch_id": end.batch.batch_id,
        "attempt": end.attempt,
        "filter_file": end.filter_file,
        "operation": end.operation,
        "operation_started_at": end.operation_started_at,
        "operation_ended_at": end.operation_ended_at,
    }
    now = timestamp(connections.clock.now())
    return [
        audit_row(
            settings,
            verdict.path,
            verdict.outcome,
            verdict.reason,
            recorded_at=now,
            detail=verdict.detail,
            attempt=columns,
        )
        for verdict in verdicts
    ]


def _given(ledger: Ledger, end: BatchEnd, paths: list[DicomPath]) -> set[DicomPath]:
    """Which instances the attempt was given: all, or those of its own filter file (always instance lines)."""
    if end.filter_file is None:
        return set()
    if end.filter_file == end.batch.filter_file:
        return set(paths)
    return set(parse_paths(ledger.read_lines(end.filter_file)))


def _present_before(settings: RunSettings, ledger: Ledger, paths: Iterable[DicomPath]) -> list[Verdict]:
    """Instances that came into the destination between the plan and the launch: SKIPPED when the ledger shows how."""
    verdicts = []
    done: dict[str, set[tuple[str, str]]] = {}
    for path in paths:
        if path.study not in done:
            done[path.study] = ledger.deidentified(str(settings.destination), path.study, settings.config_digest)
        if (path.series, path.sop) in done[path.study]:
            verdicts.append(Verdict(path, Outcome.SKIPPED, Reason.ALREADY_DEIDENTIFIED))
        else:
            outcome = Outcome.SKIPPED if settings.skip_occupied else Outcome.UNKNOWN
            verdicts.append(Verdict(path, outcome, Reason.DESTINATION_OCCUPIED))
    return verdicts


def _close(
    settings: RunSettings,
    connections: Connections,
    ledger: Ledger,
    end: BatchEnd,
    rows: list[AuditRow],
    audit_uri: str,
) -> ClosedBatch:
    batch, counts = end.batch, count_rows(rows)
    now = timestamp(connections.clock.now())
    if end.attempt is not None:
        result = AttemptResult(settings.run_id, end.operation, end.error_code, counts, audit_uri, now)
        ledger.objects.create(ledger.layout.attempt(batch.batch_id, end.attempt, "result.json"), result.to_bytes())
    closed = ClosedBatch(
        batch_id=batch.batch_id,
        instances=batch.instances,
        attempt=end.attempt,
        operations=1 if any(row["operation"] for row in rows) else 0,
        counts=counts,
        audit=audit_uri,
        closed_at=now,
    )
    ledger.objects.create(ledger.layout.closed(settings.run_id, batch.batch_id), closed.to_bytes())
    LOG.info(
        "batch %s closed: %d of %d de-identified",
        batch.batch_id,
        count_of(counts, Outcome.DEIDENTIFIED),
        batch.instances,
    )
    return closed
