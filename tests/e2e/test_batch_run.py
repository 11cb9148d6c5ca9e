"""A batch run from manifest to account, and what it does with each kind of input."""

from __future__ import annotations

import gzip
import json

import pytest
from google.cloud import bigquery


def test_every_instance_asked_for_ends_deidentified_with_one_row(stores):
    paths = stores.store_studies(3, 4)
    stores.manifest(*paths)
    run = stores.run()
    assert run.status == 0, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 12}
    assert {
        f"/studies/{r['study_instance_uid']}/series/{r['series_instance_uid']}/instances/{r['sop_instance_uid']}"
        for r in run.rows
    } == set(paths)
    assert {row["deid_sop_instance_uid"] for row in run.rows} == stores.instances(stores.destination)
    assert run.account is not None
    assert {key: run.account[key] for key in ("asked", "deidentified", "balanced", "batches", "operations")} == {
        "asked": 12, "deidentified": 12, "balanced": True, "batches": 1, "operations": 1,
    }  # fmt: skip


def test_whole_studies_are_packed_into_batches_up_to_the_limit(stores):
    stores.manifest(*stores.store_studies(5, 4))
    run = stores.run(max_instances_per_batch=8, max_concurrent_operations=2)
    assert run.status == 0, run.output
    batch_of_study = {(row["study_instance_uid"], row["batch_id"]) for row in run.rows}
    assert len(batch_of_study) == 5
    assert run.account is not None
    assert (run.account["batches"], run.account["operations"], len(stores.operations())) == (3, 3, 3)


def test_study_and_series_lines_are_expanded_and_repeats_count_once(stores):
    paths = stores.store_studies(3, 4)
    study = paths[0].split("/series/")[0]
    series = paths[4].split("/instances/")[0]
    stores.manifest(study, paths[0], paths[0], series.removeprefix("/"), f"{stores.source}/dicomWeb{paths[8]}")
    run = stores.run()
    assert run.status == 0, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 4 + 2 + 1}


@pytest.mark.parametrize("level", ["series", "study"])
def test_wider_filter_lines_take_what_the_store_holds_and_every_instance_has_its_row(stores, level):
    paths = stores.store_studies(2, 4)
    stores.manifest(paths[0])
    run = stores.run(filter_level=level)
    assert run.status == 0, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 2 if level == "series" else 4}
    batch = run.rows[0]["batch_id"]
    filters = [name for name in stores.ledger(f"batches/{batch}/") if "filter-" in name]
    lines = stores.read_ledger(filters[0]).decode().split()
    assert lines == [paths[0].split("/instances/" if level == "series" else "/series/")[0]]


def test_lines_that_cannot_be_used_are_rejected_with_a_reason_and_cost_nothing_else(stores):
    paths = stores.store_studies(2, 2)
    stores.manifest(
        "# a comment",
        "",
        paths[0],
        "garbage",
        "garbage",
        "/studies/1.2./series/3",
        "/studies/" + "1" * 65,
        f"{stores.dataset}/dicomStores/other/dicomWeb{paths[0]}",
        "/studies/1.2.3/series/4/instances/5",
        "/studies/9.9.9",
    )
    run = stores.run()
    assert run.status == 1
    assert run.outcomes() == {
        "DEIDENTIFIED": 1,
        "REJECTED/NOT_A_PATH": 1,
        "REJECTED/BAD_UID": 1,
        "REJECTED/UID_TOO_LONG": 1,
        "REJECTED/OTHER_STORE": 1,
        "REJECTED/NOT_IN_SOURCE": 2,
    }
    assert run.account is not None
    assert run.account["balanced"]
    assert run.account["asked"] == 7
    filter_file = next(name for name in stores.ledger("batches/") if name.endswith("filter.txt"))
    assert stores.read_ledger(filter_file).decode().split() == [paths[0]]


def test_tolerated_rejections_leave_exit_status_zero(stores):
    stores.manifest("garbage", *stores.store_studies(1, 1))
    assert stores.run(tolerate_outcomes="rejected").status == 0


def test_several_manifests_plain_and_gzip_are_one_run(stores):
    paths = stores.store_studies(2, 2)
    stores.manifest(*paths[:3], name="a.txt")
    stores.manifest(name="b.txt.gz", data=gzip.compress("\r\n".join(paths[2:]).encode()))
    run = stores.run()
    assert run.status == 0, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 4}


def test_a_damaged_gzip_manifest_launches_nothing(stores):
    paths = stores.store_studies(1, 2)
    stores.manifest(name="b.txt.gz", data=gzip.compress("\n".join(paths).encode())[:-9])
    run = stores.run()
    assert run.status == 2
    assert "damaged" in run.output
    assert stores.operations() == []


def test_dry_run_prints_the_forecast_and_touches_nothing(stores):
    stores.manifest(*stores.store_studies(3, 2), "garbage")
    before = stores.ledger()
    run = stores.run(dry_run="true", max_instances_per_batch=4)
    assert run.status == 0, run.output
    assert "7 instances in 3 studies" in run.output
    assert "batches                2" in run.output
    assert stores.ledger() == before
    assert stores.operations() == []


def test_rows_reach_bigquery_once_even_when_the_run_is_resumed(stores):
    stores.manifest(*stores.store_studies(2, 2), "garbage")
    client = bigquery.Client(
        project="local",
        credentials=__import__("google.auth.credentials").auth.credentials.AnonymousCredentials(),
        client_options={"api_endpoint": stores.cloud.endpoints["bigquery"]},
    )
    client.create_dataset(stores.name)
    table = f"local:{stores.name}.audit"
    first = stores.run(audit_table=table)
    second = stores.run(audit_table=table)
    assert (first.status, second.status) == (1, 1), first.output + second.output
    rows = list(client.query(f"SELECT * FROM `local.{stores.name}.audit`").result())
    assert sorted(row["row_id"] for row in rows) == sorted(row["row_id"] for row in first.rows)
    made = client.get_table(f"local.{stores.name}.audit")
    assert made.time_partitioning.type_ == "DAY"
    assert made.clustering_fields == ["run_id", "outcome"]


def test_the_audit_folder_has_one_part_for_each_batch(stores):
    stores.manifest(*stores.store_studies(2, 2), "garbage")
    run = stores.run(audit_output=str(stores.folder / "parts"), max_instances_per_batch=2)
    assert run.status == 1, run.output
    parts = sorted((stores.folder / "parts" / "run-1").iterdir())
    rows = [json.loads(line) for part in parts for line in part.read_text().splitlines()]
    assert (len(parts), len(rows)) == (3, 5)
