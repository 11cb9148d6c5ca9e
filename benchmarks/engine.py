"""Instances a second of the de-identify engine, of plain copies of the same files, and of others of its kind.

    python -m benchmarks.engine [--quick] [--peer-python /path/to/venv/bin/python] [--out table.md]

Two corpora: 1,000 generated CT instances (512x512, 16 bit, about a hundred elements, some private and nested), and the
DICOM files that pydicom ships. File to file, one process, Basic profile. The contestants take turns: each gets a block
of files, then the next gets the same block; printed is the median over all blocks, and the best. What counts is
processor time: on a file system in memory, where the folder belongs, nothing waits, and what else the machine does
distorts it least; `--clock wall` takes the time that passes. Outputs are removed between turns. Read the ratios, not
the absolute values.

dicognito, dicom-anonymizer and deid take part when `--peer-python` names a Python that has them (versions in
`benchmarks/engine_peers.py`); Debian's gdcmanon when it is installed, on the first corpus, where it is given the whole
folder at once, the start of its process included.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import statistics
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydicom
from pydicom.data import get_testdata_file

from benchmarks.engine_others import Gdcmanon, Peer
from benchmarks.engine_peers import Seconds
from emulator.deidentify import ConfigError, Profile, compile_config, deidentify_file
from emulator.deidentify.engine import Rewriter, deidentify_data
from emulator.samples import ct_series, write_instances

BASIC: Mapping[str, Any] = {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}
BASIC_AND_TEXT: Mapping[str, Any] = {"dicomTagConfig": {"profileType": "DEIDENTIFY_TAG_CONTENTS"}, "text": {}}
COPY = "copy, shutil.copyfile"

Job = tuple[str, str]
"""Source and destination."""


@dataclasses.dataclass
class Rates:
    """What one contestant did: instances a second of each of its turns, and files it was given and wrote."""

    per_turn: list[float] = dataclasses.field(default_factory=list)
    given: int = 0
    written: int = 0


class InThisProcess:
    """A contestant that is a function of this process."""

    whole_folder = False

    def __init__(self, call: Callable[[str, str], object]) -> None:
        self._call = call

    def turn(self, jobs: Sequence[Job]) -> Seconds:
        """Time for these files; one that fails is timed as the others are."""
        started = Seconds.now()
        for source, destination in jobs:
            try:
                self._call(source, destination)
            except Exception:  # noqa: BLE001 - whoever fails in whatever way has written nothing
                continue
        return Seconds.since(started)


Contestant = InThisProcess | Peer | Gdcmanon


def copy_through_memory(source: str, destination: str) -> None:
    """The least a program in Python can do that looks at the bytes."""
    Path(destination).write_bytes(Path(source).read_bytes())


def pydicom_unchanged(source: str, destination: str) -> None:
    """What every tool built on pydicom's writer does at least."""
    pydicom.dcmread(source).save_as(destination)


def ours(config: Mapping[str, Any]) -> InThisProcess:
    """The engine as a library."""
    profile = compile_config(config)
    return InThisProcess(lambda source, destination: deidentify_file(Path(source), Path(destination), profile))


def one_rewriter(profile: Profile, rewriter: Rewriter) -> InThisProcess:
    """One of its two rewriters on the whole content in memory."""

    def call(source: str, destination: str) -> None:
        pieces, _outcome = deidentify_data(Path(source).read_bytes(), profile, rewriter)
        Path(destination).write_bytes(b"".join(pieces))  # type: ignore[arg-type]

    return InThisProcess(call)


def contestants(peer_python: str | None) -> dict[str, Contestant]:
    """Who takes part, by name."""
    basic = compile_config(BASIC)
    found: dict[str, Contestant] = {
        COPY: InThisProcess(shutil.copyfile),
        "copy, read and write bytes": InThisProcess(copy_through_memory),
        "this engine, Basic": ours(BASIC),
        "... its byte rewriter on bytes in memory": one_rewriter(basic, "bytes"),
        "... its tolerant rewriter on bytes in memory": one_rewriter(basic, "dataset"),
        "pydicom, read and write unchanged": InThisProcess(pydicom_unchanged),
    }
    try:
        found["this engine, text cleaned"] = ours(BASIC_AND_TEXT)
    except ConfigError as error:
        print(f"text is left out: {error}")
    if peer_python:
        found |= {str(peer): peer for peer in Peer.all(peer_python)}
    if gdcmanon := Gdcmanon.installed():
        found["gdcmanon --dumb (C++, top level only)"] = gdcmanon
    return found


