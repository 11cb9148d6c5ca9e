"""Google's pages as data (`pages/`), the instances they speak of, and a server to send their requests to.

The pages' JPEG files are not at hand: pixels are drawn here, of the size and coding that the printed metadata states.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import io
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydicom
import pytest
import requests
import uvicorn
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import pixel_array
from pydicom.uid import JPEGBaseline8Bit

from emulator.healthcare import build_healthcare
from emulator.objects import ObjectNotFound
from emulator.settings import Settings

PAGES = Path(__file__).parent / "pages"
LOCATION = "projects/my-project/locations/us-central1"
DATASET = f"{LOCATION}/datasets/conformance"
SIDE = 1024
DEADLINE_SECONDS = 120
Metadata = dict[str, dict[str, Any]]
Request = dict[str, Any]
Box = tuple[int, int, int, int]

_TUTORIAL_DESTINATION = "projects/$PROJECT_ID/locations/$REGION/datasets/$DESTINATION_DATASET_ID"
_WRITTEN_ANEW = ("00020000", "00020001", "00020012", "00020013")
"""File meta information that each writer gives its own values (PS3.10 section 7.1)."""

_EMPTIED = ("00080020", "00080030", "00080090", "00100010", "00100020", "00100030", "00100040")
_IDENTIFYING = ("00080018", "0020000D", "0020000E", "00080020", "00080030", "00100020", "00100030")

LINES = {
    "name": ("Ann Johnson", (60, 800)),
    "sex": ("Female", (620, 800)),
    "id": ("S1214223-1", (60, 900)),
    "birth date": ("1988-08-12", (620, 900)),
}
"""The text burned into the lower part of our picture, as into the page's; each with its upper left corner."""


def _draw(lines: Mapping[str, tuple[str, tuple[int, int]]]) -> tuple[Image.Image, dict[str, Box]]:
    """A grey gradient with white lines of text, and the box (left, top, right, bottom) of each."""
    picture = Image.linear_gradient("L").resize((SIDE, SIDE)).point(lambda value: value // 4).convert("RGB")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(44)
    boxes = {}
    for name, (text, corner) in lines.items():
        pen.text(corner, text, fill="white", font=font)
        left, top, right, bottom = pen.textbbox(corner, text, font=font)
        boxes[name] = (int(left), int(top), int(right), int(bottom))
    return picture, boxes


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92, subsampling="4:2:2")
    return file.getvalue()


def _part10(metadata: Metadata, jpeg: bytes) -> bytes:
    """The DICOM file of printed metadata, file meta information in it included, with `jpeg` as its only frame."""
    given = {tag: item for tag, item in metadata.items() if "BulkDataURI" not in item}
    dataset = Dataset.from_json({tag: item for tag, item in given.items() if not tag.startswith("0002")})
    dataset.file_meta = FileMetaDataset(Dataset.from_json({t: i for t, i in given.items() if t.startswith("0002")}))
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    assert dataset.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    dataset.PixelData = encapsulate([jpeg])
    dataset["PixelData"].is_undefined_length = True
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


