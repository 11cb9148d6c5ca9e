"""GoogleSQL, statement by statement, against rows whose answer is known."""

from __future__ import annotations

import datetime as dt
import decimal
import math

import pytest
from google.api_core.exceptions import BadRequest, MethodNotImplemented, NotFound
from google.cloud import bigquery
from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter, StructQueryParameter

UTC = dt.UTC
NAIVE = dt.datetime(2020, 1, 31, 1)  # noqa: DTZ001
AWARE = dt.datetime(2020, 1, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(start_shared_server):
    """A server for the reading of one table, the same for all tests of this file."""
    started = start_shared_server()
    started.client.create_dataset("d")
    table = started.table("id INTEGER REQUIRED", "name STRING", "born TIMESTAMP", "score FLOAT", "tags STRING REPEATED")
    rows = [
        {"id": 1, "name": "ada", "born": "2020-01-01T10:00:00Z", "score": 1.5, "tags": ["x", "y"]},
        {"id": 2, "name": "bob", "born": "2020-01-02T11:30:00.25Z", "score": None, "tags": []},
        {"id": 3, "name": None, "born": "2020-01-02T23:59:59Z", "score": 4.0, "tags": ["y"]},
    ]
    assert started.client.insert_rows_json(table, rows) == []
    return started


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1", 1),
        ("1.5", 1.5),
        ("1 / 2", 0.5),
        ("2147483647 + 1", 2**31),
        ("NUMERIC '1.50'", decimal.Decimal("1.5")),
        ("'a' || 'b'", "ab"),
        ("TRUE AND NOT FALSE", True),
        ("NULL", None),
        ("b'ab'", b"ab"),
        ("[1, 2, 3]", [1, 2, 3]),
        ("STRUCT(1 AS x, 'a' AS y)", {"x": 1, "y": "a"}),
        ("DATE '2020-01-31'", dt.date(2020, 1, 31)),
        ("TIME '01:02:03.5'", dt.time(1, 2, 3, 500000)),
        ("DATETIME '2020-01-31 01:02:03'", dt.datetime(2020, 1, 31, 1, 2, 3)),  # noqa: DTZ001
        ("TIMESTAMP '2020-01-31 01:02:03+01:00'", dt.datetime(2020, 1, 31, 0, 2, 3, tzinfo=UTC)),
        ("TIMESTAMP '2020-01-31'", dt.datetime(2020, 1, 31, tzinfo=UTC)),
        ("TIMESTAMP('2020-01-31 00:00:00 UTC')", dt.datetime(2020, 1, 31, tzinfo=UTC)),
        ("TIMESTAMP_DIFF(TIMESTAMP '2020-01-01 00:00:02', TIMESTAMP '2020-01-01 00:00:00.9', SECOND)", 1),
        ("DATE_DIFF(DATE '2020-02-01', DATE '2020-01-31', MONTH)", 1),
        ("TIMESTAMP_TRUNC(TIMESTAMP '2020-01-31 01:02:03', DAY)", dt.datetime(2020, 1, 31, tzinfo=UTC)),
        ("TIMESTAMP_SUB(TIMESTAMP '2020-01-31', INTERVAL 1 DAY)", dt.datetime(2020, 1, 30, tzinfo=UTC)),
        ("TIMESTAMP_SECONDS(3)", dt.datetime(1970, 1, 1, 0, 0, 3, tzinfo=UTC)),
        ("TIMESTAMP_MILLIS(1500)", dt.datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=UTC)),
        ("TIMESTAMP_MICROS(7)", dt.datetime(1970, 1, 1, 0, 0, 0, 7, tzinfo=UTC)),
        ("PARSE_TIMESTAMP('%Y-%m-%d', '2020-01-31')", dt.datetime(2020, 1, 31, tzinfo=UTC)),
        ("FORMAT_TIMESTAMP('%Y/%m/%d', TIMESTAMP '2020-01-31')", "2020/01/31"),
        ("UNIX_SECONDS(TIMESTAMP '1970-01-01 00:01:00')", 60),
        ("UNIX_MILLIS(TIMESTAMP '1970-01-01 00:01:00')", 60_000),
        ("DATE(TIMESTAMP '2020-01-31 23:30:00', 'Europe/Berlin')", dt.date(2020, 2, 1)),
        ("EXTRACT(HOUR FROM TIMESTAMP '2020-01-31 01:02:03')", 1),
        ("EXTRACT(DATE FROM TIMESTAMP '2020-01-31 01:02:03')", dt.date(2020, 1, 31)),
        ("EXTRACT(DAYOFWEEK FROM DATE '2026-11-21')", 7),
        ("EXTRACT(ISOWEEK FROM DATE '2026-01-01')", 1),
        ("EXTRACT(MICROSECOND FROM TIMESTAMP '2020-01-31 01:02:03.000004')", 4),
        ("EXTRACT(MILLISECOND FROM TIMESTAMP '2020-01-31 01:02:03.005')", 5),
        ("CAST(TIMESTAMP '2020-01-31 01:02:03' AS STRING)", "2020-01-31 01:02:03+00"),
        ("SAFE_CAST('x' AS INT64)", None),
        ("CAST('12' AS INT64)", 12),
        ("SAFE_DIVIDE(1, 0)", None),
        ("DIV(7, 2)", 3),
        ("MOD(7, 2)", 1),
        ("IF(1 < 2, 'a', 'b')", "a"),
        ("IFNULL(NULL, 'b')", "b"),
        ("COALESCE(NULL, NULL, 3)", 3),
        ("SPLIT('a/b/c', '/')[SAFE_OFFSET(1)]", "b"),
        ("SPLIT('a/b/c', '/')[OFFSET(0)]", "a"),
        ("[1, 2][ORDINAL(2)]", 2),
        ("ARRAY_LENGTH([1, 2])", 2),
        ("ARRAY_TO_STRING(['a', 'b'], '-')", "a-b"),
        ("GENERATE_ARRAY(1, 3)", [1, 2, 3]),
        ("2 IN UNNEST([1, 2])", True),
        ("ARRAY(SELECT x FROM UNNEST([3, 1, 2]) AS x ORDER BY x)", [1, 2, 3]),
        ("REGEXP_CONTAINS('abc', r'^a')", True),
        ("REGEXP_EXTRACT('abc', r'a(.)c')", "b"),
        ("REGEXP_REPLACE('abc', 'b', 'x')", "axc"),
        ("STARTS_WITH('abc', 'ab')", True),
        ("SUBSTR('abc', 2, 1)", "b"),
        ("CONCAT('a', 'b', 'c')", "abc"),
        ("UPPER(TRIM(' a '))", "A"),
        ("LENGTH('äb')", 2),
        ("FORMAT('%03d-%s', 7, 'x')", "007-x"),
        ("TO_HEX(SHA256('a'))", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("TO_HEX(MD5('a'))", "0cc175b9c0f1b6a831c399e269772661"),
        ("TO_BASE64(b'a')", "YQ=="),
        ("FROM_HEX('6162')", b"ab"),
        ("JSON '{\"a\": 1}'", {"a": 1}),
        ('JSON_VALUE(\'{"a": {"b": "c"}}\', "$.a.b")', "c"),
        ("CAST('1.5' AS FLOAT64)", 1.5),
        ("CAST(2.5 AS INT64)", 3),
        ("ROUND(2.5)", 3.0),
        ("CAST(TRUE AS STRING)", "true"),
        ("CASE WHEN FALSE THEN 1 ELSE 2 END", 2),
        (r"'it\'s'", "it's"),
        (r"'a\nb\\'", "a\nb\\"),
        (r"r'\d'", r"\d"),
        ('"it\'s"', "it's"),
        (
            """'''a
b'''""",
            "a\nb",
        ),
        ("'-- x' /* y */ -- */ z", "-- x"),
        ("DATE '0001-01-01'", dt.date(1, 1, 1)),
        ("(SELECT MAX(x) FROM UNNEST([1, 5, 3]) AS x)", 5),
    ],
)
def test_an_expression_has_the_value_that_googlesql_gives_it(server, expression, value):
    assert server.value(f"SELECT {expression}") == value


