"""Resuming a run after a crash, and new runs over what earlier ones left."""

from __future__ import annotations

import os
import signal
import time

import requests

MINIMAL = {"dicomTagConfig": {"profileType": "MINIMAL_KEEP_LIST_PROFILE"}}


def wait_until(condition, process, what):
    """Poll `condition` while the process lives."""
    give_up = time.monotonic() + 90
    while not condition():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < give_up, f"gave up waiting for {what}"
        time.sleep(0.02)


def test_a_finished_run_resumed_launches_nothing_and_repeats_its_rows(stores):
    stores.manifest(*stores.store_studies(2, 3), "garbage")
    first, second = stores.run(), stores.run()
    assert second.rows == first.rows
    assert second.account == first.account
    assert len(stores.operations()) == 1


def test_a_new_run_skips_what_the_same_configuration_has_done(stores):
    paths = stores.store_studies(2, 3)
    stores.manifest(*paths[:4])
    stores.run()
    stores.manifest(*paths)
    second = stores.run(run_id="run-2")
    assert second.status == 0, second.output
    assert second.outcomes() == {"SKIPPED/ALREADY_DEIDENTIFIED": 4, "DEIDENTIFIED": 2}
    assert len(stores.instances(stores.destination)) == 6


def test_another_configuration_into_one_destination_finds_it_occupied(stores):
    stores.manifest(*stores.store_studies(1, 2))
    stores.run()
    second = stores.run(run_id="run-2", deidentify_config=stores.config(MINIMAL))
    assert second.status == 1
    assert second.outcomes() == {"UNKNOWN/DESTINATION_OCCUPIED": 2}
    assert len(stores.operations()) == 1


def test_occupied_instances_can_be_accepted_by_a_flag(stores):
    stores.manifest(*stores.store_studies(1, 2))
    stores.run()
    second = stores.run(run_id="run-2", deidentify_config=stores.config(MINIMAL), skip_occupied="true")
    assert second.status == 0, second.output
    assert second.outcomes() == {"SKIPPED/DESTINATION_OCCUPIED": 2}


def test_a_pipeline_killed_while_operations_run_is_resumed_without_a_second_operation(start_cloud, make_stores, kill):
    stores = make_stores(start_cloud(operation_min_seconds=4))
    stores.manifest(*stores.store_studies(4, 2), "garbage")
    flags = {"max_instances_per_batch": 2, "max_concurrent_operations": 2}
    process = stores.start(**flags)
    wait_until(lambda: len(stores.operations()) == 2, process, "two operations")
    kill(process)
    run = stores.run(**flags)
    assert run.status == 1, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 8, "REJECTED/NOT_A_PATH": 1}
    assert run.account["balanced"]
    assert (run.account["batches"], run.account["operations"]) == (4, 4)
    assert len(stores.operations()) == 4
    assert all(operation["metadata"]["counter"] == {"success": "2"} for operation in stores.operations())


def test_a_pipeline_killed_between_intent_and_record_adopts_its_operation(start_cloud, make_stores, kill):
    stores = make_stores(start_cloud(operation_min_seconds=5))
    stores.manifest(*stores.store_studies(1, 2))
    process = stores.start()
    wait_until(lambda: any(name.endswith("operation.json") for name in stores.ledger("batches/")), process, "a launch")
    kill(process)
    record = next(name for name in stores.ledger("batches/") if name.endswith("operation.json"))
    stores.cloud.bucket().blob(f"{stores.name}/work/{record}").delete()
    run = stores.run()
    assert run.status == 0, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 2}
    assert len(stores.operations()) == 1


def test_the_cap_on_operations_holds_over_a_crash(start_cloud, make_stores, kill):
    stores = make_stores(start_cloud(operation_min_seconds=2))
    stores.manifest(*stores.store_studies(6, 1))
    flags = {"max_instances_per_batch": 1, "max_concurrent_operations": 2}
    process = stores.start(**flags)
    wait_until(lambda: len(stores.operations()) >= 2, process, "two operations")
    kill(process)
    run = stores.run(**flags)
    assert run.status == 0, run.output
    spans = [(o["metadata"]["createTime"], o["metadata"]["endTime"]) for o in stores.operations()]
    assert len(spans) == 6
    assert max(sum(start <= moment < end for start, end in spans) for moment, _ in spans) == 2


def test_instances_that_another_run_has_in_flight_are_left_out(start_cloud, make_stores, kill):
    stores = make_stores(start_cloud(operation_min_seconds=60))
    paths = stores.store_studies(2, 2)
    stores.manifest(*paths[:2])
    process = stores.start()
    wait_until(lambda: any(name.endswith("operation.json") for name in stores.ledger("batches/")), process, "a launch")
    kill(process)
    stores.manifest(*paths[:2], "garbage")
    second = stores.run(run_id="run-2")
    assert second.outcomes() == {"UNKNOWN/HELD_BY_ANOTHER_RUN": 2, "REJECTED/NOT_A_PATH": 1}
    assert len(stores.operations()) == 1


def test_ctrl_c_ends_the_pipeline_and_says_how_to_go_on(start_cloud, make_stores):
    stores = make_stores(start_cloud(operation_min_seconds=60))
    stores.manifest(*stores.store_studies(1, 1))
    process = stores.start()
    wait_until(stores.operations, process, "an operation")
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130, output
    assert "--run_id=run-1 resumes" in output


def test_a_cancelled_operation_leaves_every_instance_one_outcome(start_cloud, make_stores):
    stores = make_stores(start_cloud(operation_min_seconds=60))
    stores.manifest(*stores.store_studies(1, 3))
    process = stores.start()
    wait_until(stores.operations, process, "an operation")
    (operation,) = stores.operations()
    requests.post(f"{stores.cloud.url}/v1/{operation['name']}:cancel", json={}, timeout=30).raise_for_status()
    output, _ = process.communicate(timeout=60)
    run = stores.outcome(process.returncode, output)
    assert run.status == 1
    assert run.account["balanced"]
    written = len(stores.instances(stores.destination))
    assert run.account["deidentified"] == written
    assert run.outcomes().get("FAILED/OPERATION_CANCELLED", 0) == 3 - written