@dataclasses.dataclass(frozen=True)
class Page:
    """What the pages print, and instances made from it."""

    printed: dict[str, Any] = dataclasses.field(default_factory=lambda: _load("printed.json"))
    requests: dict[str, Request] = dataclasses.field(default_factory=lambda: _load("requests.json"))

    def metadata(self, name: str = "metadata") -> Metadata:
        """Printed metadata: "metadata" or "recurse_instance"."""
        (metadata,) = _load(f"{name}.json")
        return metadata

    def config(self, name: str) -> dict[str, Any]:
        """The DeidentifyConfig in a printed request of the how-to."""
        return copy.deepcopy(self.requests[name]["config"])

    def result(self, changes: Mapping[str, Any], name: str = "metadata") -> Metadata:
        """The printed metadata after `changes` by tag: None deletes an element, "" empties it, a text is its value.

        An element that becomes empty has a VR alone, as the page prints those that are.
        """
        metadata = {tag: item for tag, item in self.metadata(name).items() if tag not in _WRITTEN_ANEW}
        for tag, change in changes.items():
            if change is None:
                del metadata[tag]
            elif isinstance(change, dict):
                metadata[tag] = change
            else:
                metadata[tag] = {"vr": metadata[tag]["vr"]} | ({"Value": [change]} if change else {})
        return metadata

    def text(self, name: str) -> str:
        """A text file of the pages."""
        return (PAGES / name).read_text(encoding="utf-8")

    def uid(self, original: str) -> str:
        """The new UID that is printed for `original`."""
        return self.printed["uids"][original]

    def sample(self, picture: bytes | None = None, **attributes: Any) -> bytes:
        """The how-to's sample instance, by default with a picture of one grey."""
        file = _part10(self.metadata(), picture or self.grey)
        return _with(file, attributes) if attributes else file

    def recurse_instance(self) -> bytes:
        """The how-to's instance with nested sequences."""
        return _part10(self.metadata("recurse_instance"), self.grey)

    def after_basic(self) -> dict[str, str]:
        """`changes` of the sample metadata under the Basic profile: the printed UIDs, and what has the code Z.

        PS3.15 table E.1-1 (2018e) lists nothing else of it: Manufacturer, ManufacturerModelName and ConversionType
        stay; AccessionNumber and StudyID are empty already.
        """
        new = {tag: self.uid(self.metadata()[tag]["Value"][0]) for tag in ("00080018", "0020000D", "0020000E")}
        return dict.fromkeys(_EMPTIED, "") | new | {"00020003": new["00080018"]}

    def originals_in(self, content: bytes) -> set[str]:
        """Which values of the sample metadata that identify somebody or something can be read in a file."""
        metadata = self.metadata()
        names = {metadata[tag]["Value"][0]["Alphabetic"] for tag in ("00080090", "00100010")}
        originals = names | {metadata[tag]["Value"][0] for tag in _IDENTIFYING}
        assert len(originals) == len(names) + len(_IDENTIFYING)
        return {text for text in originals if text.encode() in content}

    def pixels(self, file: bytes) -> Any:
        """The decoded pixels of a DICOM file, in RGB."""
        return pixel_array(io.BytesIO(file))

    @functools.cached_property
    def grey(self) -> bytes:
        """A JPEG file without text."""
        return _jpeg(Image.new("RGB", (SIDE, SIDE), "gray"))


def _load(name: str) -> Any:
    return json.loads((PAGES / name).read_text(encoding="utf-8"))


def _with(file: bytes, attributes: Mapping[str, Any]) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(file))
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    written = io.BytesIO()
    pydicom.dcmwrite(written, dataset, enforce_file_format=True)
    return written.getvalue()


@dataclasses.dataclass
class Cloud:
    """A running server, spoken to as the pages do: with plain HTTP."""

    url: str
    objects: dict[str, bytes]
    stores: int = 0

    def post(self, path: str, body: Any) -> requests.Response:
        """POST `body`: a JSON value, or the text of one."""
        data = body if isinstance(body, str) else json.dumps(body)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return requests.post(f"{self.url}/{path}", data=data, headers=headers, timeout=DEADLINE_SECONDS)

    def get(self, path: str, accept: str = "application/json") -> requests.Response:
        """GET."""
        answer = requests.get(f"{self.url}/{path}", headers={"Accept": accept}, timeout=DEADLINE_SECONDS)
        assert answer.status_code == 200, answer.text
        return answer

    def create_store(self) -> str:
        """The full name of a new, empty DICOM store."""
        self.stores += 1
        name = f"store-{self.stores}"
        assert self.post(f"v1/{DATASET}/dicomStores?dicomStoreId={name}", {}).ok
        return f"{DATASET}/dicomStores/{name}"

    def store(self, file: bytes, store: str) -> None:
        """STOW-RS of one file."""
        answer = requests.post(
            f"{self.url}/v1beta1/{store}/dicomWeb/studies",
            data=file,
            headers={"Content-Type": "application/dicom"},
            timeout=DEADLINE_SECONDS,
        )
        assert answer.status_code == 200, answer.text

    def finished(self, name: str, version: str = "v1beta1") -> dict[str, Any]:
        """The operation when it is done."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            operation: dict[str, Any] = self.get(f"{version}/{name}").json()
            if operation.get("done"):
                return operation
            time.sleep(0.02)
        raise AssertionError("the operation did not finish in time")


@dataclasses.dataclass
class Run:
    """What an operation left in its destination store."""

    cloud: Cloud
    destination: str
    operation: dict[str, Any]

    def paths(self) -> set[tuple[str, str, str]]:
        """Study, series and SOP Instance UID of each instance, found as the pages find them: by a search."""
        found = self.cloud.get(f"v1beta1/{self.destination}/dicomWeb/instances").json()
        return {tuple(item[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018")) for item in found}

    def url(self) -> str:
        """The URL of the only instance, below the server's."""
        (path,) = self.paths()
        return f"v1beta1/{self.destination}/dicomWeb/studies/{path[0]}/series/{path[1]}/instances/{path[2]}"

    def metadata(self) -> Metadata:
        """Metadata of the only instance in the form the pages print: file meta information in it, pixel data not.

        It is read from the stored file, and RetrieveMetadata is held against it: that answers in UTF-8 and, as
        PS3.18 F.2 says, without file meta information.
        """
        dataset = self.dataset()
        del dataset.PixelData
        (retrieved,) = self.cloud.get(f"{self.url()}/metadata").json()
        retrieved.pop("7FE00010")
        main = dataset.to_json_dict()
        assert retrieved == main | {"00080005": {"vr": "CS", "Value": ["ISO_IR 192"]}}
        meta = {tag: item for tag, item in dataset.file_meta.to_json_dict().items() if tag not in _WRITTEN_ANEW}
        return meta | main

    def file(self) -> bytes:
        """The only instance, as stored."""
        return self.cloud.get(self.url(), 'application/dicom; transfer-syntax="*"').content

    def dataset(self) -> Dataset:
        """The same, read."""
        return pydicom.dcmread(io.BytesIO(self.file()))


