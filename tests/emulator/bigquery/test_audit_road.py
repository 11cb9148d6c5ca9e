"""The road of the pipeline's audit rows: a partitioned table, load jobs with ids of the client, one row for each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery

SCHEMA = json.loads((Path(__file__).parents[3] / "pipeline/audit/schema/audit_row.json").read_text())


def create_audit(server):
    fields = [bigquery.SchemaField.from_api_repr(field) for field in SCHEMA]
    table = bigquery.Table("p.d.audit", fields)
    table.time_partitioning = bigquery.TimePartitioning(type_="DAY", field="recorded_at")
    table.clustering_fields = ["run_id", "outcome"]
    server.client.create_table(table)
    return "p.d.audit"


@pytest.fixture
def audit(server):
    return create_audit(server)


def row(number, **values):
    given = {field["name"]: "text" for field in SCHEMA if field["type"] == "STRING"}
    return {**given, "row_id": f"r{number}", "recorded_at": "2026-01-31T12:00:00.123456Z", "attempt": 1,
            "operation_started_at": None, "operation_ended_at": None, **values}  # fmt: skip


def test_rows_of_an_object_reach_the_table(server, audit):
    uri = server.put("gs://b/work/batches/x/attempt-1.audit.jsonl", row(1), row(2))
    job = server.load(uri, audit, job_id="run-x-1")
    job.result()
    assert (job.state, job.output_rows, job.input_files) == ("DONE", 2, 1)
    assert server.rows("SELECT row_id, attempt, recorded_at FROM d.audit ORDER BY row_id")[0][:2] == ("r1", 1)


def test_a_repeated_job_id_is_a_conflict_and_adds_nothing(server, audit):
    uri = server.put("gs://b/rows.jsonl", row(1))
    server.load(uri, audit, job_id="run-x-1").result()
    with pytest.raises(Conflict, match=r"Already Exists: Job p:US\.run-x-1"):
        server.load(uri, audit, job_id="run-x-1")
    assert server.client.get_job("run-x-1").result().state == "DONE"
    assert server.value("SELECT COUNT(*) FROM d.audit") == 1


def test_a_job_with_one_bad_row_loads_nothing_and_says_where(server, audit):
    uri = server.put("gs://b/rows.jsonl", row(1), row(2, attempt="not a number"))
    job = server.load(uri, audit, job_id="run-x-1")
    with pytest.raises(BadRequest, match=r"too many errors, giving up\. Rows: 2; errors: 1"):
        job.result()
    assert job.error_result["reason"] == "invalid"
    position = server.objects[uri].index(b"\n") + 1
    assert f"in row starting at position {position}: Cannot convert value to integer" in job.errors[2]["message"]
    assert job.errors[2]["location"] == uri
    assert not any("not a number" in error["message"] for error in job.errors)
    assert server.value("SELECT COUNT(*) FROM d.audit") == 0


def test_a_failed_job_keeps_its_id(server, audit):
    uri = server.put("gs://b/rows.jsonl", {"row_id": "r1"})
    with pytest.raises(BadRequest):
        server.load(uri, audit, job_id="run-x-1").result()
    server.put("gs://b/rows.jsonl", row(1))
    with pytest.raises(Conflict):
        server.load(uri, audit, job_id="run-x-1")
    with pytest.raises(BadRequest):
        server.client.get_job("run-x-1").result()


def test_the_table_keeps_its_schema_partitions_and_clusters(server, audit):
    table = server.client.get_table(audit)
    assert [field.to_api_repr() for field in table.schema] == SCHEMA
    assert (table.time_partitioning.type_, table.time_partitioning.field) == ("DAY", "recorded_at")
    assert table.clustering_fields == ["run_id", "outcome"]
    assert table.num_rows == 0


def test_a_missing_table_is_not_found_and_its_dataset_is_not(server):
    with pytest.raises(NotFound, match=r"Not found: Table p:d\.absent"):
        server.client.get_table("p.d.absent")
    assert server.client.get_dataset("d").location == "US"


def test_everything_survives_a_restart(start_server):
    first = start_server()
    first.client.create_dataset("d")
    audit = create_audit(first)
    uri = first.put("gs://b/rows.jsonl", row(1))
    first.load(uri, audit, job_id="run-x-1").result()
    first.stop()
    again = start_server()
    assert again.rows("SELECT row_id FROM d.audit") == ["r1"]
    assert again.client.get_table(audit).clustering_fields == ["run_id", "outcome"]
    with pytest.raises(Conflict):
        again.load(uri, audit, job_id="run-x-1")
