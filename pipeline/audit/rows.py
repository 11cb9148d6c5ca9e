"""The audit row: one per instance, the same fields in BigQuery and in JSON lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.model.account import outcome_key
from pipeline.model.instance_path import DicomPath
from pipeline.settings import RunSettings

PARTITION_FIELD = "recorded_at"
CLUSTER_FIELDS = ("run_id", "outcome")

AuditRow = dict[str, Any]


@cache
def audit_schema() -> tuple[dict[str, Any], ...]:
    """The table's schema as BigQuery's REST API takes it."""
    return tuple(json.loads(files("pipeline.audit").joinpath("schema/audit_row.json").read_text(encoding="utf-8")))


def row_id_of(run_id: str, subject: str) -> str:
    """Deterministic id of a row: `subject` is the source path, or the digest of a rejected line."""
    return hashlib.sha256(f"{run_id}\n{subject}".encode()).hexdigest()[:32]


def audit_row(
    settings: RunSettings,
    subject: DicomPath | str,
    outcome: str,
    reason: str | None,
    *,
    recorded_at: str,
    detail: str | None = None,
    attempt: Mapping[str, Any] | None = None,
) -> AuditRow:
    """One row. `subject`: the path, or the digest of a line that is none. `attempt`: batch and operation columns."""
    row: AuditRow = dict.fromkeys(field["name"] for field in audit_schema())
    row.update(
        row_id=row_id_of(settings.run_id, str(subject)),
        run_id=settings.run_id,
        recorded_at=recorded_at,
        outcome=str(outcome),
        reason=str(reason) if reason else None,
        detail=detail,
        source_store=str(settings.source),
        destination_store=str(settings.destination),
        config_digest=settings.config_digest,
        api_version=settings.api_version,
        pipeline_version=settings.pipeline_version,
    )
    if isinstance(subject, DicomPath):
        row["study_instance_uid"] = subject.study
        row["series_instance_uid"] = subject.series or None
        row["sop_instance_uid"] = subject.sop or None
        if subject.sop:
            deid = settings.uid_plan.predict(subject.study, subject.series, subject.sop)
            row["deid_study_instance_uid"], row["deid_series_instance_uid"], row["deid_sop_instance_uid"] = deid
    row.update(attempt or {})
    return row


def to_json_lines(rows: Iterable[AuditRow]) -> bytes:
    """Rows as newline-delimited JSON, the form BigQuery loads."""
    return b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)


def from_json_lines(data: bytes) -> list[AuditRow]:
    """Undo `to_json_lines`."""
    return [json.loads(line) for line in data.splitlines()]


def count_rows(rows: Iterable[AuditRow]) -> dict[str, int]:
    """Rows by `OUTCOME/REASON`."""
    counts: dict[str, int] = {}
    for row in rows:
        key = outcome_key(row["outcome"], row["reason"])
        counts[key] = counts.get(key, 0) + 1
    return counts
