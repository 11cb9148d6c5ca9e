"""Both sides over the wire: the embedded cloud as a child process, the pipeline's own command line as another.

cloud            one embedded cloud for the whole suite, default settings
start_cloud      a cloud of the test's own, with settings, data folder, and restarts
stores           a pair of DICOM stores nobody else uses, on `cloud`
Stores           store instances, write manifests, run the pipeline, read what it left
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

ROOT = Path(__file__).parents[2]
BASIC = {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}
BUCKET = "e2e"
CANARY = "CANARY^PATIENT"
_numbers = itertools.count(1)


def wait_for(condition: Callable[[], Any], what: str, deadline_secs: float = 60) -> Any:
    """Poll until `condition()` is true and return its value; fail the test when the deadline passes."""
    give_up = time.monotonic() + deadline_secs
    while time.monotonic() < give_up:
        if value := condition():
            return value
        time.sleep(0.05)
    return pytest.fail(f"gave up waiting for {what}")


@dataclass
class Cloud:
    """One embedded cloud: a child process."""

    process: subprocess.Popen[str]
    endpoints: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.endpoints["healthcare"])

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs to be sent here, and nothing of this machine's own credentials."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOOGLE_", "CLOUDSDK_"))}
        return kept | {
            "STORAGE_EMULATOR_HOST": self.endpoints["storage"],
            "BIGQUERY_EMULATOR_HOST": self.endpoints["bigquery"],
            "GOOGLE_APPLICATION_CREDENTIALS": self.endpoints["credentials"],
            "GOOGLE_CLOUD_PROJECT": "local",
        }

    def bucket(self) -> storage.Bucket:
        client = storage.Client(
            project="local",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.endpoints["storage"]},
        )
        bucket = client.bucket(BUCKET)
        if not bucket.exists():
            bucket.create()
        return bucket

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _start(data: Path, settings: dict[str, Any], port: str = "0") -> Cloud:
    command = [sys.executable, "-m", "emulator", "serve", "--port", port, "--data", str(data)]
    if settings:
        command += ["--set", *(f"{name}={value}" for name, value in settings.items())]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the embedded cloud did not start"
    return Cloud(process, json.loads(line))


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    running = _start(tmp_path_factory.mktemp("cloud"), {})
    yield running
    running.stop()


@pytest.fixture
def start_cloud(tmp_path: Path) -> Iterator[Callable[..., Cloud]]:
    started: list[Cloud] = []

    def start(port: str = "0", **settings: Any) -> Cloud:
        started.append(_start(tmp_path / "cloud", settings, port))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def instance(study: str, series: str, sop: str, **attributes: Any) -> Dataset:
    """A small Secondary Capture instance that names a patient."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, sop
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
    dataset.PatientName, dataset.PatientID = CANARY, "CANARY-ID"
    dataset.PatientBirthDate, dataset.PatientSex = "19700101", "O"
    dataset.StudyDate, dataset.StudyTime, dataset.AccessionNumber = "20200101", "101010", "CANARY-ACC"
    dataset.Modality, dataset.StudyDescription = "OT", "CANARY study of nobody"
    dataset.Rows = dataset.Columns = 4
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.PixelData = bytes(range(16))
    for name, value in attributes.items():
        setattr(dataset, name, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = sop
    return dataset


@dataclass(frozen=True)
class Run:
    """A finished pipeline process."""

    status: int
    output: str
    account: dict[str, Any] | None
    rows: list[dict[str, Any]] = field(repr=False)

    def outcomes(self) -> dict[str, int]:
        """Rows by outcome/reason."""
        counts: dict[str, int] = {}
        for row in self.rows:
            key = f"{row['outcome']}/{row['reason']}" if row["reason"] else row["outcome"]
            counts[key] = counts.get(key, 0) + 1
        return counts


@dataclass
class Stores:
    """A source and a destination store of a test, and what a person does with them."""

    cloud: Cloud
    folder: Path
    name: str
    location: str = "us-central1"

    def __post_init__(self) -> None:
        self.dataset = f"projects/local/locations/{self.location}/datasets/{self.name}"
        self.work_dir = f"gs://{BUCKET}/{self.name}/work"
        self.cloud.bucket()
        self.post(f"/v1/{self.dataset.rpartition('/')[0]}?datasetId={self.name}", {})
        self.source, self.destination = self.create_store("source"), self.create_store("destination")

    def post(self, path: str, body: Any) -> dict[str, Any]:
        answer = requests.post(self.cloud.url + path, json=body, timeout=30)
        answer.raise_for_status()
        return dict(answer.json())

    def get(self, path: str) -> Any:
        answer = requests.get(self.cloud.url + path, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def create_store(self, name: str) -> str:
        self.post(f"/v1/{self.dataset}/dicomStores?dicomStoreId={name}", {})
        return f"{self.dataset}/dicomStores/{name}"

    def store(self, *datasets: Dataset, into: str | None = None) -> None:
        for dataset in datasets:
            body = BytesIO()
            pydicom.dcmwrite(body, dataset, enforce_file_format=True)
            answer = requests.post(
                f"{self.cloud.url}/v1/{into or self.source}/dicomWeb/studies",
                data=body.getvalue(),
                headers={"Content-Type": "application/dicom"},
                timeout=30,
            )
            answer.raise_for_status()

    def store_studies(self, studies: int, instances: int) -> list[str]:
        """Store `studies` studies of `instances` instances each; return their paths."""
        paths = []
        for study in range(1, studies + 1):
            for number in range(1, instances + 1):
                uids = f"1.2.826.{study}", f"1.2.826.{study}.{(number + 1) // 2}", f"1.2.826.{study}.0.{number}"
                self.store(instance(*uids))
                paths.append("/studies/{}/series/{}/instances/{}".format(*uids))
        return paths

    def manifest(self, *lines: str, name: str = "manifest.txt", data: bytes | None = None) -> str:
        """Write a manifest; return the glob of all manifests."""
        blob = self.cloud.bucket().blob(f"{self.name}/manifests/{name}")
        blob.upload_from_string(data if data is not None else "".join(f"{line}\n" for line in lines))
        return f"gs://{BUCKET}/{self.name}/manifests/*"

    def config(self, body: Any = BASIC, name: str = "config.json") -> str:
        path = self.folder / name
        path.write_text(body if isinstance(body, str) else json.dumps(body))
        return str(path)

    def flags(self, **changed: Any) -> list[str]:
        """The command line; `changed` replaces flags, None leaves one out."""
        flags = {
            "source_store": self.source,
            "destination_store": self.destination,
            "input": f"gs://{BUCKET}/{self.name}/manifests/*",
            "deidentify_config": None,
            "work_dir": self.work_dir,
            "audit_output": str(self.folder / "audit.jsonl"),
            "run_id": "run-1",
            "poll_interval_secs": "0.3",
            "launch_settle_secs": "1",
            "healthcare_endpoint": self.cloud.url,
        } | changed
        if flags["deidentify_config"] is None and "deidentify_config" not in changed:
            flags["deidentify_config"] = self.config()
        return [f"--{name}={value}" for name, value in flags.items() if value is not None]

    def start(self, **changed: Any) -> subprocess.Popen[str]:
        """Start the pipeline's command line as a child of its own process group."""
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", *self.flags(**changed)],
            cwd=ROOT,
            env=self.cloud.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, **changed: Any) -> Run:
        """Run it to its end; rows and account are read from where it leaves them."""
        audit = self.folder / "audit.jsonl"
        audit.unlink(missing_ok=True)
        process = self.start(**changed)
        output, _ = process.communicate(timeout=180)
        return self.outcome(process.returncode, output, changed.get("run_id", "run-1"))

    def outcome(self, status: int, output: str, run_id: str = "run-1") -> Run:
        audit = self.folder / "audit.jsonl"
        rows = [json.loads(line) for line in audit.read_text().splitlines()] if audit.exists() else []
        blob = self.cloud.bucket().blob(f"{self.name}/work/runs/{run_id}/account.json")
        account = json.loads(blob.download_as_bytes()) if blob.exists() else None
        return Run(status, output, account, rows)

    def ledger(self, prefix: str = "") -> list[str]:
        """Object names under the work_dir."""
        root = f"{self.name}/work/"
        bucket = self.cloud.bucket()
        return [blob.name.removeprefix(root) for blob in bucket.client.list_blobs(bucket, prefix=root + prefix)]

    def read_ledger(self, name: str) -> bytes:
        return bytes(self.cloud.bucket().blob(f"{self.name}/work/{name}").download_as_bytes())

    def operations(self) -> list[dict[str, Any]]:
        """All deidentify operations of the source's dataset."""
        found = self.get(f"/v1beta1/{self.dataset}/operations").get("operations", [])
        return [item for item in found if "deidentify" in item["metadata"]["apiMethodName"].lower()]

    def instances(self, store: str) -> set[str]:
        """SOP Instance UIDs of a store."""
        answer = requests.get(f"{self.cloud.url}/v1/{store}/dicomWeb/instances?limit=50000", timeout=30)
        answer.raise_for_status()
        found = answer.json() if answer.content else []
        return {item["00080018"]["Value"][0] for item in found}


@pytest.fixture
def make_instance() -> Callable[..., Dataset]:
    """`make_instance(study, series, sop, PatientName=...)`: a small instance that names a patient."""
    return instance


@pytest.fixture
def make_stores(tmp_path: Path) -> Callable[[Cloud], Stores]:
    return lambda cloud: Stores(cloud, tmp_path, f"t{next(_numbers)}")


@pytest.fixture
def stores(cloud: Cloud, make_stores: Callable[[Cloud], Stores]) -> Stores:
    return make_stores(cloud)


@pytest.fixture
def kill() -> Iterator[Callable[[subprocess.Popen[str]], None]]:
    """SIGKILL for a pipeline and all its children; whatever a test leaves running is killed too."""
    seen: list[subprocess.Popen[str]] = []

    def kill_group(process: subprocess.Popen[str]) -> None:
        seen.append(process)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)

    yield kill_group
    for process in seen:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


