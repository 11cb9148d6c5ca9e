"""The default samples, written once for all tests of this folder."""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import FileDataset

from emulator.samples import Written, write_samples


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="session")
def instances(written: Written) -> list[FileDataset]:
    return [pydicom.dcmread(path) for path in written.files]


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder
