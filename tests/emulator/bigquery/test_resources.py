"""Datasets and tables: made, read, listed, changed, removed."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest, Conflict, MethodNotImplemented, NotFound, PreconditionFailed
from google.cloud import bigquery

Field = bigquery.SchemaField


def test_a_dataset_keeps_what_was_said_of_it(server):
    wanted = bigquery.Dataset("p.made")
    wanted.location, wanted.description, wanted.friendly_name = "EU", "for tests", "Made"
    wanted.labels = {"team": "x"}
    wanted.default_table_expiration_ms = 3_600_000
    server.client.create_dataset(wanted)
    made = server.client.get_dataset("made")
    assert (made.location, made.description, made.friendly_name) == ("EU", "for tests", "Made")
    assert (made.labels, made.default_table_expiration_ms) == ({"team": "x"}, 3_600_000)
    assert made.created is not None
    assert made.full_dataset_id == "p:made"


def test_a_dataset_that_exists_conflicts(server):
    with pytest.raises(Conflict, match="Already Exists: Dataset p:d") as refused:
        server.client.create_dataset("d")
    assert refused.value.errors[0]["reason"] == "duplicate"
    server.client.create_dataset("d", exists_ok=True)


def test_a_missing_dataset_is_not_found(server):
    with pytest.raises(NotFound, match="Not found: Dataset p:absent"):
        server.client.get_dataset("absent")
    with pytest.raises(NotFound, match="Not found: Dataset p:absent"):
        server.client.create_table(bigquery.Table("p.absent.t", [Field("a", "STRING")]))
    server.client.delete_dataset("absent", not_found_ok=True)


def test_datasets_are_listed_page_by_page_without_hidden_ones(server):
    for name in ("a", "b", "_hidden"):
        server.client.create_dataset(name)
    assert [one.dataset_id for one in server.client.list_datasets(page_size=2)] == ["a", "b", "d"]
    assert "_hidden" in [one.dataset_id for one in server.client.list_datasets(include_all=True)]


def test_names_that_differ_in_case_are_different(server):
    server.client.create_dataset("D")
    server.client.create_table(bigquery.Table("p.d.T", [Field("a", "STRING")]))
    server.client.create_table(bigquery.Table("p.d.t", [Field("b", "STRING")]))
    server.client.create_table(bigquery.Table("p.D.t", [Field("c", "STRING")]))
    assert [server.client.get_table(name).schema[0].name for name in ("p.d.T", "p.d.t", "p.D.t")] == ["a", "b", "c"]


def test_a_patched_dataset_changes_only_what_was_sent(server):
    dataset = server.client.get_dataset("d")
    dataset.description, dataset.labels = "new", {"a": "b"}
    server.client.update_dataset(dataset, ["description", "labels"])
    dataset.description = None
    changed = server.client.update_dataset(server.client.get_dataset("d"), [])
    assert (changed.description, changed.labels) == ("new", {"a": "b"})
    changed.description = None
    assert server.client.update_dataset(changed, ["description"]).description is None


def test_a_change_of_what_has_changed_meanwhile_is_refused(server):
    first, second = server.client.get_dataset("d"), server.client.get_dataset("d")
    first.description = "first"
    server.client.update_dataset(first, ["description"])
    second.description = "second"
    with pytest.raises(PreconditionFailed):
        server.client.update_dataset(second, ["description"])
    assert server.client.get_dataset("d").description == "first"


def test_a_dataset_with_tables_is_deleted_only_when_told_so(server):
    server.table("a STRING")
    with pytest.raises(BadRequest, match="still in use"):
        server.client.delete_dataset("d")
    server.client.delete_dataset("d", delete_contents=True)
    with pytest.raises(NotFound):
        server.client.get_table("p.d.t")


def test_a_table_keeps_its_schema_to_the_letter(server):
    schema = [
        Field("a", "STRING", "REQUIRED", description="first"),
        Field("b", "INT64"),
        Field("r", "RECORD", "REPEATED", fields=[Field("x", "FLOAT64"), Field("y", "BYTES", "REPEATED")]),
        Field("j", "JSON"),
        Field("n", "NUMERIC"),
        Field("d", "DATE"),
        Field("t", "TIME"),
        Field("dt", "DATETIME"),
        Field("ts", "TIMESTAMP"),
        Field("ok", "BOOL"),
    ]
    server.client.create_table(bigquery.Table("p.d.t", schema))
    table = server.client.get_table("p.d.t")
    assert [(f.name, f.mode) for f in table.schema] == [(f.name, f.mode) for f in schema]
    assert [f.field_type for f in table.schema] == [
        "STRING", "INTEGER", "RECORD", "JSON", "NUMERIC", "DATE", "TIME", "DATETIME", "TIMESTAMP", "BOOLEAN",
    ]  # fmt: skip
    assert [(f.name, f.field_type, f.mode) for f in table.schema[2].fields] == [
        ("x", "FLOAT", "NULLABLE"),
        ("y", "BYTES", "REPEATED"),
    ]
    assert table.schema[0].description == "first"
    assert (table.full_table_id, table.table_type, table.location) == ("p:d.t", "TABLE", "US")


def test_a_table_that_exists_conflicts(server):
    server.table("a STRING")
    with pytest.raises(Conflict, match=r"Already Exists: Table p:d\.t") as refused:
        server.table("a STRING")
    assert refused.value.errors[0]["reason"] == "duplicate"


def test_tables_are_listed_page_by_page(server):
    for number in range(5):
        server.table("a STRING", name=f"t{number}")
    assert [one.table_id for one in server.client.list_tables("d", page_size=2)] == [f"t{n}" for n in range(5)]
    assert server.call("GET", "datasets/d/tables").json()["totalItems"] == 5


def test_a_schema_grows_at_its_end_and_relaxes(server):
    table = server.client.get_table(server.table("a STRING REQUIRED"))
    server.client.insert_rows_json(table, [{"a": "old"}])
    table.schema = [Field("a", "STRING"), Field("b", "INTEGER"), Field("l", "STRING", "REPEATED")]
    server.client.update_table(table, ["schema"])
    assert server.client.insert_rows_json("p.d.t", [{"b": 2, "l": ["x"]}]) == []
    assert sorted(server.rows("SELECT a, b, l FROM d.t"), key=str) == [("old", None, []), (None, 2, ["x"])]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ([Field("b", "STRING")], "Field a is missing in new schema"),
        ([Field("a", "INTEGER")], "changed type from STRING to INTEGER"),
        ([Field("a", "STRING", "REQUIRED")], "changed mode from NULLABLE to REQUIRED"),
        ([Field("a", "STRING"), Field("b", "STRING", "REQUIRED")], "Cannot add required fields"),
    ],
)
def test_a_schema_does_not_change_otherwise(server, schema, message):
    table = server.client.get_table(server.table("a STRING"))
    table.schema = schema
    with pytest.raises(BadRequest, match=message):
        server.client.update_table(table, ["schema"])


def test_a_patched_table_has_a_new_etag_and_the_old_one_is_refused(server):
    stale, table = server.client.get_table(server.table("a STRING")), server.client.get_table("p.d.t")
    table.description = "new"
    assert server.client.update_table(table, ["description"]).etag != stale.etag
    stale.description = "other"
    with pytest.raises(PreconditionFailed):
        server.client.update_table(stale, ["description"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"schema": {"fields": [{"name": "a-b", "type": "STRING"}]}}, 400),
        ({"schema": {"fields": [{"name": "a", "type": "TEXT"}]}}, 400),
        ({"schema": {"fields": [{"name": "a", "type": "STRING"}, {"name": "A", "type": "STRING"}]}}, 400),
        ({"schema": {"fields": [{"name": "_PARTITIONTIME", "type": "TIMESTAMP"}]}}, 400),
        ({"schema": {"fields": [{"name": "a", "type": "RECORD"}]}}, 400),
        ({"schema": {"fields": [{"name": "a", "type": "STRING", "colour": "red"}]}}, 400),
        ({"schema": {"fields": [{"name": "a", "type": "STRING", "mode": "SOMETIMES"}]}}, 400),
        ({"schema": "a:STRING"}, 400),
        ({"colour": "red"}, 400),
        ({"timePartitioning": {"type": "DAY", "field": "absent"}}, 400),
        ({"timePartitioning": {"type": "WEEK", "field": "a"}}, 400),
        ({"timePartitioning": {"type": "DAY", "field": "a"}}, 400),
        ({"clustering": {"fields": ["absent"]}}, 400),
        ({"tableReference": {"projectId": "p", "datasetId": "d", "tableId": "a/b"}}, 400),
        ({"tableReference": {"projectId": "p", "datasetId": "other", "tableId": "t"}}, 400),
        ({"timePartitioning": {"type": "DAY"}}, 501),
        ({"requirePartitionFilter": True}, 501),
        ({"schema": {"fields": [{"name": "a", "type": "GEOGRAPHY"}]}}, 501),
        ({"schema": {"fields": [{"name": "a", "type": "STRING", "defaultValueExpression": "'x'"}]}}, 501),
        ({"externalDataConfiguration": {"sourceFormat": "CSV"}}, 501),
        ({"view": {"query": "SELECT 1"}}, 501),
    ],
)
def test_a_table_that_cannot_be_is_refused(server, change, error):
    body = {
        "tableReference": {"projectId": "p", "datasetId": "d", "tableId": "t"},
        "schema": {"fields": [{"name": "a", "type": "STRING"}]},
    }
    answer = server.call("POST", "datasets/d/tables", {**body, **change})
    assert answer.status_code == error, answer.text
    assert answer.json()["error"]["errors"][0]["reason"] in {"invalid", "notImplemented"}
    assert list(server.client.list_tables("d")) == []


def test_a_deleted_table_is_gone_with_its_rows(server):
    table = server.table("a STRING")
    server.client.insert_rows_json(table, [{"a": "x"}])
    server.client.delete_table(table)
    server.client.delete_table(table, not_found_ok=True)
    server.table("a STRING")
    assert server.value("SELECT COUNT(*) FROM d.t") == 0


def test_methods_that_are_not_implemented_say_so(server):
    for verb, path in [
        ("GET", "serviceAccount"),
        ("PUT", "datasets/d"),
        ("GET", "datasets/d/routines"),
        ("POST", "datasets/d/tables/t:getIamPolicy"),
    ]:
        answer = server.call(verb, path)
        assert answer.status_code == 501, path
        assert "FIDELITY" in answer.json()["error"]["message"]
    copy = {"configuration": {"copy": {"sourceTable": {}, "destinationTable": {}}}}
    assert server.call("POST", "jobs", copy).status_code == 501
    with pytest.raises(MethodNotImplemented):
        server.client.extract_table("p.d.t", "gs://b/o")


def test_a_query_parameter_that_the_method_does_not_have_is_refused(server):
    assert server.call("GET", "datasets?colour=red").status_code == 400
    assert server.call("GET", "datasets/d?deleteContents=true").status_code == 400
    assert server.call("GET", "datasets?prettyPrint=false&alt=json&quotaUser=x&maxResults=5").status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"a": NaN}', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(server, body):
    import requests  # noqa: PLC0415

    url = f"{server.url}/bigquery/v2/projects/p/datasets"
    answer = requests.post(url, data=body, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["domain"] == "global"
