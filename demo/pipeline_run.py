"""`python -m pipeline` as a child process, with the flags that a user of the cloud gives, and endpoints."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from demo.cloud import Cloud
from demo.names import AUDIT_TABLE, DESTINATION, MANIFEST_GLOB, SOURCE, WORK_DIR
from demo.processes import STOP_PIPELINE, Child

_LAST_WORDS_SECS = 5.0
_BY_SIGNAL = 128
"""Shells report a process that a signal ended as 128 and the signal's number."""


def pipeline_arguments(*, config: Path, run_id: str, audit: Path, endpoint: str) -> list[str]:
    """The command line after `python -m pipeline`."""
    flags = {
        "source_store": SOURCE,
        "destination_store": DESTINATION,
        "input": MANIFEST_GLOB,
        "deidentify_config": str(config),
        "work_dir": WORK_DIR,
        "audit_table": AUDIT_TABLE,
        "audit_output": str(audit),
        "run_id": run_id,
        "max_instances_per_batch": "50",  # small, so that several operations are to be seen
        "poll_interval_secs": "1",
        "tolerate_outcomes": "rejected",
        "healthcare_endpoint": endpoint,
    }
    return [f"--{name}={value}" for name, value in flags.items()]


def run_pipeline(arguments: list[str], cloud: Cloud, hear: Callable[[str], None]) -> int:
    """Run it to its end and return its exit status; `hear` gets each line of its output as it comes."""
    child = Child(
        ["-m", "pipeline", *arguments],
        environment=cloud.environment(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )

    def listen() -> None:
        for line in child.stdout:
            hear(line.rstrip("\n"))

    listener = threading.Thread(target=listen, name="pipeline-output", daemon=True)
    listener.start()
    try:
        status = child.wait()
    finally:
        child.stop(STOP_PIPELINE)
        listener.join(_LAST_WORDS_SECS)
    return status if status >= 0 else _BY_SIGNAL - status
