"""What a JSON value becomes in a column, and which ones no column takes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

UTC = dt.UTC


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("STRING", "a\u0000ä\U0001f600", "a\u0000ä\U0001f600"),
        ("STRING", 5, "5"),
        ("STRING", True, "true"),
        ("STRING", "", ""),
        ("INTEGER", 2**63 - 1, 2**63 - 1),
        ("INTEGER", "-9223372036854775808", -(2**63)),
        ("INTEGER", 3.0, 3),
        ("FLOAT", 1, 1.0),
        ("FLOAT", "1.5e3", 1500.0),
        ("FLOAT", "Infinity", float("inf")),
        ("BOOLEAN", True, True),
        ("BOOLEAN", "FALSE", False),
        ("BYTES", "AP8=", b"\x00\xff"),
        ("BYTES", "", b""),
        ("NUMERIC", "99999999999999999999999999999.999999999", Decimal("99999999999999999999999999999.999999999")),
        ("NUMERIC", 1.5, Decimal("1.5")),
        ("NUMERIC", "0.0000000005", Decimal("0.000000001")),
        ("DATE", "2020-1-2", dt.date(2020, 1, 2)),
        ("TIME", "01:02:03.004", dt.time(1, 2, 3, 4000)),
        ("DATETIME", "2020-01-02T03:04:05.6", dt.datetime(2020, 1, 2, 3, 4, 5, 600000)),  # noqa: DTZ001
        ("DATETIME", "2020-01-02", dt.datetime(2020, 1, 2)),  # noqa: DTZ001
        ("TIMESTAMP", "2020-01-02T03:04:05Z", dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("TIMESTAMP", "2020-01-02 03:04:05.000001 UTC", dt.datetime(2020, 1, 2, 3, 4, 5, 1, tzinfo=UTC)),
        ("TIMESTAMP", "2020-01-02 03:04:05-03:30", dt.datetime(2020, 1, 2, 6, 34, 5, tzinfo=UTC)),
        ("TIMESTAMP", "2020-01-02 03:04:05+0100", dt.datetime(2020, 1, 2, 2, 4, 5, tzinfo=UTC)),
        ("TIMESTAMP", "2020-07-02 03:04:05 Europe/Berlin", dt.datetime(2020, 7, 2, 1, 4, 5, tzinfo=UTC)),
        ("TIMESTAMP", "2020-01-02", dt.datetime(2020, 1, 2, tzinfo=UTC)),
        ("TIMESTAMP", 1577934245, dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("TIMESTAMP", 1577934245.25, dt.datetime(2020, 1, 2, 3, 4, 5, 250000, tzinfo=UTC)),
        ("TIMESTAMP", "1577934245.000001", dt.datetime(2020, 1, 2, 3, 4, 5, 1, tzinfo=UTC)),
        ("TIMESTAMP", "0001-01-01T00:00:00Z", dt.datetime(1, 1, 1, tzinfo=UTC)),
        ("TIMESTAMP", "9999-12-31 23:59:59.999999", dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("JSON", '{"b": [1, null], "a": "ä"}', {"b": [1, None], "a": "ä"}),
        ("JSON", "3", 3),
        ("JSON", {"a": 1}, {"a": 1}),
    ],
)
def test_a_value_is_stored_as_what_it_means(server, kind, given, stored):
    table = server.table(f"a {kind}")
    assert server.client.insert_rows_json(table, [{"a": given}]) == []
    assert server.rows("SELECT a FROM d.t") == [stored]
    assert [row[0] for row in server.client.list_rows(table)] == [stored]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("STRING", {"a": 1}),
        ("STRING", ["a"]),
        ("STRING", "\ud800"),
        ("INTEGER", "canary"),
        ("INTEGER", 2**63),
        ("INTEGER", 1.5),
        ("INTEGER", True),
        ("INTEGER", ""),
        ("FLOAT", "canary"),
        ("FLOAT", "1_0"),
        ("BOOLEAN", "canary"),
        ("BOOLEAN", 2),
        ("BYTES", "can'ary"),
        ("NUMERIC", "canary"),
        ("NUMERIC", "100000000000000000000000000000"),
        ("NUMERIC", "NaN"),
        ("DATE", "2020-02-30"),
        ("DATE", "31.01.2020"),
        ("DATE", 5),
        ("TIME", "25:00:00"),
        ("DATETIME", "canary"),
        ("TIMESTAMP", "canary"),
        ("TIMESTAMP", "2020-01-02T03:04:05.123456789Z"),
        ("TIMESTAMP", "2020-01-02 03:04:05 Nowhere/Land"),
        ("TIMESTAMP", "2020-01-02 03:04:05 +99:00"),
        ("TIMESTAMP", True),
        ("TIMESTAMP", 1e18),
        ("JSON", "{canary"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_without_being_repeated(server, kind, given):
    table = server.table(f"a {kind}")
    (error,) = server.client.insert_rows_json(table, [{"a": given}])
    assert error["errors"][0]["reason"] == "invalid"
    assert error["errors"][0]["location"] == "a"
    assert "canary" not in str(error)
    assert server.value("SELECT COUNT(*) FROM d.t") == 0


@pytest.fixture
def nested(server):
    schema = [
        {"name": "r", "type": "RECORD", "fields": [
            {"name": "x", "type": "BYTES", "mode": "REQUIRED"},
            {"name": "at", "type": "TIMESTAMP", "mode": "REPEATED"},
            {"name": "deep", "type": "RECORD", "mode": "REPEATED", "fields": [
                {"name": "j", "type": "JSON"}, {"name": "b", "type": "BYTES", "mode": "REPEATED"}]}]},
        {"name": "l", "type": "INTEGER", "mode": "REPEATED"},
    ]  # fmt: skip
    body = {"tableReference": {"projectId": "p", "datasetId": "d", "tableId": "t"}, "schema": {"fields": schema}}
    assert server.call("POST", "datasets/d/tables", body).status_code == 200
    return "p.d.t"


def test_records_and_repeated_fields_keep_their_shape(server, nested):
    rows = [
        {
            "r": {"x": "YQ==", "at": ["2020-01-01T00:00:00Z"], "deep": [{"j": "[1]", "b": ["Yg==", ""]}, {}]},
            "l": [1, 2],
        },
        {"r": None},
    ]
    assert server.client.insert_rows_json(nested, rows) == []
    expected = {
        "x": b"a",
        "at": [dt.datetime(2020, 1, 1, tzinfo=UTC)],
        "deep": [{"j": [1], "b": [b"b", b""]}, {"j": None, "b": []}],
    }
    assert [row.values() for row in server.client.list_rows(nested)] == [(expected, [1, 2]), (None, [])]
    assert server.rows("SELECT x.j FROM d.t, UNNEST(r.deep) AS x WHERE ARRAY_LENGTH(x.b) = 2") == [[1]]


@pytest.mark.parametrize(
    ("row", "location"),
    [
        ({"r": {}}, "r.x"),
        ({"r": {"x": "YQ==", "y": 1}}, "r.y"),
        ({"r": {"x": "YQ==", "deep": [{"j": "{"}]}}, "r.deep.j"),
        ({"r": []}, "r"),
        ({"r": "x"}, "r"),
        ({"l": 1}, "l"),
        ({"l": [1, None]}, "l"),
        ({"l": None}, "l"),
        ({"l": [[1]]}, "l"),
    ],
)
def test_a_mistake_inside_a_record_is_located(server, nested, row, location):
    (error,) = server.client.insert_rows_json(nested, [row])
    assert error["errors"][0]["location"] == location
