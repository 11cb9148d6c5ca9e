"""A real server of the embedded Healthcare API on a free port, and clients nobody here wrote."""

from __future__ import annotations

import dataclasses
import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
import requests
import uvicorn
from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from emulator.healthcare import HealthcareService, build_healthcare
from emulator.objects import ObjectNotFound
from emulator.settings import Settings

LOCATION = "projects/p/locations/us-central1"
DATASET = f"{LOCATION}/datasets/d"
SOURCE = f"{DATASET}/dicomStores/source"
DESTINATION = f"{DATASET}/dicomStores/destination"
BASIC = {"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}
DEADLINE_SECONDS = 60


def _wait_for(condition: Callable[[], Any]) -> Any:
    """The first true value of `condition`, polled until a generous deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("the condition did not become true in time")


def _dicom_file(study: str = "1.2.3", series: str = "1.2.3.4", sop: str = "1.2.3.4.5", **attributes: Any) -> bytes:
    """A small MR instance as a DICOM file."""
    dataset = Dataset()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = study, series, sop
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Canary^Name", "canary-id", "MR"
    for name, value in attributes.items():
        setattr(dataset, name, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


@dataclasses.dataclass
class Server:
    """A running server: its URL, its objects (gs:// URI to bytes) and its data folder."""

    url: str
    root: Path
    objects: dict[str, bytes]
    service: HealthcareService
    _uvicorn: uvicorn.Server
    _thread: threading.Thread
    location: str = LOCATION
    dataset: str = DATASET
    source: str = SOURCE
    destination: str = DESTINATION
    dicom_file: Callable[..., bytes] = _dicom_file
    wait_for: Callable[..., Any] = _wait_for

    def datasets(self, version: str = "v1") -> Any:
        """google-api-python-client's projects.locations.datasets."""
        return self.api(version).projects().locations().datasets()

    def stores(self, version: str = "v1") -> Any:
        """google-api-python-client's projects.locations.datasets.dicomStores."""
        return self.datasets(version).dicomStores()

    def operations(self, version: str = "v1") -> Any:
        """google-api-python-client's projects.locations.datasets.operations."""
        return self.datasets(version).operations()

    def api(self, version: str = "v1") -> Any:
        """google-api-python-client built from its own Discovery document."""
        return build(
            "healthcare",
            version,
            client_options={"api_endpoint": self.url},
            static_discovery=True,
            credentials=AnonymousCredentials(),
            num_retries=0,
        )

    def make_stores(self) -> None:
        """The dataset with a source and a destination store."""
        self.datasets().create(parent=LOCATION, datasetId="d", body={}).execute()
        for store in ("source", "destination"):
            self.stores().create(parent=DATASET, dicomStoreId=store, body={}).execute()

    def store(self, *files: bytes, store: str = SOURCE) -> None:
        """STOW-RS each file."""
        for file in files:
            answer = requests.post(
                f"{self.url}/v1/{store}/dicomWeb/studies",
                data=file,
                headers={"Content-Type": "application/dicom"},
                timeout=DEADLINE_SECONDS,
            )
            assert answer.status_code == 200, answer.text

    def instance_count(self, store: str = DESTINATION) -> int:
        """How many instances a store holds."""
        return int(self.stores().getDICOMStoreMetrics(name=store).execute().get("instanceCount", 0))

    def deidentify(self, version: str = "v1", **body: Any) -> str:
        """Start a de-identify operation with the Basic profile and return its name."""
        body = {"destinationStore": DESTINATION, "config": BASIC, **body}
        answer = self.stores(version).deidentify(sourceStore=SOURCE, body=body).execute()
        assert set(answer) == {"name"}
        return answer["name"]

    def get_operation(self, name: str) -> dict[str, Any]:
        """operations.get."""
        return self.operations().get(name=name).execute()

    def wait(self, name: str) -> dict[str, Any]:
        """The operation when it is done."""
        _wait_for(lambda: self.get_operation(name).get("done"))
        return self.get_operation(name)

    def stop(self) -> None:
        """End the server as a signal would."""
        self._uvicorn.should_exit = True
        self._thread.join()
        self.service.close()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server with settings given by name; a second one on the same data after the first was stopped."""
    running: list[Server] = []
    objects: dict[str, bytes] = {}

    def read_object(uri: str) -> bytes:
        if uri not in objects:
            raise ObjectNotFound
        if objects[uri] == b"unreadable":
            raise RuntimeError("canary of an unexpected error")
        return objects[uri]

    def start(**settings: Any) -> Server:
        service = build_healthcare(
            tmp_path / "data", Settings.from_mapping({"engine_processes": 1, **settings}), read_object
        )
        config = uvicorn.Config(
            service.app, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False
        )
        web = uvicorn.Server(config)
        thread = threading.Thread(target=web.run, daemon=True)
        thread.start()
        _wait_for(lambda: web.started)
        port = web.servers[0].sockets[0].getsockname()[1]
        running.append(Server(f"http://127.0.0.1:{port}", tmp_path / "data", objects, service, web, thread))
        return running[-1]

    yield start
    for server in running:
        if server._thread.is_alive():
            server.stop()


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    """A server with default settings, a dataset, and an empty source and destination store."""
    started = start_server()
    started.make_stores()
    return started


@pytest.fixture
def dicom_file() -> Callable[..., bytes]:
    """Builds a small DICOM file."""
    return _dicom_file


@pytest.fixture
def wait_for() -> Callable[..., Any]:
    """Polls a condition until a deadline."""
    return _wait_for