def test_not_a_number_and_infinities_arrive_as_floats(server):
    found = server.rows("SELECT CAST('nan' AS FLOAT64), CAST('inf' AS FLOAT64), CAST('-inf' AS FLOAT64)")[0]
    assert math.isnan(found[0])
    assert found[1:] == (math.inf, -math.inf)


def test_division_by_zero_is_an_error(server):
    with pytest.raises(BadRequest):
        server.rows("SELECT id / (id - 1) FROM d.t")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT name FROM `p.d.t` WHERE id = 1", ["ada"]),
        ("SELECT name FROM `p:d.t` WHERE id = 1", ["ada"]),
        ("SELECT name FROM `p`.`d`.`t` WHERE id = 1", ["ada"]),
        ("SELECT t.name FROM d.t WHERE t.id = 1", ["ada"]),
        ("SELECT x.name FROM d.t AS x WHERE x.id = 1", ["ada"]),
        ("SELECT * EXCEPT (name, born, tags) FROM d.t ORDER BY score", [(2, None), (1, 1.5), (3, 4.0)]),
        ("SELECT id FROM d.t ORDER BY score DESC", [3, 1, 2]),
        ("SELECT COUNT(*), COUNT(name), COUNTIF(id > 1), SUM(id), AVG(score) FROM d.t", [(3, 2, 2, 6, 2.75)]),
        ("SELECT DATE(born) AS day, COUNT(*) FROM d.t GROUP BY day ORDER BY day",
         [(dt.date(2020, 1, 1), 1), (dt.date(2020, 1, 2), 2)]),
        ("SELECT ARRAY_AGG(id ORDER BY id DESC) FROM d.t", [[3, 2, 1]]),
        ("SELECT ARRAY_AGG(id ORDER BY id DESC LIMIT 2) FROM d.t", [[3, 2]]),
        ("SELECT ARRAY_AGG(name IGNORE NULLS ORDER BY id DESC LIMIT 1) FROM d.t", [["bob"]]),
        ("SELECT ARRAY_AGG(name IGNORE NULLS ORDER BY id) FROM d.t", [["ada", "bob"]]),
        ("SELECT STRING_AGG(name, '+' ORDER BY name DESC) FROM d.t", ["bob+ada"]),
        ("SELECT APPROX_COUNT_DISTINCT(id) FROM d.t", [3]),
        ("SELECT id, tag FROM d.t, UNNEST(tags) AS tag ORDER BY id, tag", [(1, "x"), (1, "y"), (3, "y")]),
        ("SELECT tag, o FROM d.t CROSS JOIN UNNEST(tags) AS tag WITH OFFSET AS o WHERE id = 1", [("x", 0), ("y", 1)]),
        ("SELECT a.id FROM d.t AS a JOIN d.t AS b ON a.id = b.id + 1 ORDER BY 1", [2, 3]),
        ("SELECT a.id FROM d.t AS a LEFT JOIN d.t AS b USING (id) ORDER BY 1", [1, 2, 3]),
        ("SELECT id FROM d.t QUALIFY ROW_NUMBER() OVER (PARTITION BY DATE(born) ORDER BY id DESC) = 1 ORDER BY id",
         [1, 3]),
        ("WITH t AS (SELECT 7 AS id) SELECT id FROM t", [7]),
        ("WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT x FROM b", [2]),
        ("WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT x FROM n ORDER BY x",
         [1, 2, 3]),
        ("SELECT id FROM d.t WHERE id < 2 UNION ALL SELECT 9 ORDER BY id", [1, 9]),
        ("SELECT id FROM d.t WHERE name IS NULL", [3]),
        ("SELECT id FROM d.t WHERE id IN (SELECT MAX(id) FROM d.t)", [3]),
        ("SELECT id FROM d.t ORDER BY id LIMIT 1 OFFSET 1", [2]),
        ("SELECT LAG(id) OVER (ORDER BY id) FROM d.t ORDER BY id", [None, 1, 2]),
    ],
)  # fmt: skip
def test_a_query_answers(server, sql, rows):
    assert server.rows(sql) == rows


def test_a_common_table_expression_may_have_the_name_of_the_table_it_reads(server):
    config = bigquery.QueryJobConfig(default_dataset="p.d")
    sql = "WITH t AS (SELECT id FROM t WHERE id > 1) SELECT COUNT(*) FROM t"
    assert next(iter(server.client.query(sql, job_config=config).result()))[0] == 2


def test_a_common_table_expression_cannot_stand_for_a_table_by_its_inner_name(server):
    names = ", ".join(f"t{number} AS (SELECT 7 AS id)" for number in range(1, 100))
    assert server.value(f"WITH {names} SELECT COUNT(*) FROM d.t WHERE id = 7") == 0
    assert server.value(f"WITH {names} SELECT id FROM t1") == 7


def test_unqualified_names_need_a_default_dataset(server):
    with pytest.raises(BadRequest, match="must be qualified with a dataset"):
        server.rows("SELECT id FROM t")
    assert server.value("SELECT COUNT(*) FROM t", default_dataset="p.d") == 3


def test_columns_without_a_name_are_numbered(server):
    result = server.client.query("SELECT 1, 'a' AS x, 2").result()
    assert [field.name for field in result.schema] == ["f0_", "x", "f1_"]


def test_two_columns_of_one_name_are_refused(server):
    with pytest.raises(BadRequest, match=r"Duplicate column names in the result.*: A"):
        server.rows("SELECT 1 AS a, 2 AS A")


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (ScalarQueryParameter("x", "STRING", "it's"), "it's"),
        (ScalarQueryParameter("x", "INT64", 5), 5),
        (ScalarQueryParameter("x", "INT64", None), None),
        (ScalarQueryParameter("x", "FLOAT64", 1.5), 1.5),
        (ScalarQueryParameter("x", "BOOL", True), True),
        (ScalarQueryParameter("x", "BYTES", b"\x00a"), b"\x00a"),
        (ScalarQueryParameter("x", "NUMERIC", decimal.Decimal("1.5")), decimal.Decimal("1.5")),
        (ScalarQueryParameter("x", "DATE", dt.date(2020, 1, 31)), dt.date(2020, 1, 31)),
        (ScalarQueryParameter("x", "TIME", dt.time(1, 2, 3)), dt.time(1, 2, 3)),
        (ScalarQueryParameter("x", "DATETIME", NAIVE), NAIVE),
        (ScalarQueryParameter("x", "TIMESTAMP", AWARE), AWARE),
        (ArrayQueryParameter("x", "STRING", ["a", "b"]), ["a", "b"]),
        (ArrayQueryParameter("x", "BYTES", [b"a"]), [b"a"]),
        (StructQueryParameter("x", ScalarQueryParameter("a", "INT64", 1), ArrayQueryParameter("b", "STRING", ["c"])),
         {"a": 1, "b": ["c"]}),
    ],
)  # fmt: skip
def test_a_named_parameter_arrives_with_its_type(server, parameter, expected):
    assert server.value("SELECT @x", parameter) == expected