class FaultyProxy:
    """HTTP on the way to a cloud's Healthcare API, with faults on launches.

    `faults` are taken one for each deidentify POST: "lost" (never forwarded, the connection breaks), "unanswered"
    (forwarded, then the connection breaks), "503" (not forwarded). With none left everything passes.
    """

    def __init__(self, target: str, faults: list[str]) -> None:
        self.left, self.consumed = list(faults), []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fault = (
                    proxy.left.pop(0) if self.path.partition("?")[0].endswith(":deidentify") and proxy.left else None
                )
                if fault:
                    proxy.consumed.append(fault)
                if fault == "503":
                    self.send_response(503)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if fault == "lost":
                    self.close_connection = True
                    return
                kept = {
                    name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}
                }
                answer = requests.request(self.command, target + self.path, headers=kept, data=body, timeout=60)
                if fault == "unanswered":
                    self.close_connection = True
                    return
                self.send_response(answer.status_code)
                self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST = _pass  # noqa: N815 - http.server names them so

            def log_message(self, *_arguments: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def proxy(cloud: Cloud) -> Iterator[Callable[..., FaultyProxy]]:
    made: list[FaultyProxy] = []

    def make(*faults: str) -> FaultyProxy:
        made.append(FaultyProxy(cloud.url, list(faults)))
        return made[-1]

    yield make
    for one in made:
        one.server.shutdown()
        one.server.server_close()
