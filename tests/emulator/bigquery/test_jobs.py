"""Jobs and their results: found again, listed, paged, encoded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery


def post(server, **body):
    return server.call("POST", "queries", {"useLegacySql": False, **body})


def test_a_query_job_is_found_with_its_configuration_and_statistics(server):
    started = server.client.query("SELECT 1 AS x", job_id="q1", job_config=bigquery.QueryJobConfig(labels={"a": "b"}))
    job = server.client.get_job("q1")
    assert (job.state, job.query, job.labels, job.statement_type) == ("DONE", "SELECT 1 AS x", {"a": "b"}, "SELECT")
    assert job.location == started.location == "US"
    assert job.created <= job.started <= job.ended
    assert [row.x for row in job.result()] == [1]
    with pytest.raises(Conflict, match=r"Already Exists: Job p:US\.q1"):
        server.client.query("SELECT 2", job_id="q1")


def test_a_job_that_does_not_exist_is_not_found(server):
    with pytest.raises(NotFound, match="Not found: Job p:absent"):
        server.client.get_job("absent")
    assert server.call("GET", "queries/absent").status_code == 404


def test_a_job_is_found_in_its_location_only(server):
    dataset = bigquery.Dataset("p.eu")
    dataset.location = "EU"
    server.client.create_dataset(dataset)
    server.client.create_table(bigquery.Table("p.eu.t", [bigquery.SchemaField("a", "STRING")]))
    assert server.client.query("SELECT * FROM eu.t", job_id="q").location == "EU"
    assert server.client.get_job("q").location == "EU"
    with pytest.raises(NotFound):
        server.client.get_job("q", location="US")
    server.table("a STRING")
    with pytest.raises(BadRequest, match="must be in one location"):
        server.client.query("SELECT * FROM eu.t, d.t")


def test_jobs_are_listed_newest_first_and_can_be_forgotten(server):
    for name in ("a", "b", "c"):
        server.client.query("SELECT 1", job_id=name)
    assert [job.job_id for job in server.client.list_jobs(page_size=2)] == ["c", "b", "a"]
    assert list(server.client.list_jobs(state_filter="running")) == []
    server.client.delete_job_metadata("b", location="US")
    assert [job.job_id for job in server.client.list_jobs()] == ["c", "a"]


def test_cancelling_a_job_that_is_done_changes_nothing(server):
    job = server.client.query("SELECT 1 AS x", job_id="q")
    assert job.cancel()
    assert [row.x for row in server.client.get_job("q").result()] == [1]


def test_a_failed_query_job_answers_its_error_again(server):
    table = server.table("a STRING")
    server.client.insert_rows_json(table, [{"a": "x"}])
    job = server.client.query("SELECT CAST(a AS INT64) FROM d.t", job_id="q")
    for ask in (job.result, lambda: server.client.get_job("q").result()):
        with pytest.raises(BadRequest, match="Bad value"):
            ask()
    answer = server.call("GET", "queries/q")
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (400, "invalidQuery")


def test_a_query_with_a_mistake_makes_no_job(server):
    with pytest.raises(BadRequest):
        server.client.query("SELEC", job_id="q")
    assert server.call("GET", "jobs/q").status_code == 404


def test_a_long_result_comes_in_pages(server):
    job = server.client.query("SELECT x FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS x ORDER BY x DESC")
    result = job.result(page_size=300)
    pages = [[row.x for row in page] for page in result.pages]
    assert [len(page) for page in pages] == [300, 300, 300, 100]
    assert list(chain.from_iterable(pages)) == list(range(1000, 0, -1))
    assert result.total_rows == 1000


def test_a_result_can_be_read_from_its_middle(server):
    server.client.query("SELECT x FROM UNNEST(GENERATE_ARRAY(1, 10)) AS x ORDER BY x", job_id="q")
    answer = server.call("GET", "queries/q?startIndex=4&maxResults=2").json()
    assert ([row["f"][0]["v"] for row in answer["rows"]], answer["totalRows"]) == (["5", "6"], "10")
    following = server.call("GET", f"queries/q?maxResults=2&pageToken={answer['pageToken']}").json()
    assert [row["f"][0]["v"] for row in following["rows"]] == ["7", "8"]
    assert server.call("GET", "queries/q?pageToken=canary").status_code == 400
    assert server.call("GET", "queries/q?maxResults=-1").status_code == 400


def test_asking_for_no_rows_tells_only_how_many(server):
    server.client.query("SELECT 1 AS x", job_id="q")
    answer = server.call("GET", "queries/q?maxResults=0").json()
    assert (answer["jobComplete"], answer["totalRows"], "rows" in answer) == (True, "1", False)


def test_a_result_survives_the_removal_of_what_it_was_read_from(server):
    table = server.table("a STRING")
    server.client.insert_rows_json(table, [{"a": "x"}])
    job = server.client.query("SELECT a FROM d.t")
    server.client.delete_table(table)
    assert [row.a for row in job.result()] == ["x"]


def test_the_result_of_a_job_is_a_table_of_a_hidden_dataset(server):
    job = server.client.query("SELECT 1 AS x")
    assert job.destination.dataset_id.startswith("_")
    assert [row.x for row in server.client.list_rows(server.client.get_table(job.destination))] == [1]
    assert [one.dataset_id for one in server.client.list_datasets()] == ["d"]


def test_rows_of_a_table_are_listed_with_chosen_columns_and_start(server):
    table = server.table("a STRING", "n INTEGER", "at TIMESTAMP")
    server.client.insert_rows_json(table, [{"a": str(n), "n": n} for n in range(10)])
    assert [row.n for row in server.client.list_rows(table, page_size=3)] == list(range(10))
    assert [row.n for row in server.client.list_rows(table, start_index=8)] == [8, 9]
    assert [row.n for row in server.client.list_rows(table, max_results=2)] == [0, 1]
    chosen = [bigquery.SchemaField("n", "INTEGER")]
    assert [row.values() for row in server.client.list_rows(table, selected_fields=chosen, max_results=1)] == [(0,)]
    assert server.call("GET", "datasets/d/tables/t/data?selectedFields=nope").status_code == 400


def test_a_page_is_cut_at_the_byte_limit_and_loses_nothing(server):
    table = server.table("a STRING")
    for number in range(3):
        rows = [{"a": f"{number}-{n}" + "x" * 1_000_000} for n in range(8)]
        assert server.client.insert_rows_json(table, rows) == []
    result = server.client.list_rows(table)
    pages = [[row.a[:3] for row in page] for page in result.pages]
    assert len(pages) > 1
    assert list(chain.from_iterable(pages)) == [f"{number}-{n}" for number in range(3) for n in range(8)]


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        ("1577836800123456", "1.577836800123456E9"),
        ("1577836800000000", "1.5778368E9"),
        ("0", "0.0"),
        ("1500000", "1.5"),
        ("-1500000", "-1.5"),
        ("1000000000000", "1000000.0"),
        ("10000000000000", "1.0E7"),
        ("1", "1.0E-6"),
    ],
)
def test_timestamps_are_seconds_unless_integers_are_asked_for(server, micros, text):
    sql = f"SELECT TIMESTAMP_MICROS({micros}) AS at"
    plain = post(server, query=sql).json()
    assert plain["rows"] == [{"f": [{"v": text}]}]
    assert float(text) == int(micros) / 1e6
    integers = post(server, query=sql, formatOptions={"useInt64Timestamp": True}).json()
    assert integers["rows"] == [{"f": [{"v": micros}]}]


def test_query_and_wait_answers_in_one_call(server):
    assert [row.x for row in server.client.query_and_wait("SELECT 1 AS x")] == [1]
    rows = server.client.query_and_wait("SELECT x FROM UNNEST(GENERATE_ARRAY(1, 7)) AS x ORDER BY x", page_size=3)
    assert [row.x for row in rows] == list(range(1, 8))


def test_a_request_sent_again_does_not_change_rows_again(server):
    server.table("a STRING")
    for _ in range(2):
        answer = post(server, query="INSERT INTO d.t (a) VALUES ('x')", requestId="same").json()
        assert (answer["numDmlAffectedRows"], answer["jobComplete"]) == ("1", True)
    assert server.value("SELECT COUNT(*) FROM d.t") == 1


def test_the_short_form_refuses_what_it_does_not_do(server):
    assert server.call("POST", "queries", {"query": "SELECT 1"}).status_code == 501  # legacy SQL is the default
    assert server.call("POST", "queries", {"query": "#standardSQL\nSELECT 1"}).status_code == 200
    assert post(server, query="").status_code == 400
    assert post(server, query="SELECT 1", colour="red").status_code == 400
    assert post(server, query="SELECT 1", queryResultsFormat="ARROW").status_code == 501
    assert post(server, query="SELECT 1", createSession=True).status_code == 501
    dry = post(server, query="SELECT 1 AS x", dryRun=True).json()
    assert (dry["schema"]["fields"][0]["name"], "rows" in dry, "jobId" in dry["jobReference"]) == ("x", False, False)


def test_a_forgotten_job_takes_its_result_along(server):
    job = server.client.query("SELECT 1 AS x", job_id="q")
    server.client.delete_job_metadata("q", location="US")
    with pytest.raises(NotFound):
        server.client.get_table(job.destination)


def test_the_same_request_sent_many_times_at_once_changes_rows_once(server):
    server.table("a STRING")

    def send(_):
        return post(server, query="INSERT INTO d.t (a) VALUES ('x')", requestId="same").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(8))) == {200}
    assert server.value("SELECT COUNT(*) FROM d.t") == 1


def test_a_result_larger_than_what_is_fetched_at_once_comes_in_pages_by_size(server):
    sql = "SELECT REPEAT('x', 5000) AS a, n FROM UNNEST(GENERATE_ARRAY(1, 5000)) AS n ORDER BY n"
    pages = [[row.n for row in page] for page in server.client.query(sql).result().pages]
    assert len(pages) > 2
    assert list(chain.from_iterable(pages)) == list(range(1, 5001))
