"""Many files, some of which end the process that works on them."""

import pytest

from emulator.deidentify import compile_config, folder

BASIC = compile_config({"dicomTagConfig": {}})
DEADLY = """
import os
from emulator.deidentify import folder

def in_worker(task):
    if task[1].name.startswith("deadly"):
        os._exit(9)
    return folder._in_worker(task)
"""


@pytest.fixture
def deadly(tmp_path, monkeypatch):
    """Worker processes die of files whose name begins with "deadly"."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "deadly_worker.py").write_text(DEADLY)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    import deadly_worker  # noqa: PLC0415 - there is none before

    monkeypatch.setattr(folder, "_in_worker", deadly_worker.in_worker)


@pytest.mark.parametrize("culprits", [[49], [7, 8]])
def test_a_file_that_ends_its_process_is_lost_alone(instance, encoded, tmp_path, deadly, culprits):
    files = []
    for number in range(50):
        files.append(tmp_path / f"{'deadly' if number in culprits else 'file'}{number}")
        files[-1].write_bytes(encoded(instance(SOPInstanceUID=f"1.2.3.{number}")))
    (tmp_path / "out").mkdir()
    results = list(folder.deidentify_files(files, tmp_path / "out", BASIC, 2))
    assert [result.index for result in results] == list(range(50))
    assert {result.index: result.reason for result in results if result.reason} == dict.fromkeys(culprits, folder.LOST)
    written = {path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")}
    assert written == {str(number) for number in range(50)} - {str(number) for number in culprits}
