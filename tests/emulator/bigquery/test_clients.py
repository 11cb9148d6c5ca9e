"""Clients nobody here wrote, beside the official one: Beam's sink, and what the bq command line starts with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from googleapiclient.discovery import build, build_from_document

BEAM = textwrap.dedent(
    """
    import apache_beam as beam
    from apache_beam.io.gcp.bigquery import WriteToBigQuery
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    rows = [{"a": f"row{number}", "n": number} for number in range(200)] + [{"a": "bad", "n": "canary"}]
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        written = (
            pipeline
            | "rows" >> beam.Create(rows)
            | "write" >> WriteToBigQuery(
                "project-1:d.t",
                schema="a:STRING,n:INTEGER",
                method=WriteToBigQuery.Method.STREAMING_INSERTS,
                create_disposition="CREATE_NEVER",
                write_disposition="WRITE_APPEND",
                insert_retry_strategy="RETRY_ON_TRANSIENT_ERROR",
                batch_size=50,
            )
        )
        written.failed_rows_with_errors | beam.Map(lambda item: print("FAILED", item[1]["a"], item[2][0]["reason"]))
    """
)


def test_beam_streams_rows_into_a_table_and_gets_the_bad_one_back(start_server, tmp_path):
    server = start_server()
    server.client.create_dataset("project-1.d")  # Beam refuses the short id of the other tests' project
    fields = [bigquery.SchemaField("a", "STRING"), bigquery.SchemaField("n", "INTEGER")]
    server.client.create_table(bigquery.Table("project-1.d.t", fields))
    credentials = tmp_path / "credentials.json"
    credentials.write_text(
        json.dumps(
            {
                "type": "authorized_user",
                "client_id": "x",
                "client_secret": "x",
                "refresh_token": "x",
                "token": "local",
                "expiry": "2099-01-01T00:00:00Z",
            }
        )
    )
    environment = {
        **os.environ,
        "BIGQUERY_EMULATOR_HOST": server.url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
        "GOOGLE_CLOUD_PROJECT": "project-1",
    }
    run = subprocess.run(
        [sys.executable, "-c", BEAM], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    failed = [line.split() for line in run.stdout.splitlines() if line.startswith("FAILED")]
    assert ["FAILED", "bad", "invalid"] in failed
    taken = server.rows("SELECT a FROM `project-1.d.t`")
    assert len(taken) == len(set(taken)) == 201 - len(failed)


def test_the_discovery_document_leads_here(server):
    document = requests.get(f"{server.url}/$discovery/rest?version=v2", timeout=60).json()
    assert document["rootUrl"] == f"{server.url}/"
    api = build_from_document(document, credentials=AnonymousCredentials())
    assert api.datasets().get(projectId="p", datasetId="d").execute()["id"] == "p:d"
    other = requests.get(f"{server.url}/discovery/v1/apis/bigquery/v2/rest", timeout=60).json()
    assert other["id"] == "bigquery:v2"


def test_the_generic_client_creates_inserts_and_queries(server):
    api = build(
        "bigquery",
        "v2",
        client_options={"api_endpoint": f"{server.url}/bigquery/v2/"},
        static_discovery=True,
        credentials=AnonymousCredentials(),
    )
    body = {
        "tableReference": {"projectId": "p", "datasetId": "d", "tableId": "t"},
        "schema": {"fields": [{"name": "a", "type": "STRING"}]},
    }
    made = api.tables().insert(projectId="p", datasetId="d", body=body).execute()
    assert (made["kind"], made["id"], made["numRows"]) == ("bigquery#table", "p:d.t", "0")
    rows = {"rows": [{"json": {"a": "x"}}]}
    assert api.tabledata().insertAll(projectId="p", datasetId="d", tableId="t", body=rows).execute() == {
        "kind": "bigquery#tableDataInsertAllResponse"
    }
    found = api.jobs().query(projectId="p", body={"query": "SELECT a FROM `p.d.t`", "useLegacySql": False}).execute()
    assert (found["kind"], found["rows"]) == ("bigquery#queryResponse", [{"f": [{"v": "x"}]}])
    assert api.tables().delete(projectId="p", datasetId="d", tableId="t").execute() == ""


@pytest.mark.skipif(shutil.which("bq") is None, reason="the bq command line is not installed")
def test_the_bq_command_line_makes_fills_and_queries_a_table(server, tmp_path):
    rows = tmp_path / "rows.json"
    rows.write_text('{"a": "x", "n": 1}\n{"a": "y", "n": 2}\n')
    environment = {
        **os.environ,
        "CLOUDSDK_CONFIG": str(tmp_path),
        "CLOUDSDK_AUTH_ACCESS_TOKEN": "local",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
    }

    def bq(*arguments):
        command = [
            "bq",
            "--api",
            server.url,
            "--project_id=project-1",
            "--headless",
            "--bigqueryrc=/dev/null",
            *arguments,
        ]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    bq("mk", "--force", "--dataset", "d")
    bq("mk", "--table", "d.t", "a:STRING,n:INTEGER")
    try:
        bq("load", "--source_format=NEWLINE_DELIMITED_JSON", "d.t", str(rows))
        answer = bq(
            "--format=json", "query", "--nouse_legacy_sql", "--parameter=n:INT64:2", "SELECT a FROM d.t WHERE n = @n"
        )
        assert json.loads(answer.strip().splitlines()[-1]) == [{"a": "y"}]
    finally:
        bq("rm", "-r", "-f", "d")
