"""Load jobs: sources, dispositions, bad rows, uploads."""

from __future__ import annotations

import gzip
import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError, MethodNotImplemented, NotFound
from google.cloud import bigquery

Field = bigquery.SchemaField


@pytest.fixture
def table(server):
    return server.table("a STRING REQUIRED", "n INTEGER")


def all_rows(server):
    return server.rows("SELECT a, n FROM d.t ORDER BY a, n")


def test_several_objects_and_a_wildcard_are_loaded_together(server, table):
    server.put("gs://b/x-1.json", {"a": "1"}, {"a": "2"})
    server.put("gs://b/x-2.json", {"a": "3"})
    server.put("gs://b/y.json", {"a": "4"})
    job = server.load(["gs://b/x-*.json", "gs://b/y.json"], table)
    job.result()
    assert (job.input_files, job.output_rows) == (3, 4)
    assert job.input_file_bytes == sum(len(data) for data in server.objects.values())
    assert [row[0] for row in all_rows(server)] == ["1", "2", "3", "4"]


def test_gzip_objects_are_unpacked(server, table):
    server.objects["gs://b/rows.json.gz"] = gzip.compress(b'{"a":"1"}\n') + gzip.compress(b'{"a":"2"}\n')
    server.load("gs://b/rows.json.gz", table).result()
    assert len(all_rows(server)) == 2
    server.objects["gs://b/rows.json.gz"] = gzip.compress(b'{"a":"3"}\n')[:-5]
    with pytest.raises(BadRequest, match="gzip file is damaged"):
        server.load("gs://b/rows.json.gz", table).result()


def test_blank_lines_windows_lines_and_a_missing_last_newline_are_fine(server, table):
    server.objects["gs://b/o"] = b'\n{"a":"1"}\r\n\r\n  \n{"a":"2"}'
    server.load("gs://b/o", table).result()
    assert len(all_rows(server)) == 2


def test_an_empty_object_loads_no_rows(server, table):
    server.objects["gs://b/o"] = b""
    assert server.load("gs://b/o", table).result().output_rows == 0


@pytest.mark.parametrize("uri", ["gs://b/absent.json", "gs://b/absent-*.json"])
def test_an_object_that_does_not_exist_fails_the_job(server, table, uri):
    job = server.load(uri, table)
    with pytest.raises(NotFound):
        job.result()
    assert (job.error_result["reason"], job.error_result["location"]) == ("notFound", uri)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b'{"a":',
        b"[1]",
        b'"a"',
        b"1",
        b'{"a":NaN}',
        b"\xff\xfe",
        b'{"n":1}',
        b'{"a":"x","b":1}',
        b'{"a":null}',
        b'{"a":["x"]}',
        b'{"a":"x"} {"a":"y"}',
    ],
)
def test_a_bad_line_loads_nothing_of_any_object(server, table, line):
    server.put("gs://b/good", {"a": "1"})
    server.objects["gs://b/bad"] = b'{"a":"2"}\n' + line + b"\n"
    job = server.load(["gs://b/good", "gs://b/bad"], table)
    with pytest.raises(BadRequest):
        job.result()
    assert job.errors[2]["location"] == "gs://b/bad"
    assert "position 10:" in job.errors[2]["message"]
    assert all_rows(server) == []


def test_bad_rows_up_to_the_limit_are_left_out_and_listed(server, table):
    server.put("gs://b/o", {"a": "1"}, {"n": 2}, {"a": "3"}, {"a": "4", "n": "x"})
    job = server.load("gs://b/o", table, max_bad_records=2)
    job.result()
    assert (job.output_rows, len(job.errors), job.error_result) == (2, 2, None)
    assert job._properties["statistics"]["load"]["badRecords"] == "2"
    with pytest.raises(BadRequest, match="errors: 2"):
        server.load("gs://b/o", table, max_bad_records=1).result()
    assert [row[0] for row in all_rows(server)] == ["1", "3"]


def test_unknown_fields_are_ignored_when_asked(server, table):
    server.put("gs://b/o", {"a": "1", "x": {"y": 1}})
    with pytest.raises(BadRequest):
        server.load("gs://b/o", table).result()
    server.load("gs://b/o", table, ignore_unknown_values=True).result()
    assert all_rows(server) == [("1", None)]


def test_json_columns_take_strings_as_they_are(server):
    table = server.table("j JSON")
    server.put("gs://b/o", {"j": '{"a": 1}'}, {"j": {"a": 1}})
    server.load("gs://b/o", table).result()
    assert server.rows("SELECT j FROM d.t ORDER BY TO_JSON_STRING(j)") == ['{"a": 1}', {"a": 1}]