def test_positional_parameters_are_taken_in_order(server):
    one, two = ScalarQueryParameter(None, "INT64", 2), ScalarQueryParameter(None, "STRING", "bob")
    assert server.rows("SELECT id FROM d.t WHERE id = ? AND name = ?", one, two) == [2]


def test_an_array_parameter_serves_in_unnest(server):
    ids = ArrayQueryParameter("ids", "INT64", [3, 1])
    assert server.rows("SELECT id FROM d.t WHERE id IN UNNEST(@ids) ORDER BY id", ids) == [1, 3]


def test_a_parameter_used_twice_and_one_not_used_are_fine(server):
    x, y = ScalarQueryParameter("x", "INT64", 2), ScalarQueryParameter("y", "INT64", 3)
    assert server.value("SELECT @x * @x", x, y) == 4


def test_a_missing_parameter_is_named(server):
    with pytest.raises(BadRequest, match="Query parameter with name 'x' not found"):
        server.rows("SELECT @x")


def test_a_parameter_cannot_become_sql(server):
    evil = ScalarQueryParameter("x", "STRING", "' OR 1=1 --")
    assert server.rows("SELECT id FROM d.t WHERE name = @x", evil) == []


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", "Syntax error"),
        ("SELEC", "Syntax error"),
        ("1", "Syntax error"),
        ("SELECT (1", "Syntax error"),
        ("SELECT nope FROM d.t", "Unrecognized name: nope"),
        ("SELECT name, COUNT(*) FROM d.t", "references column name which is neither grouped nor aggregated"),
        ("SELECT ABS(name) FROM d.t", "No matching signature"),
        ("DELETE FROM d.t", "DELETE must have a WHERE clause"),
        ("UPDATE d.t SET id = 1", "UPDATE must have a WHERE clause"),
    ],
)
def test_a_wrong_query_is_refused(server, sql, message):
    with pytest.raises(BadRequest, match=message) as refused:
        server.rows(sql)
    assert refused.value.errors[0]["reason"] == "invalidQuery"


