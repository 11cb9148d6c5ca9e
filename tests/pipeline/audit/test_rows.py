"""The audit row."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from pipeline.audit.rows import (
    CLUSTER_FIELDS,
    PARTITION_FIELD,
    AuditRow,
    audit_row,
    audit_schema,
    count_rows,
    from_json_lines,
    row_id_of,
    to_json_lines,
)
from pipeline.config import UidPlan, regenerated_uid
from pipeline.model.instance_path import DicomPath
from pipeline.model.outcome import Outcome, Reason
from pipeline.settings import RunSettings

NOW = "2024-01-01T00:00:00.000000Z"
INSTANCE = DicomPath("1.2", "1.3", "1.4")
PROMISED = [
    "row_id", "run_id", "recorded_at", "outcome", "reason", "detail", "source_store", "destination_store",
    "study_instance_uid", "series_instance_uid", "sop_instance_uid",
    "deid_study_instance_uid", "deid_series_instance_uid", "deid_sop_instance_uid",
    "batch_id", "attempt", "filter_file", "operation", "operation_started_at", "operation_ended_at",
    "config_digest", "api_version", "pipeline_version",
]  # fmt: skip
ATTEMPT = {
    "batch_id": "0" * 24,
    "attempt": 1,
    "filter_file": "gs://b/f.txt",
    "operation": "projects/p/locations/l/datasets/d/operations/1",
    "operation_started_at": NOW,
    "operation_ended_at": NOW,
}


def test_the_schema_has_the_promised_columns() -> None:
    assert [field["name"] for field in audit_schema()] == PROMISED


def test_every_column_is_described() -> None:
    assert all(field["description"].endswith(".") for field in audit_schema())


def test_the_table_is_partitioned_and_clustered_by_columns_it_has() -> None:
    types = {field["name"]: field["type"] for field in audit_schema()}
    assert types[PARTITION_FIELD] == "TIMESTAMP"
    assert set(CLUSTER_FIELDS) <= set(types)


def test_a_full_row_has_the_schemas_columns_in_its_order(settings: RunSettings) -> None:
    row = audit_row(settings, INSTANCE, Outcome.DEIDENTIFIED, None, recorded_at=NOW, attempt=ATTEMPT)
    assert list(row) == PROMISED


def test_the_row_of_a_rejected_line_has_the_schemas_columns_too(settings: RunSettings) -> None:
    row = audit_row(settings, "f" * 64, Outcome.REJECTED, "NOT_A_PATH", recorded_at=NOW, detail="gs://b/m.txt:7")
    assert list(row) == PROMISED


@pytest.mark.parametrize("subject", [INSTANCE, DicomPath("1.2"), "f" * 64], ids=["instance", "study", "line"])
def test_required_columns_are_never_null(settings: RunSettings, subject: DicomPath | str) -> None:
    row = audit_row(settings, subject, Outcome.REJECTED, Reason.NOT_IN_SOURCE, recorded_at=NOW)
    required = [field["name"] for field in audit_schema() if field["mode"] == "REQUIRED"]
    assert [name for name in required if row[name] is None] == []


def test_an_instances_row_holds_old_and_new_uids(settings: RunSettings) -> None:
    row = audit_row(settings, INSTANCE, Outcome.DEIDENTIFIED, None, recorded_at=NOW, attempt=ATTEMPT)
    old = [row[name] for name in ("study_instance_uid", "series_instance_uid", "sop_instance_uid")]
    new = [row[name] for name in ("deid_study_instance_uid", "deid_series_instance_uid", "deid_sop_instance_uid")]
    assert (old, new) == (["1.2", "1.3", "1.4"], [regenerated_uid(uid) for uid in old])


def test_kept_uids_are_their_own_new_uids(settings: RunSettings) -> None:
    keeping = replace(settings, uid_plan=UidPlan("keep", "regenerate", "keep"))
    row = audit_row(keeping, INSTANCE, Outcome.DEIDENTIFIED, None, recorded_at=NOW)
    assert row["deid_study_instance_uid"] == "1.2"
    assert row["deid_series_instance_uid"] == regenerated_uid("1.3")
    assert row["deid_sop_instance_uid"] == "1.4"


def test_a_rejected_studys_row_names_the_study_only(settings: RunSettings) -> None:
    row = audit_row(settings, DicomPath("1.2"), Outcome.REJECTED, Reason.NOT_IN_SOURCE, recorded_at=NOW)
    assert {name for name in PROMISED if name.endswith("_uid") and row[name]} == {"study_instance_uid"}


def test_a_rejected_lines_row_names_no_uid(settings: RunSettings) -> None:
    row = audit_row(settings, "f" * 64, Outcome.REJECTED, "NOT_A_PATH", recorded_at=NOW)
    assert [name for name in PROMISED if name.endswith("_uid") and row[name]] == []


def test_the_attempts_columns_come_from_the_attempt(settings: RunSettings) -> None:
    row = audit_row(settings, INSTANCE, Outcome.DEIDENTIFIED, None, recorded_at=NOW, attempt=ATTEMPT)
    assert {name: row[name] for name in ATTEMPT} == ATTEMPT


def test_the_run_is_told_as_it_was_set(settings: RunSettings) -> None:
    row = audit_row(settings, INSTANCE, Outcome.FAILED, Reason.OPERATION_FAILED, recorded_at=NOW, detail="code 13")
    told = {name: row[name] for name in ("run_id", "outcome", "reason", "detail", "recorded_at", "config_digest")}
    assert told == {
        "run_id": "run-1",
        "outcome": "FAILED",
        "reason": "OPERATION_FAILED",
        "detail": "code 13",
        "recorded_at": NOW,
        "config_digest": settings.config_digest,
    }


def test_a_success_has_no_reason(settings: RunSettings) -> None:
    assert audit_row(settings, INSTANCE, Outcome.DEIDENTIFIED, None, recorded_at=NOW)["reason"] is None


def test_the_same_instance_in_the_same_run_has_the_same_row_id(settings: RunSettings) -> None:
    later = "2025-05-05T00:00:00.000000Z"
    one = audit_row(settings, INSTANCE, Outcome.FAILED, Reason.OPERATION_FAILED, recorded_at=NOW)
    other = audit_row(settings, INSTANCE, Outcome.DEIDENTIFIED, None, recorded_at=later, attempt=ATTEMPT)
    assert one["row_id"] == other["row_id"]


def test_the_row_id_is_the_one_that_tables_already_hold() -> None:
    # First 32 digits of `printf 'run-1\n/studies/1.2' | sha256sum`.
    assert row_id_of("run-1", "/studies/1.2") == "aa7fa03316fe972ca4530e5cb9a023a7"


@pytest.mark.parametrize(
    ("run_id", "subject"), [("run-2", "/studies/1.2"), ("run-1", "/studies/1.3")], ids=["run", "instance"]
)
def test_another_run_or_another_instance_has_another_row_id(run_id: str, subject: str) -> None:
    assert row_id_of(run_id, subject) != row_id_of("run-1", "/studies/1.2")


def test_rows_are_read_back_from_json_lines(settings: RunSettings) -> None:
    rows = [
        audit_row(settings, INSTANCE, Outcome.DEIDENTIFIED, None, recorded_at=NOW, attempt=ATTEMPT),
        audit_row(settings, "f" * 64, Outcome.REJECTED, "BAD_UID", recorded_at=NOW, detail="gs://b/größe\u2028.txt:1"),
    ]
    assert from_json_lines(to_json_lines(rows)) == rows


def test_each_row_is_one_line_of_json(settings: RunSettings) -> None:
    row = audit_row(settings, "f" * 64, Outcome.REJECTED, "BAD_UID", recorded_at=NOW, detail="a\nb\u2028c")
    text = to_json_lines([row, row]).decode()
    assert text.endswith("\n")
    assert [json.loads(line) for line in text.split("\n")[:-1]] == [row, row]


def test_no_rows_are_no_bytes() -> None:
    assert to_json_lines([]) == b""


def test_rows_are_counted_by_outcome_and_reason() -> None:
    rows: list[AuditRow] = [
        {"outcome": "DEIDENTIFIED", "reason": None},
        {"outcome": "FAILED", "reason": "OPERATION_FAILED"},
        {"outcome": "DEIDENTIFIED", "reason": None},
    ]
    assert count_rows(rows) == {"DEIDENTIFIED": 2, "FAILED/OPERATION_FAILED": 1}


def test_no_key_of_a_configuration_is_among_what_a_run_carries() -> None:
    assert {field.name for field in fields(RunSettings) if "key" in field.name} == set()