def test_write_dispositions(server, table):
    server.put("gs://b/1", {"a": "1"})
    server.put("gs://b/2", {"a": "2"})
    server.load("gs://b/1", table, write_disposition="WRITE_EMPTY").result()
    job = server.load("gs://b/2", table, write_disposition="WRITE_EMPTY")
    with pytest.raises(Conflict, match=r"Already Exists: Table p:d\.t"):
        job.result()
    assert job.error_result["reason"] == "duplicate"
    server.load("gs://b/2", table, write_disposition="WRITE_APPEND").result()
    assert len(all_rows(server)) == 2
    server.load("gs://b/2", table, write_disposition="WRITE_TRUNCATE").result()
    assert all_rows(server) == [("2", None)]


def test_a_truncating_load_that_fails_keeps_the_old_rows(server, table):
    server.put("gs://b/1", {"a": "1"})
    server.load("gs://b/1", table).result()
    server.put("gs://b/2", {"a": "2"}, {"bad": 1})
    with pytest.raises(BadRequest):
        server.load("gs://b/2", table, write_disposition="WRITE_TRUNCATE").result()
    assert all_rows(server) == [("1", None)]


def test_a_truncating_load_may_bring_another_schema(server, table):
    server.put("gs://b/1", {"z": 1.5})
    server.load("gs://b/1", table, write_disposition="WRITE_TRUNCATE", schema=[Field("z", "FLOAT")]).result()
    assert server.rows("SELECT * FROM d.t") == [1.5]


def test_create_dispositions(server):
    server.put("gs://b/1", {"a": "1", "at": "2020-01-01T00:00:00Z"})
    job = server.load("gs://b/1", "p.d.new")
    with pytest.raises(NotFound, match=r"Not found: Table p:d\.new"):
        job.result()
    options = {
        "create_disposition": "CREATE_IF_NEEDED",
        "schema": [Field("a", "STRING"), Field("at", "TIMESTAMP")],
        "time_partitioning": bigquery.TimePartitioning(field="at"),
        "clustering_fields": ["a"],
    }
    server.load("gs://b/1", "p.d.new", **options).result()
    made = server.client.get_table("p.d.new")
    assert (made.num_rows, made.time_partitioning.field, made.clustering_fields) == (1, "at", ["a"])
    with pytest.raises(BadRequest, match="No schema specified"):
        server.load("gs://b/1", "p.d.other", create_disposition="CREATE_IF_NEEDED").result()
    with pytest.raises(NotFound, match="Not found: Dataset p:absent"):
        server.load("gs://b/1", "p.absent.t", **options).result()


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ([Field("a", "INTEGER")], "changed type from STRING to INTEGER"),
        ([Field("a", "STRING"), Field("x", "STRING")], r"Cannot add fields \(field: x\)"),
    ],
)
def test_a_schema_that_does_not_fit_the_table_fails_the_job(server, table, schema, message):
    server.put("gs://b/1", {"a": "1"})
    with pytest.raises(BadRequest, match=message):
        server.load("gs://b/1", table, schema=schema).result()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"sourceFormat": "CSV"}, 501),
        ({"sourceFormat": None}, 501),
        ({"sourceFormat": "AVRO"}, 501),
        ({"encoding": "ISO-8859-1"}, 501),
        ({"schemaUpdateOptions": ["ALLOW_FIELD_ADDITION"]}, 501),
        ({"writeDisposition": "WRITE_TRUNCATE_DATA"}, 501),
        ({"destinationTable": {"projectId": "p", "datasetId": "d", "tableId": "t$20200101"}}, 501),
        ({"writeDisposition": "WRITE_SOMETIMES"}, 400),
        ({"sourceUris": []}, 400),
        ({"sourceUris": ["/etc/passwd"]}, 400),
        ({"sourceUris": ["gs://b/*/*"]}, 400),
        ({"destinationTable": None}, 400),
        ({"colour": "red"}, 400),
    ],
)
def test_a_configuration_that_cannot_be_done_makes_no_job(server, table, change, status):
    config = {
        "sourceUris": ["gs://b/o"],
        "sourceFormat": "NEWLINE_DELIMITED_JSON",
        "destinationTable": {"projectId": "p", "datasetId": "d", "tableId": "t"},
    }
    body = {"jobReference": {"projectId": "p", "jobId": "x"}, "configuration": {"load": {**config, **change}}}
    answer = server.call("POST", "jobs", body)
    assert answer.status_code == status, answer.text
    assert server.call("GET", "jobs/x").status_code == 404


