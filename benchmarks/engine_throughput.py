"""Instances a second on one core: plain copy, pydicom reading and writing, and the de-identify engine's two rewriters.

    python -m benchmarks.engine_throughput [--instances 300] [--rounds 3] [--folder /dev/shm]

512x512 16-bit CT instances of 526 kB with about a hundred elements, some of them private and nested, under the Basic
profile. All contestants take turns in each round, in one process; printed is the median of the rounds. Put the folder
on a file system in memory, else the figures are those of the disk. Read ratios between the rows, not absolute values.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pydicom

from emulator.deidentify import compile_config, deidentify_file
from emulator.deidentify.engine import Rewriter, deidentify_data
from emulator.samples import ct_series, write_instances

BASIC = {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}

Contestant = Callable[[Path, Path], object]


def copy_through_memory(source: Path, destination: Path) -> None:
    """The least a program in Python can do that looks at the bytes."""
    destination.write_bytes(source.read_bytes())


def pydicom_unchanged(source: Path, destination: Path) -> None:
    """What every tool built on pydicom's writer does at least."""
    pydicom.dcmread(source).save_as(destination)


def contestants() -> dict[str, Contestant]:
    """What is compared, by name."""
    profile = compile_config(BASIC)

    def rewrite(rewriter: Rewriter) -> Contestant:
        def call(source: Path, destination: Path) -> None:
            pieces, _outcome = deidentify_data(source.read_bytes(), profile, rewriter)
            with destination.open("wb", buffering=0) as file:
                file.write(b"".join(pieces))

        return call

    return {
        "copy, shutil.copyfile": shutil.copyfile,
        "copy, read and write bytes": copy_through_memory,
        "deidentify_file": lambda source, destination: deidentify_file(source, destination, profile),
        "its byte rewriter alone": rewrite("bytes"),
        "its tolerant rewriter alone": rewrite("dataset"),
        "pydicom, read and write unchanged": pydicom_unchanged,
    }


def measure(files: list[Path], out: Path, rounds: int) -> dict[str, float]:
    """Instances a second of each contestant: the median of the rounds, after one that does not count."""
    rates: dict[str, list[float]] = {name: [] for name in contestants()}
    for round_number in range(rounds + 1):
        for name, contestant in contestants().items():
            started = time.perf_counter()
            for file in files:
                contestant(file, out / file.name)
            if round_number:
                rates[name].append(len(files) / (time.perf_counter() - started))
    return {name: statistics.median(values) for name, values in rates.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/dev/shm") if Path("/dev/shm").is_dir() else None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        files = list(write_instances(Path(folder, "in"), ct_series(options.instances)))
        out = Path(folder, "out")
        out.mkdir()
        elements = len(list(pydicom.dcmread(files[0]).iterall()))
        size_kb = files[0].stat().st_size / 1000
        print(f"{len(files)} CT instances of {size_kb:.0f} kB and {elements} elements, {options.rounds} rounds")
        rates = measure(files, out, options.rounds)
    copied = rates["copy, shutil.copyfile"]
    for name, rate in rates.items():
        print(f"{name:36}{rate:8,.0f} instances/s{rate / copied:8.2f} of the copy")


if __name__ == "__main__":
    main()
