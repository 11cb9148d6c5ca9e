"""Statements that change rows and tables."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest, Conflict, MethodNotImplemented, NotFound
from google.cloud import bigquery


@pytest.fixture
def stock(server):
    table = server.table("item STRING REQUIRED", "count INTEGER", "tags STRING REPEATED")
    rows = [{"item": "apple", "count": 1}, {"item": "pear", "count": 2}, {"item": "plum"}]
    assert server.client.insert_rows_json(table, rows) == []
    return table


def run(server, sql, **options):
    job = server.client.query(sql, job_config=bigquery.QueryJobConfig(**options))
    job.result()
    return job


ALL = "SELECT item, count FROM d.t ORDER BY item"


@pytest.mark.parametrize(
    ("sql", "affected", "rows"),
    [
        ("INSERT INTO d.t (item, count) VALUES ('fig', 9), ('kiwi', NULL)", 2,
         [("apple", 1), ("fig", 9), ("kiwi", None), ("pear", 2), ("plum", None)]),
        ("INSERT d.t (item) SELECT CONCAT(item, '2') FROM d.t WHERE count = 1", 1,
         [("apple", 1), ("apple2", None), ("pear", 2), ("plum", None)]),
        ("INSERT INTO d.t (item) WITH x AS (SELECT 'fig' AS item) SELECT item FROM x", 1,
         [("apple", 1), ("fig", None), ("pear", 2), ("plum", None)]),
        ("UPDATE d.t SET count = count + 1 WHERE count IS NOT NULL", 2, [("apple", 2), ("pear", 3), ("plum", None)]),
        ("UPDATE d.t SET count = s.n FROM (SELECT 'plum' AS item, 7 AS n) AS s WHERE t.item = s.item", 1,
         [("apple", 1), ("pear", 2), ("plum", 7)]),
        ("DELETE FROM d.t WHERE count = 1", 1, [("pear", 2), ("plum", None)]),
        ("DELETE d.t WHERE TRUE", 3, []),
        ("DELETE FROM d.t AS x WHERE x.item IN (SELECT item FROM d.t WHERE count > 1)", 1,
         [("apple", 1), ("plum", None)]),
        ("TRUNCATE TABLE d.t", 3, []),
        ("""MERGE d.t AS t USING (SELECT 'pear' AS item, 5 AS n UNION ALL SELECT 'fig', 6) AS s ON t.item = s.item
            WHEN MATCHED THEN UPDATE SET count = s.n
            WHEN NOT MATCHED BY TARGET THEN INSERT (item, count) VALUES (s.item, s.n)
            WHEN NOT MATCHED BY SOURCE AND t.count IS NULL THEN DELETE""", 3, [("apple", 1), ("fig", 6), ("pear", 5)]),
        ("""MERGE d.t AS t USING (SELECT 'fig' AS item, 6 AS count, ['x'] AS tags) AS s ON FALSE
            WHEN NOT MATCHED THEN INSERT ROW""", 1, [("apple", 1), ("fig", 6), ("pear", 2), ("plum", None)]),
    ],
)  # fmt: skip
def test_rows_change_and_are_counted(server, stock, sql, affected, rows):
    job = run(server, sql)
    assert job.num_dml_affected_rows == affected
    assert server.rows(ALL) == rows


def test_statistics_name_the_kind_of_statement(server, stock):
    job = run(server, "INSERT INTO d.t (item) VALUES ('fig')")
    assert job.statement_type == "INSERT"
    assert job.dml_stats.inserted_row_count == 1
    assert [str(table) for table in job.referenced_tables] == ["p.d.t"]


def test_a_required_column_stays_filled(server, stock):
    job = server.client.query("INSERT INTO d.t (count) VALUES (1)")
    with pytest.raises(BadRequest, match="Required field item cannot be null"):
        job.result()
    assert job.error_result["reason"] == "invalidQuery"
    assert server.value("SELECT COUNT(*) FROM d.t") == 3


def test_a_statement_that_fails_halfway_changes_nothing(server, stock):
    with pytest.raises(BadRequest):
        run(server, "UPDATE d.t SET count = CAST(item AS INT64) WHERE TRUE")
    assert server.rows(ALL) == [("apple", 1), ("pear", 2), ("plum", None)]


def test_create_table_with_columns_partitions_and_clusters(server):
    run(
        server,
        """CREATE TABLE d.made (a INT64 NOT NULL OPTIONS (description = 'the a'), at TIMESTAMP, s STRUCT<x INT64, y
        ARRAY<STRING>>, l ARRAY<FLOAT64>) PARTITION BY DATE(at) CLUSTER BY a OPTIONS (description = 'made here')""",
    )
    table = server.client.get_table("d.made")
    assert [(f.name, f.field_type, f.mode) for f in table.schema] == [
        ("a", "INTEGER", "REQUIRED"),
        ("at", "TIMESTAMP", "NULLABLE"),
        ("s", "RECORD", "NULLABLE"),
        ("l", "FLOAT", "REPEATED"),
    ]
    assert [(f.name, f.field_type, f.mode) for f in table.schema[2].fields] == [
        ("x", "INTEGER", "NULLABLE"),
        ("y", "STRING", "REPEATED"),
    ]
    assert (table.schema[0].description, table.description) == ("the a", "made here")
    assert (table.time_partitioning.field, table.time_partitioning.type_) == ("at", "DAY")
    assert table.clustering_fields == ["a"]


def test_create_table_as_select_keeps_types_and_rows(server, stock):
    job = run(server, "CREATE TABLE d.copy AS SELECT *, CURRENT_TIMESTAMP() AS at FROM d.t")
    assert (job.ddl_operation_performed, str(job.ddl_target_table)) == ("CREATE", "p.d.copy")
    table = server.client.get_table("d.copy")
    assert [(f.name, f.field_type) for f in table.schema] == [
        ("item", "STRING"),
        ("count", "INTEGER"),
        ("tags", "STRING"),
        ("at", "TIMESTAMP"),
    ]
    assert table.num_rows == 3


def test_create_of_an_existing_table_conflicts_replaces_or_skips(server, stock):
    with pytest.raises(Conflict, match=r"Already Exists: Table p:d\.t"):
        run(server, "CREATE TABLE d.t AS SELECT 1 AS x")
    assert run(server, "CREATE TABLE IF NOT EXISTS d.t AS SELECT 1 AS x").ddl_operation_performed == "SKIP"
    assert server.value("SELECT COUNT(*) FROM d.t") == 3
    assert run(server, "CREATE OR REPLACE TABLE d.t AS SELECT 1 AS x").ddl_operation_performed == "REPLACE"
    assert server.rows("SELECT x FROM d.t") == [1]


def test_a_table_can_be_replaced_by_a_query_of_itself(server, stock):
    run(server, "CREATE OR REPLACE TABLE d.t AS SELECT item FROM d.t WHERE count > 1")
    assert server.rows("SELECT item FROM d.t") == ["pear"]


def test_drop_removes_and_if_exists_forgives(server, stock):
    assert run(server, "DROP TABLE d.t").ddl_operation_performed == "DROP"
    with pytest.raises(NotFound):
        server.client.get_table("d.t")
    with pytest.raises(NotFound):
        run(server, "DROP TABLE d.t")
    assert run(server, "DROP TABLE IF EXISTS d.t").ddl_operation_performed == "SKIP"


def test_a_view_answers_what_its_tables_hold_now(server, stock):
    run(server, "CREATE VIEW d.counted AS SELECT item FROM d.t WHERE count IS NOT NULL")
    run(server, "CREATE VIEW d.first AS SELECT MIN(item) AS item FROM `p.d.counted`")
    assert server.rows("SELECT item FROM d.first") == ["apple"]
    run(server, "DELETE FROM d.t WHERE item = 'apple'")
    assert server.rows("SELECT f.item FROM d.first AS f") == ["pear"]
    view = server.client.get_table("d.counted")
    assert (view.table_type, [field.name for field in view.schema]) == ("VIEW", ["item"])


def test_a_view_made_by_the_api_is_checked_and_joined_with_tables(server, stock):
    view = bigquery.Table("p.d.v")
    view.view_query = "SELECT item, count * 2 AS twice FROM `p.d.t`"
    server.client.create_table(view)
    sql = "SELECT v.twice FROM d.v JOIN d.t ON v.item = t.item WHERE t.count = 2"
    assert server.rows(sql) == [4]
    broken = bigquery.Table("p.d.w")
    broken.view_query = "SELECT nope FROM `p.d.t`"
    with pytest.raises(BadRequest, match="Unrecognized name: nope"):
        server.client.create_table(broken)


def test_a_view_names_its_tables_with_their_dataset(server, stock):
    with pytest.raises(BadRequest, match="must be qualified with a dataset"):
        run(server, "CREATE VIEW v AS SELECT item FROM t", default_dataset="p.d")
    run(server, "CREATE VIEW v AS SELECT item FROM d.t", default_dataset="p.d")
    assert server.value("SELECT COUNT(*) FROM d.v") == 3


def test_a_view_cannot_be_written_listed_or_dropped_as_a_table(server, stock):
    run(server, "CREATE VIEW d.v AS SELECT item FROM d.t")
    with pytest.raises(BadRequest, match="Cannot modify a view"):
        run(server, "DELETE FROM d.v WHERE TRUE")
    with pytest.raises(BadRequest, match="Cannot list a table of type VIEW"):
        list(server.client.list_rows("d.v", selected_fields=[bigquery.SchemaField("item", "STRING")]))
    with pytest.raises(BadRequest, match="is a VIEW; use DROP VIEW"):
        run(server, "DROP TABLE d.v")
    with pytest.raises(BadRequest, match="of type VIEW"):
        server.client.insert_rows_json("d.v", [{"item": "x"}])
    run(server, "DROP VIEW d.v")


def test_views_that_name_each_other_in_a_circle_end(server, stock):
    run(server, "CREATE VIEW d.a AS SELECT item FROM d.t")
    run(server, "CREATE VIEW d.b AS SELECT item FROM d.a")
    view = server.client.get_table("d.a")
    view.view_query = "SELECT item FROM `p.d.b`"
    server.client.update_table(view, ["view_query"])
    with pytest.raises(BadRequest, match="Too many nested views"):
        server.rows("SELECT * FROM d.a")


def test_a_result_goes_to_the_destination_table_as_its_disposition_says(server, stock):
    target = "p.d.kept"
    options = {"destination": target, "write_disposition": "WRITE_EMPTY"}
    run(server, "SELECT item FROM d.t WHERE count = 1", **options)
    with pytest.raises(Conflict, match=r"Already Exists: Table p:d\.kept"):
        run(server, "SELECT item FROM d.t", **options)
    job = run(server, "SELECT item FROM d.t WHERE count = 2", **{**options, "write_disposition": "WRITE_APPEND"})
    assert [row[0] for row in job.result()] == ["pear"]
    assert server.rows("SELECT item FROM d.kept ORDER BY item") == ["apple", "pear"]
    run(server, "SELECT 1 AS x", **{**options, "write_disposition": "WRITE_TRUNCATE"})
    assert server.rows("SELECT * FROM d.kept") == [1]


def test_a_destination_is_refused_for_other_statements(server, stock):
    with pytest.raises(BadRequest, match="Cannot set destination table in jobs with DELETE"):
        run(server, "DELETE FROM d.t WHERE TRUE", destination="p.d.x")


def test_a_dry_run_checks_and_leaves_nothing(server, stock):
    config = bigquery.QueryJobConfig(dry_run=True)
    job = server.client.query("SELECT item FROM d.t", job_config=config)
    assert (job.state, job.dry_run, [field.name for field in job.schema]) == ("DONE", True, ["item"])
    server.client.query("DELETE FROM d.t WHERE TRUE", job_config=config)
    server.client.query("CREATE TABLE d.x AS SELECT 1 AS a", job_config=config)
    with pytest.raises(BadRequest):
        server.client.query("SELECT nope FROM d.t", job_config=config)
    assert server.value("SELECT COUNT(*) FROM d.t") == 3
    assert [table.table_id for table in server.client.list_tables("d")] == ["t"]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TEMP TABLE x AS SELECT 1 AS a",
        "CREATE TABLE d.x LIKE d.t",
        "CREATE TABLE d.x CLONE d.t",
        "CREATE TABLE d.x (a INT64 DEFAULT 1)",
        "CREATE TABLE d.x (a GEOGRAPHY)",
        "CREATE TABLE d.x (a INT64) OPTIONS (expiration_timestamp = TIMESTAMP '2030-01-01')",
        "CREATE MATERIALIZED VIEW d.x AS SELECT 1 AS a",
        "CREATE EXTERNAL TABLE d.x OPTIONS (format = 'CSV', uris = ['gs://b/o'])",
        "DROP SCHEMA d",
    ],
)
def test_other_forms_are_refused(server, stock, sql):
    with pytest.raises(MethodNotImplemented):
        run(server, sql)
