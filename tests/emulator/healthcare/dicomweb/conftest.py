"""A DICOM store over real HTTP: the routes under test behind uvicorn, with the smallest directory and operations."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio.to_thread
import pydicom
import pydicom.data
import pytest
import requests
import uvicorn
from dicomweb_client.api import DICOMwebClient
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from starlette.applications import Starlette

from emulator.errors import GoogleError, rpc_error_handler
from emulator.healthcare.dicomweb import dicomweb_routes
from emulator.healthcare.instances import InstanceStore
from emulator.settings import Settings

DATASET = "projects/p/locations/l/datasets/d"
STORE = f"{DATASET}/dicomStores/s"


class Directory:
    """Knows the stores it was given."""

    def __init__(self, *stores: str) -> None:
        self._stores = set(stores)

    def require_dicom_store(self, store: str) -> None:
        if store not in self._stores:
            raise GoogleError(404, "the DICOM store does not exist")


class Operations:
    """Runs each piece of work to its end before it answers, and remembers what it ran."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, str, str, int]] = []

    async def run(self, dataset: str, api_version: str, api_method: str, work: Callable[[], int]) -> dict[str, Any]:
        done = await anyio.to_thread.run_sync(work)
        self.ran.append((dataset, api_version, api_method, done))
        return {"name": f"{dataset}/operations/{len(self.ran)}"}


MULTIPART = 'multipart/related; type="application/dicom"; boundary="b0undary"'


class Dicom:
    """Builders of test data."""

    MULTIPART = MULTIPART

    @staticmethod
    def instance(**attributes: Any) -> Dataset:
        """A small CT instance in Explicit VR Little Endian; keyword arguments set or (None) remove attributes."""
        dataset = Dataset()
        dataset.preamble = b"\0" * 128
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.SOPClassUID = CTImageStorage
        dataset.SOPInstanceUID = generate_uid()
        dataset.StudyInstanceUID = generate_uid()
        dataset.SeriesInstanceUID = generate_uid()
        dataset.Modality = "CT"
        dataset.PatientName = "CANARY^NAME"
        dataset.PatientID = "CANARY-ID"
        dataset.StudyDate = "20200102"
        dataset.Rows, dataset.Columns = 2, 3
        dataset.BitsAllocated = dataset.BitsStored = 16
        dataset.HighBit = 15
        dataset.PixelRepresentation = 0
        dataset.SamplesPerPixel = 1
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.PixelData = bytes(range(12))
        for keyword, value in attributes.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)
        return dataset

    @staticmethod
    def encode(dataset: Dataset, *, implicit: bool = False, little: bool = True) -> bytes:
        """A dataset as the bytes of a DICOM file in its own transfer syntax."""
        buffer = BytesIO()
        dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", CTImageStorage)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3")
        dataset.file_meta.FileMetaInformationGroupLength = 0
        pydicom.dcmwrite(buffer, dataset, implicit_vr=implicit, little_endian=little, force_encoding=True)
        return buffer.getvalue()

    @classmethod
    def file(cls, **attributes: Any) -> bytes:
        """`instance` as the bytes of a DICOM file."""
        return cls.encode(cls.instance(**attributes))

    @staticmethod
    def sample(name: str) -> bytes:
        """A file that ships inside pydicom."""
        path = get_testdata_file(name, download=False)
        assert isinstance(path, str)
        return Path(path).read_bytes()

    @staticmethod
    def samples() -> list[Path]:
        """Every file that ships inside pydicom as data, in a fixed order."""
        root = Path(pydicom.data.data_manager.DATA_ROOT)
        return sorted(p for p in root.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc"))

    @staticmethod
    def multipart(*files: bytes, content_type: bytes = b"application/dicom") -> bytes:
        """Files as the parts of a multipart body with the boundary of MULTIPART."""
        parts = [b"--b0undary\r\nContent-Type: " + content_type + b"\r\n\r\n" + file + b"\r\n" for file in files]
        return b"".join(parts) + b"--b0undary--\r\n"

    @staticmethod
    def path(dataset: Dataset) -> str:
        """The DICOMweb path of an instance."""
        study, series, sop = dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID
        return f"/studies/{study}/series/{series}/instances/{sop}"

    @staticmethod
    def values(attributes: dict[str, Any], tag: str) -> list[Any]:
        """The values of an attribute in DICOM JSON; [] when it is absent or empty."""
        return attributes.get(tag, {}).get("Value", [])


@dataclass
class Server:
    """A running server and ways to talk to it."""

    url: str
    instances: InstanceStore
    operations: Operations
    store: str = STORE
    http: requests.Session = field(default_factory=requests.Session)

    @property
    def dicomweb(self) -> str:
        return f"{self.url}/v1/{self.store}/dicomWeb"

    def client(self) -> DICOMwebClient:
        return DICOMwebClient(url=self.dicomweb)

    def get(self, path: str, accept: str | None = None) -> requests.Response:
        return self.http.get(f"{self.dicomweb}{path}", headers={"Accept": accept} if accept else {}, timeout=60)

    def post(self, body: Any, content_type: str, study: str = "", accept: str = "application/dicom+json") -> Any:
        headers = {"Content-Type": content_type, "Accept": accept}
        return self.http.post(f"{self.dicomweb}/studies{study}", data=body, headers=headers, timeout=60)

    def stow(self, *files: bytes, study: str = "") -> requests.Response:
        """Store files as one multipart request."""
        return self.post(Dicom.multipart(*files), MULTIPART, study)

    def add(self, *datasets: Dataset) -> None:
        """Store instances that must all be accepted."""
        response = self.stow(*(Dicom.encode(dataset) for dataset in datasets))
        assert response.status_code == 200, response.text

    def search(self, path: str) -> list[dict[str, Any]]:
        response = self.get(path)
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
def dicom() -> type[Dicom]:
    """Builders of test data."""
    return Dicom


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers with the given settings; all end with the test."""
    running: list[tuple[uvicorn.Server, threading.Thread, InstanceStore]] = []

    def start_server(root: Path = tmp_path / "instances", **settings: Any) -> Server:
        instances, operations = InstanceStore(root), Operations()
        instances.create_store(STORE)
        routes = dicomweb_routes(instances, Directory(STORE), operations, Settings(**settings))
        app = Starlette(routes=routes, exception_handlers={GoogleError: rpc_error_handler})
        # named as TCP, because asyncio sets TCP_NODELAY only on such sockets: without, each answer takes 40 ms more
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
        # the socket listens already: the first request waits for the loop, no readiness to wait for
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        running.append((server, thread, instances))
        return Server(f"http://127.0.0.1:{listener.getsockname()[1]}", instances, operations)

    yield start_server
    for server, thread, instances in running:
        server.should_exit = True
        thread.join(30)
        instances.close()


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    """A server with the default settings."""
    return start()
