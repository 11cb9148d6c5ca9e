"""Errors that de-identification adds: dciodvfy on instances before and after, dcentvfy over the studies they make up.

    python -m benchmarks.validity [--edition 2018e] [--errors] [--out table.md]

Needs Debian's dicom3tools (`apt-get install dicom3tools`). Corpora: the DICOM files that pydicom ships, and generated
studies. An error is new when dciodvfy reports it for the output oftener than for the input; an instance on which
dciodvfy itself breaks off, before or after, is left out and counted. The Basic profile promises none, and the exit
status is 1 when there is one; configurations that keep or remove by a list promise nothing of the kind: their figures
are printed to be known.

Printed are numbers alone, with `--errors` the text of new errors too, without the values they quote.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydicom.data import get_testdata_file

from emulator.deidentify import InstanceError, Profile, compile_config, deidentify_file
from emulator.deidentify.options import EDITIONS, EngineOptions
from emulator.samples import write_samples

BASIC: Final = "Basic"
CONFIGS: Final[Mapping[str, Mapping[str, Any]]] = {
    BASIC: {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}},
    "Tag contents": {"dicomTagConfig": {"profileType": "DEIDENTIFY_TAG_CONTENTS"}},
    "Keep all": {"dicomTagConfig": {"profileType": "KEEP_ALL_PROFILE"}},
    "Minimal keep list": {"dicomTagConfig": {"profileType": "MINIMAL_KEEP_LIST_PROFILE"}},
}

TIMEOUT_SECS: Final = 60
_VALUE: Final = re.compile(
    r'(?<!attribute )(?<!Element=)(?<!Module=)(?<!Macro=)<[^<>]*>|"[^"]*"|= .*$|-?\b\d[\d.]*\b(?![,)])'
)
"""What a message quotes: texts, numbers, what stands after an equals sign; not names of attributes and tags."""


@dataclasses.dataclass
class Figures:
    """What became of one corpus under one configuration.

    Attributes:
        compared: instances that dciodvfy judged before and after.
        clean_before: those of them without any error before.
        clean_after: those without any error after.
        worse: those with a new error.
        new: new errors, by their text without values.
        refused: files the engine takes for no instance.
        unjudged: instances on which dciodvfy broke off.
        entities: what dcentvfy newly says over all outputs: attributes that differ within a patient, study or series.
    """

    compared: int = 0
    clean_before: int = 0
    clean_after: int = 0
    worse: int = 0
    new: Counter[str] = dataclasses.field(default_factory=Counter)
    refused: int = 0
    unjudged: int = 0
    entities: Counter[str] = dataclasses.field(default_factory=Counter)

    @property
    def new_errors(self) -> int:
        """How many."""
        return self.new.total()


def installed() -> bool:
    """Whether the two programs are there."""
    return all(shutil.which(program) for program in ("dciodvfy", "dcentvfy"))


def without_values(message: str) -> str:
    """A message as it would read for any value.

    >>> without_values("Error - Unrecognized enumerated value <ODD> for value 1 of attribute <View Position>")
    'Error - Unrecognized enumerated value for value of attribute <View Position>'
    """
    return " ".join(_VALUE.sub("", message).split())


def errors_in(path: Path) -> Counter[str] | None:
    """What dciodvfy reports as errors, without values; None when it breaks off."""
    command = ["dciodvfy", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECS, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode < 0:
        return None
    lines = (done.stderr + done.stdout).decode("latin-1").splitlines()
    return Counter(without_values(line) for line in lines if line.startswith("Error"))


def inconsistencies(paths: Iterable[Path], scratch: Path) -> Counter[str]:
    """What dcentvfy says should be one for a patient, study or series and is not, without values and file names."""
    listing = scratch / "files.txt"
    listing.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    command = ["dcentvfy", "-f", str(listing)]
    done = subprocess.run(command, capture_output=True, timeout=10 * TIMEOUT_SECS, check=False)
    lines = (done.stderr + done.stdout).decode("latin-1").splitlines()
    return Counter(without_values(line) for line in lines if " Element=<" in line)


def compare(sources: Sequence[Path], profile: Profile, scratch: Path) -> Figures:
    """De-identify `sources` into `scratch`, judge both."""
    figures = Figures()
    outputs: dict[Path, Path] = {}
    for number, source in enumerate(sources):
        output = scratch / f"{number:05d}.dcm"
        try:
            deidentify_file(source, output, profile)
        except InstanceError:
            figures.refused += 1
            continue
        outputs[source] = output
        before, after = errors_in(source), errors_in(output)
        if before is None or after is None:
            figures.unjudged += 1
            continue
        new = after - before
        figures.compared += 1
        figures.clean_before += not before
        figures.clean_after += not after
        figures.worse += bool(new)
        figures.new += new
    figures.entities = inconsistencies(outputs.values(), scratch) - inconsistencies(outputs, scratch)
    return figures


def shipped() -> list[Path]:
    """The files that pydicom ships as data."""
    example = get_testdata_file("CT_small.dcm", download=False)
    if not isinstance(example, str):
        raise FileNotFoundError("pydicom has no data files")
    return sorted(path for path in Path(example).parent.parent.rglob("*") if path.is_file())


HEADINGS = ("corpus", "configuration", "compared", "clean before", "clean after", "worse", "new errors", "dcentvfy")


def row(corpus: str, name: str, figures: Figures, *, generated: bool) -> str:
    """One line of the table; entities of files that belong to no common study say nothing."""
    cells: list[object] = [corpus, name, figures.compared, figures.clean_before, figures.clean_after, figures.worse]
    cells += [figures.new_errors, figures.entities.total() if generated else ""]
    return "| " + " | ".join(map(str, cells)) + " |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 when the Basic profile of some edition adds an error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edition", choices=EDITIONS, action="append", help="editions of the Basic profile; all")
    parser.add_argument("--errors", action="store_true", help="print the text of new errors too")
    parser.add_argument("--studies", type=int, default=10, help="how many to generate")
    parser.add_argument("--out", type=Path, help="write the table here too")
    options = parser.parse_args(arguments)
    if not installed():
        print("dciodvfy and dcentvfy are not installed; apt-get install dicom3tools", file=sys.stderr)
        return 2
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|---|" + "---:|" * (len(HEADINGS) - 2)]
    broken = 0
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        studies = write_samples(Path(folder) / "studies", studies=options.studies).files
        for name, profile in _profiles(options.edition or EDITIONS).items():
            for corpus, sources in (("pydicom's files", shipped()), ("generated studies", studies)):
                scratch = Path(tempfile.mkdtemp(dir=folder))
                figures = compare(sources, profile, scratch)
                shutil.rmtree(scratch)
                lines.append(row(corpus, name, figures, generated=corpus.startswith("generated")))
                print(lines[-1], flush=True)
                if options.errors:
                    for message, times in (figures.new + figures.entities).most_common():
                        print(f"  {times:5d} {message}")
                broken += figures.new_errors if name.startswith(BASIC) else 0
    print("\n".join(lines))
    if options.out:
        options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if broken else 0


def _profiles(editions: Sequence[str]) -> dict[str, Profile]:
    profiles = {
        f"{BASIC} {edition}": compile_config(CONFIGS[BASIC], options=EngineOptions(edition=edition))
        for edition in editions
    }
    return profiles | {name: compile_config(config) for name, config in CONFIGS.items() if name != BASIC}


if __name__ == "__main__":
    sys.exit(main())
