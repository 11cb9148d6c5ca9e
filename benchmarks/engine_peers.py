"""The other Python de-identifiers, each in a process of its own with its own packages. Run by `benchmarks.engine`.

    PEER_PYTHON engine_peers.py NAME

Reads lines of JSON from standard input, `{"files": [[source, destination], ...]}`, and answers each with
`{"wall": ..., "cpu": ...}`, in seconds, once those files are done, one after the other. The first line it writes names
the version. Imports nothing of this project: PEER_PYTHON needs the packages of `PINNED` only.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Seconds(NamedTuple):
    """Time by the clock on the wall, and of this process's processor."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Seconds:
        """Since some point in the past."""
        return cls(time.perf_counter(), time.process_time())

    @classmethod
    def since(cls, started: Seconds) -> Seconds:
        """What has passed."""
        now = cls.now()
        return cls(now.wall - started.wall, now.cpu - started.cpu)


PINNED = {"dicognito": "0.19.0", "dicom-anonymizer": "2.1.0", "deid": "0.4.13"}

Contestant = Callable[[str, str], object]


def dicognito() -> Contestant:
    """As its command does it: one anonymizer for all files."""
    import pydicom  # noqa: PLC0415
    from dicognito.anonymizer import Anonymizer  # noqa: PLC0415

    anonymizer = Anonymizer(seed="")

    def call(source: str, destination: str) -> None:
        dataset = pydicom.dcmread(source, force=False)
        anonymizer.anonymize(dataset)
        dataset.save_as(destination)

    return call


def dicom_anonymizer() -> Contestant:
    """Its documented call with its default table."""
    from dicomanonymizer import anonymize_dicom_file  # noqa: PLC0415

    return anonymize_dicom_file


def deid() -> Contestant:
    """Its documented call with its default recipe; it writes under the source's own name into a folder."""
    from deid.config import DeidRecipe  # noqa: PLC0415
    from deid.dicom import replace_identifiers  # noqa: PLC0415

    recipe = DeidRecipe()

    def call(source: str, destination: str) -> None:
        folder = os.path.dirname(destination)  # noqa: PTH120 - strings, as deid takes them
        replace_identifiers(
            [source], deid=recipe, save=True, overwrite=True, output_folder=folder, remove_private=True, force=False
        )

    return call


PEERS: dict[str, Callable[[], Contestant]] = {
    "dicognito": dicognito,
    "dicom-anonymizer": dicom_anonymizer,
    "deid": deid,
}


def main(name: str) -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        call = PEERS[name]()
        answers.write(json.dumps({"version": importlib.metadata.version(name)}) + "\n")
        for line in sys.stdin:
            files = json.loads(line)["files"]
            started = Seconds.now()
            for source, destination in files:
                with contextlib.suppress(Exception):
                    call(source, destination)
            answers.write(json.dumps(Seconds.since(started)._asdict()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
