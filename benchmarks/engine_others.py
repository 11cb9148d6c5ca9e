"""De-identifiers outside this process, as contestants of `benchmarks.engine`."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.engine_peers import PEERS, PINNED, Seconds
from emulator.deidentify.tables.rows import rows


class Peer:
    """One Python package in a process of its own, which runs through the whole benchmark."""

    whole_folder = False

    def __init__(self, python: str, name: str) -> None:
        """Start it and wait until it has imported what it needs."""
        script = Path(__file__).with_name("engine_peers.py")
        self._process = subprocess.Popen(
            [python, "-W", "ignore", str(script), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        version = self._answer()["version"]
        if version != PINNED[name]:
            raise SystemExit(f"{name} {version} is installed and {PINNED[name]} wanted, else figures do not compare")
        self._name = f"peer {name} {version}"

    @classmethod
    def all(cls, python: str) -> Iterator[Peer]:
        """Each of them."""
        return (cls(python, name) for name in PEERS)

    def __str__(self) -> str:
        return self._name

    def turn(self, jobs: Sequence[tuple[str, str]]) -> Seconds:
        """Time for these files, measured over there."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"files": jobs}) + "\n")
        self._process.stdin.flush()
        return Seconds(**self._answer())

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a peer ended with status {self._process.wait()}; has its Python the pinned packages?")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Gdcmanon:
    """GDCM's command, told to remove and to empty what the Basic profile names. It does not look into sequences."""

    whole_folder = True

    def __init__(self, path: str) -> None:
        """Prepare its options."""
        self._command = [path, "--dumb", "-r", "--continue"]
        for row in rows("2018e"):
            group, element = row.tag >> 16, row.tag & 0xFFFF
            if group & 1 or group <= 2 or row.vr in {"SQ", "UI"}:
                continue
            how = "--empty" if row.code.startswith(("Z", "D")) else "--remove"
            self._command += [how, f"{group:04x},{element:04x}"]

    @classmethod
    def installed(cls) -> Gdcmanon | None:
        """None when it is not."""
        path = shutil.which("gdcmanon")
        return cls(path) if path else None

    def turn(self, jobs: Sequence[tuple[str, str]]) -> Seconds:
        """Time for the folder of these files."""
        (source,) = {str(Path(source).parent) for source, _destination in jobs}
        (destination,) = {str(Path(destination).parent) for _source, destination in jobs}
        started = _children()
        subprocess.run([*self._command, "-i", source, "-o", destination], check=False, capture_output=True)
        now = _children()
        return Seconds(now.wall - started.wall, now.cpu - started.cpu)


def _children() -> Seconds:
    """Time up to now; that of processes which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Seconds(time.perf_counter(), used.ru_utime + used.ru_stime)
