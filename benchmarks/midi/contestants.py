"""What is scored: this engine under a configuration, other tools, and two that nobody should use, for comparison."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks.midi import peer_runner
from emulator.deidentify import Profile, compile_config
from emulator.deidentify.folder import deidentify_files
from emulator.deidentify.options import EngineOptions

Contestant = Callable[[Path, Path], object]
"""De-identifies the `.dcm` files of a folder into another, an existing one, under their names."""

PEERS = tuple(peer_runner.TOOLS)


class PeerFailed(Exception):
    """Another tool could not be run; the message tells how to get it."""


def engine(config: Path, options: EngineOptions, jobs: int = 1) -> Contestant:
    """This engine, under a DeidentifyConfig of v1 or v1beta1. Keys that it does not hold are made for this one run.

    Raises:
        ConfigError: the engine refuses the configuration.
        OSError, ValueError: the file cannot be read, or is not JSON.
    """
    return with_profile(compile_config(json.loads(config.read_text(encoding="utf-8")), options=options), jobs)


def with_profile(profile: Profile, jobs: int = 1) -> Contestant:
    """This engine, under a compiled configuration. Instances that it refuses are not written, and counted by reason."""

    def run(source: Path, destination: Path) -> None:
        files = sorted(source.glob("*.dcm"))
        reasons: Counter[str] = Counter()
        for done in deidentify_files(files, destination, profile, jobs):
            if done.outcome is not None:
                done.path.rename(destination / files[done.index].name)
            else:
                reasons[str(done.reason)] += 1
        for reason, count in reasons.most_common():
            sys.stderr.write(f"{count:,} instances not written: {reason}\n")

    return run


def peer(name: str, python: Path | None = None) -> Contestant:
    """Another tool, run by `python`: the interpreter of an environment that has it, else the present one."""

    def run(source: Path, destination: Path) -> None:
        command = [str(python or sys.executable), peer_runner.__file__, name, str(source), str(destination)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if not any(destination.iterdir()):
            reason = done.stderr.strip().rpartition("\n")[2]
            raise PeerFailed(
                f"{name} wrote nothing ({reason}); pip install it and name its interpreter with --peer-python"
            )

    return run


def identity(source: Path, destination: Path) -> None:
    """Changes nothing: fails every check of removal."""
    for file in source.glob("*.dcm"):
        shutil.copyfile(file, destination / file.name)


def nothing(_source: Path, _destination: Path) -> None:
    """Writes nothing: identifies nobody and is of use to nobody."""


def copied(outputs: Path) -> Contestant:
    """The outputs of a tool that ran elsewhere."""

    def run(_source: Path, destination: Path) -> None:
        identity(outputs, destination)

    return run
