"""Killed again and again at arbitrary moments, a run still ends with each instance done once and an exact account."""

from __future__ import annotations

import random
import subprocess

import pytest


@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_killed_at_arbitrary_moments_ends_with_everything_done_once(start_cloud, make_stores, kill, seed):
    stores = make_stores(start_cloud(operation_min_seconds=1))
    stores.manifest(*stores.store_studies(6, 2), "garbage", "/studies/9.9/series/9/instances/9")
    flags = {"max_instances_per_batch": 2, "max_concurrent_operations": 2}
    moments = random.Random(seed)
    kills = 0
    for _ in range(4):
        process = stores.start(**flags)
        try:
            process.wait(timeout=moments.uniform(2.0, 6.0))
            break
        except subprocess.TimeoutExpired:
            kill(process)
            kills += 1
    run = stores.run(**flags)
    assert kills > 0
    assert run.status == 1, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 12, "REJECTED/NOT_A_PATH": 1, "REJECTED/NOT_IN_SOURCE": 1}
    assert run.account["balanced"]
    successes = [int(operation["metadata"]["counter"].get("success", 0)) for operation in stores.operations()]
    assert sum(successes) == 12
    assert len(stores.instances(stores.destination)) == 12
