"""A server that is killed: what it has answered is there, what it was doing is not."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap

import requests

SERVER = textwrap.dedent(
    """
    import sys
    from pathlib import Path

    import uvicorn
    from emulator.bigquery import build_bigquery

    ROW = b'{"a": "x"}'
    service = build_bigquery(Path(sys.argv[1]), lambda uri: b"\\n".join([ROW] * int(uri[8:])), lambda uri: [])

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            print(self.servers[0].sockets[0].getsockname()[1], flush=True)

    Server(uvicorn.Config(service.app, port=0, lifespan="off", log_config=None)).run()
    """
)


@contextlib.contextmanager
def served(folder):
    """A server in a process of its own, killed in the end."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        yield process, f"http://127.0.0.1:{process.stdout.readline().strip()}/bigquery/v2/projects/p"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def load(url, job_id, rows):
    config = {
        "sourceUris": [f"gs://b/n{rows}"],
        "sourceFormat": "NEWLINE_DELIMITED_JSON",
        "destinationTable": {"projectId": "p", "datasetId": "d", "tableId": "t"},
    }
    body = {"jobReference": {"projectId": "p", "jobId": job_id}, "configuration": {"load": config}}
    return requests.post(f"{url}/jobs", json=body, timeout=60)


def count(url):
    answer = requests.get(f"{url}/datasets/d/tables/t", timeout=60)
    return int(answer.json()["numRows"])


def test_a_killed_server_has_each_job_with_its_rows_or_neither(tmp_path):
    with served(tmp_path) as (_, url):
        requests.post(f"{url}/datasets", json={"datasetReference": {"datasetId": "d"}}, timeout=60)
        table = {
            "tableReference": {"projectId": "p", "datasetId": "d", "tableId": "t"},
            "schema": {"fields": [{"name": "a", "type": "STRING"}]},
        }
        requests.post(f"{url}/datasets/d/tables", json=table, timeout=60)
    answered = 0
    for attempt in range(3):
        with served(tmp_path) as (process, url):
            assert load(url, f"done-{attempt}", 10).json()["status"]["state"] == "DONE"
            answered += 10
            script = "import requests, sys; requests.post(sys.argv[1], data=sys.argv[2], timeout=60)"
            config = {
                "sourceUris": ["gs://b/n100000"],
                "sourceFormat": "NEWLINE_DELIMITED_JSON",
                "destinationTable": {"projectId": "p", "datasetId": "d", "tableId": "t"},
            }
            body = {
                "jobReference": {"projectId": "p", "jobId": f"cut-{attempt}"},
                "configuration": {"load": config},
            }
            caller = subprocess.Popen(
                [sys.executable, "-c", script, f"{url}/jobs", json.dumps(body)], stderr=subprocess.DEVNULL
            )
            with contextlib.suppress(subprocess.TimeoutExpired):
                caller.wait(timeout=0.3 + 0.3 * attempt)
            os.kill(process.pid, signal.SIGKILL)
            caller.kill()
            caller.wait()
        with served(tmp_path) as (_, url):
            answered += 100_000 * (requests.get(f"{url}/jobs/cut-{attempt}", timeout=60).status_code == 200)
            assert count(url) == answered
            assert load(url, f"done-{attempt}", 10).status_code == 409
            assert count(url) == answered
