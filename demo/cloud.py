"""The embedded services as a child process, and the resources that the demo needs in them."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage

from demo.errors import DemoError
from demo.names import AUDIT_DATASET, BUCKET, DATASET, DESTINATION, LOCATION, PARENT, PROJECT, SOURCE
from demo.processes import STOP_SERVER, Child

_READY_SECS = 60.0
TIMEOUT_SECS = (10, 300)  # connect, read


@dataclass(frozen=True)
class Cloud:
    """Where the services listen; `credentials` is a file that Google's clients accept without asking anybody."""

    healthcare: str
    storage: str
    bigquery: str
    credentials: str

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` with the variables by which Google's own clients are redirected."""
        return {
            **base,
            "STORAGE_EMULATOR_HOST": self.storage,
            "BIGQUERY_EMULATOR_HOST": self.bigquery,
            "GOOGLE_APPLICATION_CREDENTIALS": self.credentials,
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "NO_PROXY": "127.0.0.1,localhost,::1",
            "no_proxy": "127.0.0.1,localhost,::1",
        }

    def dicom_web(self, store: str) -> str:
        """The DICOMweb base URL of a store, given by its resource name."""
        return f"{self.healthcare}/v1/{store}/dicomWeb"


@contextmanager
def running_cloud(data: Path, log: Path) -> Iterator[Cloud]:
    """The services on free loopback ports, their data under `data`, ended when the block ends.

    Raises:
        DemoError: they did not start; the message carries their own last line.
    """
    with log.open("w", encoding="utf-8") as errors:
        child = Child(
            ["-m", "emulator", "serve", "--port", "0", "--data", str(data)],
            environment=os.environ,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            yield _ready(child, log)
        finally:
            child.stop(STOP_SERVER)


def _ready(child: Child, log: Path) -> Cloud:
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in child.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, name="cloud-output", daemon=True).start()
    try:
        line = lines.get(timeout=_READY_SECS)
    except queue.Empty:
        raise DemoError(f"the embedded services were not ready after {_READY_SECS:.0f} s. See {log}") from None
    try:
        said = json.loads(line)
        return Cloud(said["healthcare"], said["storage"], said["bigquery"], said["credentials"])
    except (ValueError, KeyError, TypeError):
        raise DemoError(f"the embedded services did not start: {_last_line(log)}") from None


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "they said nothing"


def open_session() -> requests.Session:
    """A session for plain HTTP to the services: no proxy, no credentials of this machine."""
    session = requests.Session()
    session.trust_env = False
    return session


def open_bucket(cloud: Cloud) -> storage.Bucket:
    """The demo's bucket, created when missing."""
    client = storage.Client(
        project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": cloud.storage}
    )
    return client.lookup_bucket(BUCKET) or client.create_bucket(BUCKET, location=LOCATION)


def create_resources(cloud: Cloud, session: requests.Session) -> None:
    """Healthcare dataset, source and destination store, and the BigQuery dataset of the audit; existing ones stay.

    Raises:
        DemoError: a service refused.
    """
    for parent, kind, name in (
        (PARENT, "dataset", DATASET),
        (DATASET, "dicomStore", SOURCE),
        (DATASET, "dicomStore", DESTINATION),
    ):
        response = session.post(
            f"{cloud.healthcare}/v1/{parent}/{kind}s",
            params={f"{kind}Id": name.rpartition("/")[2]},
            json={},
            timeout=TIMEOUT_SECS,
        )
        if response.status_code not in (200, 409):
            raise DemoError(f"the embedded Healthcare API answered {response.status_code} to {kind}s.create")
    client = bigquery.Client(
        project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": cloud.bigquery}
    )
    try:
        client.create_dataset(AUDIT_DATASET, exists_ok=True)
    finally:
        client.close()
