"""Bytes as BigQuery's documentation counts them."""

from __future__ import annotations

import pytest
from google.cloud import bigquery


@pytest.mark.parametrize(
    ("column", "value", "size"),
    [
        ("a STRING", "aä", 2 + 3),
        ("a BYTES", "YWI=", 2 + 2),
        ("a INTEGER", 1, 8),
        ("a NUMERIC", "1.5", 16),
        ("a BOOLEAN", True, 1),
        ("a TIMESTAMP", "2020-01-01", 8),
        ("a STRING", None, 0),
        ("a INTEGER REPEATED", [1, 2], 16),
        ("a STRING REPEATED", [], 0),
        ("a JSON", "[1]", 2 + 3),
    ],
)
def test_a_row_has_the_documented_size(server, column, value, size):
    table = server.table(column)
    assert server.client.insert_rows_json(table, [{"a": value}, {"a": value}]) == []
    assert server.client.get_table(table).num_bytes == 2 * size


def test_a_record_is_as_large_as_its_members(server):
    fields = [bigquery.SchemaField("n", "INTEGER"), bigquery.SchemaField("s", "STRING", "REPEATED")]
    schema = [bigquery.SchemaField("r", "RECORD", "REPEATED", fields=fields)]
    server.client.create_table(bigquery.Table("p.d.t", schema))
    rows = [{"r": [{"n": 1, "s": ["a", "b"]}, {"n": None}]}, {"r": []}]
    assert server.client.insert_rows_json("p.d.t", rows) == []
    assert server.client.get_table("p.d.t").num_bytes == 8 + 2 * 3


def test_a_query_processes_the_tables_it_reads(server):
    table = server.table("a INTEGER")
    server.client.insert_rows_json(table, [{"a": 1}, {"a": 2}])
    dry = bigquery.QueryJobConfig(dry_run=True)
    assert server.client.query("SELECT a FROM d.t", job_config=dry).total_bytes_processed == 16
    server.client.insert_rows_json(table, [{"a": 3}])
    assert server.client.query("SELECT a FROM d.t").result().total_bytes_processed == 24
    assert server.client.query("SELECT 1").total_bytes_processed == 0
