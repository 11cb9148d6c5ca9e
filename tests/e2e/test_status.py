"""python -m pipeline status: a run's progress and account, from its ledger alone."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def status(stores, run_id="run-1"):
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "status", f"--work_dir={stores.work_dir}", f"--run_id={run_id}"],
        cwd=ROOT,
        env=stores.cloud.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_running_run_shows_its_progress_and_an_ended_one_its_account(start_cloud, make_stores):
    stores = make_stores(start_cloud(operation_pace="manual"))
    stores.manifest(*stores.store_studies(2, 1))
    process = stores.start(max_instances_per_batch=1)
    give_up = time.monotonic() + 60
    while len(stores.operations()) < 2:
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < give_up
    first, second = stores.operations()
    stores.post(f"/emulator/healthcare/{first['name']}:finish", {})
    while "1 of 2 batches" not in (running := status(stores)).stdout:
        assert running.returncode == 0, running.stderr
        assert time.monotonic() < give_up
    stores.post(f"/emulator/healthcare/{second['name']}:finish", {})
    output, _ = process.communicate(timeout=60)
    ended = status(stores)
    assert (process.returncode, ended.returncode) == (0, 0), output
    assert "deidentified           2" in ended.stdout
    assert "balanced             yes" in ended.stdout


def test_a_run_that_does_not_exist_is_said_so(stores):
    answer = status(stores, "no-such-run")
    assert answer.returncode == 2
    assert "no run no-such-run" in answer.stderr
