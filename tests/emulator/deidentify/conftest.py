"""Instances made for one test each, and the engine as the tests call it: bytes in, data set out."""

import io
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from emulator.deidentify import compile_config
from emulator.deidentify.engine import deidentify_data
from emulator.deidentify.part10 import read_meta

BASIC = {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}
CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"


def _dataset(**elements: Any) -> Dataset:
    built = Dataset()
    for keyword, value in elements.items():
        setattr(built, keyword, value)
    return built


def _instance(**elements: Any) -> Dataset:
    """A data set with the ids every instance has, and `elements`."""
    ids = {
        "SOPClassUID": CT_IMAGE_STORAGE,
        "SOPInstanceUID": "1.2.3.30",
        "StudyInstanceUID": "1.2.3.10",
        "SeriesInstanceUID": "1.2.3.20",
    }
    return _dataset(**(ids | elements))


def _encoded(dataset: Dataset, syntax: str = ExplicitVRLittleEndian, **meta: Any) -> bytes:
    """The content of a DICOM file with the data set; `meta` adds to the file meta information."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    for keyword, value in meta.items():
        setattr(dataset.file_meta, keyword, value)
    dataset.preamble = b"CANARY-PREAMBLE".ljust(128, b"\0")
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=False, overwrite=True)
    return file.getvalue()


def _in_words(content: bytes) -> bytes:
    """A file's content with a deflated data set inflated, so that bytes can be searched."""
    meta, position = read_meta(content)
    if meta[0x00020010][1].rstrip(b"\0").decode() != DeflatedExplicitVRLittleEndian:
        return content
    return content[:position] + zlib.decompress(content[position:], -zlib.MAX_WBITS)


@pytest.fixture
def dataset() -> Callable[..., Dataset]:
    """`dataset(Rows=2)`: a data set of these elements, such as an item."""
    return _dataset


@pytest.fixture
def instance() -> Callable[..., Dataset]:
    """`instance(PatientID="1")`: the same with the ids of an instance."""
    return _instance


@pytest.fixture
def encoded() -> Callable[..., bytes]:
    """`encoded(dataset, syntax)`: the content of a file."""
    return _encoded


@pytest.fixture
def in_words() -> Callable[[bytes], bytes]:
    """`in_words(content)`: the content with a deflated data set inflated."""
    return _in_words


@pytest.fixture
def run() -> Callable[..., bytes]:
    """`run(content, config, rewriter)`: the content of the de-identified file."""

    def call(content: bytes | Dataset, config: Mapping[str, Any] = BASIC, rewriter: Any = None) -> bytes:
        data = _encoded(content) if isinstance(content, Dataset) else content
        pieces, _outcome = deidentify_data(data, compile_config(config), rewriter)
        return b"".join(pieces)

    return call


@pytest.fixture
def deidentified(run: Callable[..., bytes]) -> Callable[..., Dataset]:
    """`deidentified(content, config, rewriter)`: the de-identified file, read again."""
    return lambda *args, **kwargs: pydicom.dcmread(io.BytesIO(run(*args, **kwargs)))


@pytest.fixture
def bundled() -> list[Path]:
    """All files that pydicom ships as data, DICOM and other."""
    example = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(example, str)
    files = sorted(path for path in Path(example).parent.parent.rglob("*") if path.is_file())
    assert len(files) > 180
    return files
