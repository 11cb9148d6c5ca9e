"""Whatever an operation does, every instance of its batch has one outcome, and what was written counts."""

from __future__ import annotations

import pytest
import requests


@pytest.fixture
def slow(start_cloud, make_stores):
    """Stores on a cloud whose operations spread their instances over six seconds, in the order of the filter file."""
    return make_stores(start_cloud(operation_min_seconds=6, engine_processes=1))


def in_the_middle(stores, act):
    """Run the pipeline, and `act` once the first instance is in the destination."""
    process = stores.start()
    try:
        while not stores.instances(stores.destination):
            assert process.poll() is None, process.stdout.read()
        act()
        output, _ = process.communicate(timeout=90)
    finally:
        process.kill()
    return stores.outcome(process.returncode, output)


def delete(stores, name):
    requests.delete(f"{stores.cloud.url}/v1/{name}", timeout=30).raise_for_status()


def test_an_operation_that_fails_midway_leaves_what_it_wrote_and_fails_the_rest(slow):
    slow.manifest(*slow.store_studies(1, 6))
    run = in_the_middle(slow, lambda: delete(slow, slow.source))
    written = len(slow.instances(slow.destination))
    assert run.status == 1
    assert 0 < written < 6
    assert run.outcomes() == {"DEIDENTIFIED": written, "FAILED/OPERATION_FAILED": 6 - written}
    assert run.account["balanced"]
    assert {row["detail"] for row in run.rows if row["reason"]} == {"code 5 NOT_FOUND"}


def test_an_operation_that_succeeds_with_fewer_instances_fails_the_absent_one(slow):
    paths = slow.store_studies(1, 6)
    slow.manifest(*paths)
    run = in_the_middle(slow, lambda: delete(slow, f"{slow.source}/dicomWeb{paths[-1]}"))
    assert run.outcomes() == {"DEIDENTIFIED": 5, "FAILED/NOT_IN_DESTINATION": 1}
    (operation,) = slow.operations()
    assert "error" not in operation
    assert operation["metadata"]["counter"] == {"success": "5", "failure": "1"}


def test_a_destination_that_cannot_be_listed_any_more_ends_unknown_and_never_as_success(slow):
    slow.manifest(*slow.store_studies(1, 3))
    run = in_the_middle(slow, lambda: delete(slow, slow.destination))
    assert run.status == 1
    assert run.outcomes() == {"UNKNOWN/DESTINATION_UNREADABLE": 3}
    assert run.account["balanced"]


def test_a_restart_of_the_api_while_operations_run_costs_nothing(start_cloud, make_stores):
    cloud = start_cloud(operation_min_seconds=4)
    stores = make_stores(cloud)
    stores.manifest(*stores.store_studies(2, 2))
    port = cloud.url.rpartition(":")[2]
    process = stores.start()
    while not stores.operations():
        assert process.poll() is None, process.stdout.read()
    cloud.stop()
    restarted = start_cloud(port=port, operation_min_seconds=0)
    output, _ = process.communicate(timeout=120)
    run = stores.outcome(process.returncode, output)
    assert restarted.url == cloud.url
    assert run.status == 0, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 4}
    assert len(stores.operations()) == 1