def test_of_many_calls_with_one_job_id_exactly_one_loads(server, table):
    server.put("gs://b/o", {"a": "1"})

    def start(_):
        try:
            server.load("gs://b/o", table, job_id="same").result()
        except Conflict:
            return "conflict"
        return "loaded"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(start, range(16)))
    assert sorted(outcomes) == ["conflict"] * 15 + ["loaded"]
    assert len(all_rows(server)) == 1


def test_loads_and_inserts_at_the_same_time_lose_nothing(server, table):
    server.put("gs://b/o", *({"a": f"load{number}"} for number in range(50)))

    def work(number):
        if number % 2:
            server.load("gs://b/o", table).result()
        else:
            assert server.client.insert_rows_json(table, [{"a": "insert"}] * 50) == []

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(12)))
    assert server.value("SELECT COUNT(*) FROM d.t") == 600


def test_a_file_is_loaded_by_multipart_upload(server, table):
    data = b'{"a":"--boundary"}\n{"a":"2"}\n'
    config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON")
    job = server.client.load_table_from_file(io.BytesIO(data), table, size=len(data), job_config=config, job_id="up")
    assert job.result().output_rows == 2
    assert [row[0] for row in all_rows(server)] == ["--boundary", "2"]
    with pytest.raises(Conflict):
        server.client.load_table_from_file(io.BytesIO(data), table, size=len(data), job_config=config, job_id="up")


def test_a_file_is_loaded_by_resumable_upload_in_pieces(server, table):
    data = b"".join(json.dumps({"a": f"{number:07d}"}).encode() + b"\n" for number in range(60_000))
    config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON")
    job = server.client.load_table_from_file(io.BytesIO(data), table, job_config=config)
    assert job.result().output_rows == 60_000
    assert server.value("SELECT COUNT(DISTINCT a) FROM d.t") == 60_000


def test_json_rows_of_the_client_are_loaded(server, table):
    server.client.load_table_from_json([{"a": "1", "n": 2}], table).result()
    assert all_rows(server) == [("1", 2)]
    with pytest.raises(MethodNotImplemented, match="give the job a schema"):
        server.client.load_table_from_json([{"a": "1"}], "p.d.absent")


def test_an_upload_session_that_is_not_open_or_whose_bytes_do_not_follow_is_refused(server, table):
    url = f"{server.url}/upload/bigquery/v2/projects/p/jobs?uploadType=resumable"
    config = {"load": {"sourceFormat": "NEWLINE_DELIMITED_JSON",
                       "destinationTable": {"projectId": "p", "datasetId": "d", "tableId": "t"}}}  # fmt: skip
    started = requests.post(url, json={"configuration": config}, timeout=60)
    location = started.headers["Location"]
    ranges = {"Content-Range": "bytes 5-6/7"}
    assert requests.put(location, data=b"ab", headers=ranges, timeout=60).status_code == 400
    first = requests.put(location, data=b'{"a":', headers={"Content-Range": "bytes 0-4/*"}, timeout=60)
    assert (first.status_code, first.headers["Range"]) == (308, "bytes=0-4")
    asked = requests.put(location, headers={"Content-Range": "bytes */*"}, timeout=60)
    assert (asked.status_code, asked.headers["Range"]) == (308, "bytes=0-4")
    last = requests.put(location, data=b'"x"}', headers={"Content-Range": "bytes 5-8/9"}, timeout=60)
    assert (last.status_code, last.json()["status"]["state"]) == (200, "DONE")
    assert requests.put(location, data=b"", timeout=60).status_code == 404
    assert all_rows(server) == [("x", None)]
    config["load"]["sourceFormat"] = "CSV"
    assert requests.post(url, json={"configuration": config}, timeout=60).status_code == 501


def test_a_malformed_multipart_body_is_refused(server):
    url = f"{server.url}/upload/bigquery/v2/projects/p/jobs?uploadType=multipart"
    for content_type in ("multipart/related; boundary=x", "multipart/related", "text/plain", ""):
        answer = requests.post(url, data=b"--x\r\n\r\n{}", headers={"Content-Type": content_type}, timeout=60)
        assert answer.status_code == 400, content_type


def test_a_job_in_another_place_than_its_dataset_does_not_find_it(server, table):
    server.put("gs://b/o", {"a": "1"})
    config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON")
    job = server.client.load_table_from_uri("gs://b/o", table, location="EU", job_config=config)
    with pytest.raises(GoogleAPICallError, match="was not found in location EU"):
        job.result()
