"""tabledata.insertAll: rows in, an error for each row that cannot be taken, repeated insert ids taken once."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from google.api_core.exceptions import BadRequest, NotFound


@pytest.fixture
def table(server):
    return server.table("a STRING REQUIRED", "n INTEGER", "at TIMESTAMP", "l STRING REPEATED")


def insert(server, *rows, **options):
    body = {"rows": [{"json": row} for row in rows], **options}
    answer = server.call("POST", "datasets/d/tables/t/insertAll", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_rows_are_there_when_the_call_returns(server, table):
    assert server.client.insert_rows_json(table, [{"a": "x", "n": 1}, {"a": "y", "l": ["p", "q"]}]) == []
    assert server.rows("SELECT a, n, l FROM d.t ORDER BY a") == [("x", 1, []), ("y", None, ["p", "q"])]


def test_one_bad_row_stops_the_others(server, table):
    answer = insert(server, {"a": "x"}, {"a": "y", "n": "canary"}, {"a": "z"})
    assert answer == {
        "kind": "bigquery#tableDataInsertAllResponse",
        "insertErrors": [
            {
                "index": 1,
                "errors": [
                    {
                        "reason": "invalid",
                        "location": "n",
                        "debugInfo": "",
                        "message": "Cannot convert value to integer (bad value). Field: n",
                    }
                ],
            },
            {"index": 0, "errors": [{"reason": "stopped", "location": "", "debugInfo": "", "message": ""}]},
            {"index": 2, "errors": [{"reason": "stopped", "location": "", "debugInfo": "", "message": ""}]},
        ],
    }
    assert server.value("SELECT COUNT(*) FROM d.t") == 0


def test_invalid_rows_are_skipped_when_asked(server, table):
    errors = insert(server, {"a": "x"}, {"n": 1}, {"a": "z"}, skipInvalidRows=True)["insertErrors"]
    assert [(one["index"], one["errors"][0]["message"]) for one in errors] == [(1, "Missing required field: a.")]
    assert server.rows("SELECT a FROM d.t ORDER BY a") == ["x", "z"]


def test_an_unknown_field_is_an_error_unless_ignored(server, table):
    (error,) = insert(server, {"a": "x", "b": 1})["insertErrors"]
    assert error["errors"][0] == {
        "reason": "invalid",
        "location": "b",
        "debugInfo": "",
        "message": "no such field: b.",
    }
    assert "insertErrors" not in insert(server, {"a": "x", "b": 1}, ignoreUnknownValues=True)
    assert server.rows("SELECT a FROM d.t") == ["x"]


def test_field_names_are_taken_in_any_case(server, table):
    assert "insertErrors" not in insert(server, {"A": "x", "N": 2})
    assert server.rows("SELECT a, n FROM d.t") == [("x", 2)]


def test_a_repeated_insert_id_is_taken_once(server, table):
    rows = [{"a": "x"}, {"a": "y"}]
    for _ in range(3):
        assert server.client.insert_rows_json(table, rows, row_ids=["1", "2"]) == []
    assert server.client.insert_rows_json(table, [{"a": "z"}, {"a": "z"}], row_ids=["3", "3"]) == []
    assert server.rows("SELECT a FROM d.t ORDER BY a") == ["x", "y", "z"]


def test_rows_without_insert_id_are_all_taken(server, table):
    for _ in range(2):
        assert server.client.insert_rows_json(table, [{"a": "x"}, {"a": "x"}], row_ids=[None, None]) == []
    assert server.value("SELECT COUNT(*) FROM d.t") == 4


def test_the_insert_id_of_a_refused_row_can_be_used_again(server, table):
    assert len(server.client.insert_rows_json(table, [{"a": "x"}, {"n": 1}], row_ids=["1", "2"])) == 2
    assert server.client.insert_rows_json(table, [{"a": "x"}], row_ids=["1"]) == []
    assert server.rows("SELECT a FROM d.t") == ["x"]


def test_insert_ids_count_for_each_table_and_not_for_one_made_anew(server, table):
    other = server.table("a STRING", name="other")
    for target in (table, other):
        assert server.client.insert_rows_json(target, [{"a": "x"}], row_ids=["1"]) == []
    server.client.delete_table(table)
    server.table("a STRING")
    assert server.client.insert_rows_json(table, [{"a": "x"}], row_ids=["1"]) == []
    assert server.value("SELECT COUNT(*) FROM d.t") == server.value("SELECT COUNT(*) FROM d.other") == 1


def test_concurrent_calls_with_the_same_ids_insert_each_row_once(server, table):
    rows = [{"a": str(number)} for number in range(20)]
    ids = [str(number) for number in range(20)]

    def call(_):
        body = {"rows": [{"insertId": i, "json": row} for i, row in zip(ids, rows, strict=True)]}
        return server.call("POST", "datasets/d/tables/t/insertAll", body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(call, range(16))) == {200}
    assert server.value("SELECT COUNT(*) FROM d.t") == 20


def test_a_gzip_body_is_unpacked(server, table):
    url = f"{server.url}/bigquery/v2/projects/p/datasets/d/tables/t/insertAll"
    body = gzip.compress(json.dumps({"rows": [{"json": {"a": "x"}}]}).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert requests.post(url, data=body, headers=headers, timeout=60).json() == {
        "kind": "bigquery#tableDataInsertAllResponse"
    }
    assert requests.post(url, data=body[:-9], headers=headers, timeout=60).status_code == 400
    assert requests.post(url, data=b"plain", headers=headers, timeout=60).status_code == 400
    bomb = gzip.compress(b" " * 50_000_000)
    assert requests.post(url, data=bomb, headers=headers, timeout=60).status_code == 413
    assert server.rows("SELECT a FROM d.t") == ["x"]


def test_a_call_without_rows_or_for_nothing_is_refused(server, table):
    with pytest.raises(BadRequest, match="No rows present"):
        server.client.insert_rows_json(table, [])
    with pytest.raises(NotFound, match=r"Not found: Table p:d\.absent"):
        server.client.insert_rows_json("p.d.absent", [{"a": "x"}])
    answer = server.call(
        "POST", "datasets/d/tables/t/insertAll", {"rows": [{"json": {"a": "x"}}], "templateSuffix": "_1"}
    )
    assert answer.status_code == 501