def test_a_value_that_fails_in_a_query_is_not_repeated(server):
    with pytest.raises(BadRequest, match="Bad value") as refused:
        server.rows("SELECT CAST(name AS INT64) FROM d.t")
    assert "ada" not in str(refused.value)
    assert "bob" not in str(refused.value)


def test_a_missing_table_or_dataset_is_named(server):
    with pytest.raises(NotFound, match=r"Not found: Table p:d\.absent"):
        server.rows("SELECT * FROM d.absent")
    with pytest.raises(NotFound, match="Not found: Dataset p:absent"):
        server.rows("SELECT * FROM absent.t")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM duckdb_settings()",
        "SELECT read_text('/etc/passwd')",
        "SELECT current_setting('temp_directory')",
        "SELECT getenv('HOME')",
        "SELECT COLUMNS('.*') FROM d.t",
        "SELECT @@version",
        "SELECT 1; SELECT 2",
        "BEGIN SELECT 1; END",
        "DECLARE x INT64",
        "SET x = 1",
        "CALL d.f()",
        "EXPORT DATA OPTIONS (uri='gs://b/*') AS SELECT 1",
        "LOAD DATA INTO d.t FROM FILES (uris=['gs://b/o'])",
        "CREATE FUNCTION d.f(x INT64) AS (x + 1)",
        "CREATE SCHEMA x",
        "ALTER TABLE d.t ADD COLUMN x INT64",
        "SELECT * FROM d.INFORMATION_SCHEMA.TABLES",
        "SELECT * FROM `d.t*`",
        "SELECT * FROM d.t FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()",
        "SELECT * FROM d.t TABLESAMPLE SYSTEM (10 PERCENT)",
        "SELECT FARM_FINGERPRINT('a')",
        "SELECT d.f(1)",
        "SELECT AS STRUCT 1 AS x",
        "SELECT EXTRACT(WEEK FROM DATE '2020-01-01')",
        "SELECT DATE_TRUNC(DATE '2020-01-01', WEEK)",
        "SELECT TIMESTAMP_TRUNC(born, WEEK(MONDAY)) FROM d.t",
        "SELECT DATE_DIFF(DATE '2020-01-01', DATE '2020-01-08', WEEK)",
        "GRANT SELECT ON d.t TO 'x'",
        "ATTACH '/tmp/x.db'",
        "COPY d.t TO '/tmp/x.csv'",
        "INSTALL httpfs",
        "PRAGMA database_list",
    ],
)
def test_what_is_not_implemented_is_refused_and_reaches_nothing_outside(server, sql):
    with pytest.raises((MethodNotImplemented, BadRequest)):
        server.rows(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM catalogue.jobs",
        "SELECT * FROM main.t1",
        "SELECT * FROM `information_schema.tables`",
        "SELECT * FROM duckdb_tables",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM `/etc/passwd`",
    ],
)
def test_no_table_but_those_of_the_catalogue_can_be_named(server, sql):
    with pytest.raises((NotFound, BadRequest, MethodNotImplemented)):
        server.rows(sql)


def test_legacy_sql_is_refused_with_the_cure(server):
    with pytest.raises(MethodNotImplemented, match="set useLegacySql to false"):
        server.rows("SELECT 1", use_legacy_sql=True)