@dataclasses.dataclass(frozen=True)
class Race:
    """How the contestants take turns.

    Attributes:
        out: the folder for the outputs, made for each turn.
        block: files of one turn.
        rounds: how often each gets all files.
        clock: "cpu" or "wall".
    """

    out: Path
    block: int
    rounds: int
    clock: str

    def run(self, files: Sequence[Path], found: Mapping[str, Contestant]) -> dict[str, Rates]:
        """Let all take their turns; a first short one each, which does not count, comes before."""
        rates = {name: Rates() for name in found}
        for contestant in found.values():
            self._turn(contestant, files[:20], Rates())
        for _ in range(self.rounds):
            for name, contestant in found.items():
                if contestant.whole_folder:
                    self._turn(contestant, files, rates[name])
            for first in range(0, len(files), self.block):
                for name, contestant in found.items():
                    if not contestant.whole_folder:
                        self._turn(contestant, files[first : first + self.block], rates[name])
        return rates

    def _turn(self, contestant: Contestant, files: Sequence[Path], rates: Rates) -> None:
        self.out.mkdir()
        seconds = contestant.turn([(str(file), str(self.out / file.name)) for file in files])
        rates.per_turn.append(len(files) / getattr(seconds, self.clock))
        rates.given += len(files)
        rates.written += sum(1 for _ in self.out.iterdir())
        shutil.rmtree(self.out)


def table(rates: Mapping[str, Rates]) -> Iterator[str]:
    """The figures as a table in Markdown."""
    peers = [statistics.median(each.per_turn) for name, each in rates.items() if name.startswith("peer")]
    copied = statistics.median(rates[COPY].per_turn)
    yield "| contestant | instances/s, median | best | of the copy | x fastest peer | files written |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, each in rates.items():
        median = statistics.median(each.per_turn)
        times = f"{median / max(peers):.1f}" if peers else ""
        done = f"{each.written / each.given:.1%}"
        yield f"| {name} | {median:,.0f} | {max(each.per_turn):,.0f} | {median / copied:.2f} | {times} | {done} |"


def shipped(folder: Path) -> list[Path]:
    """The files with a DICM prefix that pydicom ships, under names of their own."""
    example = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(example, str)
    found: list[Path] = []
    folder.mkdir()
    for path in sorted(Path(example).parent.parent.rglob("*")):
        if path.is_file() and path.open("rb").read(132)[128:] == b"DICM":
            found.append(folder / f"{len(found):04d}.dcm")
            shutil.copyfile(path, found[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--block", type=int, default=50, help="files of one turn")
    parser.add_argument("--clock", choices=("cpu", "wall"), default="cpu")
    parser.add_argument("--quick", action="store_true", help="100 instances, one round")
    parser.add_argument("--peer-python", metavar="PYTHON")
    parser.add_argument("--folder", type=Path, default=Path("/dev/shm") if Path("/dev/shm").is_dir() else None)
    parser.add_argument("--out", type=Path, help="also write the tables to this file")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    instances, rounds = (100, 1) if options.quick else (options.instances, options.rounds)
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        corpora = {
            "generated CT instances": list(write_instances(Path(folder, "ct"), ct_series(instances))),
            "files that pydicom ships": shipped(Path(folder, "shipped")),
        }
        found = contestants(options.peer_python)
        for what, files in corpora.items():
            elements = statistics.median(sum(1 for _ in pydicom.dcmread(file).iterall()) for file in files[:20])
            size_kb = statistics.mean(file.stat().st_size for file in files) / 1000
            say(f"\n{len(files)} {what}, {size_kb:,.0f} kB, {elements:.0f} elements; {rounds} rounds\n")
            race = Race(Path(folder, "out"), options.block, rounds, options.clock)
            taking_part = {name: each for name, each in found.items() if "CT" in what or not each.whole_folder}
            for line in table(race.run(files, taking_part)):
                say(line)
    if options.out:
        options.out.write_text("\n".join(lines).strip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