@pytest.fixture(scope="session")
def page() -> Page:
    """What the pages print."""
    return Page()


@pytest.fixture(scope="session")
def burned_in() -> tuple[bytes, dict[str, Box]]:
    """A JPEG file with the patient's name, sex, id and birth date burned in, and the box of each line."""
    picture, boxes = _draw(LINES)
    return _jpeg(picture), boxes


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One server for all tests; each takes stores of its own."""
    objects: dict[str, bytes] = {}

    def read_object(uri: str) -> bytes:
        if uri not in objects:
            raise ObjectNotFound
        return objects[uri]

    service = build_healthcare(
        tmp_path_factory.mktemp("cloud"), Settings.from_mapping({"engine_processes": 1}), read_object
    )
    web = uvicorn.Server(
        uvicorn.Config(service.app, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False)
    )
    thread = threading.Thread(target=web.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not web.started:
        assert time.monotonic() < deadline, "the server did not start in time"
        time.sleep(0.01)
    running = Cloud(f"http://127.0.0.1:{web.servers[0].sockets[0].getsockname()[1]}", objects)
    assert running.post(f"v1/{LOCATION}/datasets?datasetId=conformance", {}).ok
    yield running
    web.should_exit = True
    thread.join()
    service.close()


def _store_level(request: Request | str, destination: str) -> Request | str:
    """A printed request as one for a DICOM store; a text stays a text.

    A request for a dataset is changed as the how-to says in "De-identify data at the DICOM store level":
    destinationStore in place of destinationDataset, and the name of the store at the end of its value.
    """
    if isinstance(request, str):
        named = request.replace(_TUTORIAL_DESTINATION, destination)
        assert named != request
        return named.replace("'destinationDataset'", "'destinationStore'")
    return {"destinationStore": destination} | {
        name: value for name, value in request.items() if name not in {"destinationDataset", "destinationStore"}
    }


@pytest.fixture(scope="session")
def run(cloud: Cloud) -> Callable[..., Run]:
    """`run(request, *files)`: a printed request sent to the embedded API, and what became of the files.

    What was run before is not run again, as reading text in images takes long; `again=True` runs it all the same.
    """
    done: dict[Any, Run] = {}

    def call(request: Request | str, *files: bytes, version: str = "v1beta1", again: bool = False) -> Run:
        key = (request if isinstance(request, str) else json.dumps(request, sort_keys=True), files, version)
        if again or key not in done:
            done[key] = _run(cloud, request, files, version)
        return done[key]

    return call


def _run(cloud: Cloud, request: Request | str, files: Sequence[bytes], version: str) -> Run:
    source, destination = cloud.create_store(), cloud.create_store()
    for file in files:
        cloud.store(file, source)
    answer = cloud.post(f"{version}/{source}:deidentify", _store_level(request, destination))
    assert answer.status_code == 200, answer.text
    operation = cloud.finished(answer.json()["name"], version)
    assert "error" not in operation, operation
    return Run(cloud, destination, operation)
