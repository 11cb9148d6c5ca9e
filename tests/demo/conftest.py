"""A real embedded cloud for the tests of this folder, and help with processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from demo.cloud import Cloud, create_resources, open_session, running_cloud

DEADLINE_SECONDS = 60


def _is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.02)


@pytest.fixture
def is_alive() -> Callable[[int], bool]:
    return _is_alive


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    return _wait_until


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    with running_cloud(folder / "data", folder / "cloud.log") as started, open_session() as session:
        create_resources(started, session)
        yield started


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with open_session() as opened:
        yield opened


@pytest.fixture
def fresh_store(cloud: Cloud, session: requests.Session) -> str:
    """The DICOMweb URL of an empty store."""
    parent = "projects/deid-demo/locations/us-central1/datasets/demo"
    name = f"store-{os.urandom(6).hex()}"
    created = session.post(
        f"{cloud.healthcare}/v1/{parent}/dicomStores", params={"dicomStoreId": name}, json={}, timeout=60
    )
    created.raise_for_status()
    return cloud.dicom_web(f"{parent}/dicomStores/{name}")
