"""De-identify a folder with another tool: run by the interpreter that has it, `peer_runner.py TOOL INPUT OUTPUT`.

Stands alone: it imports nothing of this repository, only the tool and pydicom, on which all of them stand. Each output
has its input's name. A file that the tool fails on is left out and named on standard error.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pydicom

Tool = Callable[[Path, Path], object]


def dicognito() -> Tool:
    """With its defaults and a seed, so that a run can be repeated."""
    anonymizer = importlib.import_module("dicognito.anonymizer").Anonymizer(seed="benchmark")

    def run(source: Path, destination: Path) -> None:
        dataset = pydicom.dcmread(source)
        anonymizer.anonymize(dataset)
        dataset.save_as(destination)

    return run


def dicom_anonymizer() -> Tool:
    """With its defaults: the profile of its newest default table, private tags deleted."""
    anonymize = importlib.import_module("dicomanonymizer.simpledicomanonymizer").anonymize_dicom_file

    def run(source: Path, destination: Path) -> None:
        anonymize(str(source), str(destination))

    return run


TOOLS: dict[str, Callable[[], Tool]] = {"dicognito": dicognito, "dicom-anonymizer": dicom_anonymizer}


def main(name: str, source: Path, destination: Path) -> int:
    """Run one tool over a folder; 0 when every file was written."""
    tool = TOOLS[name]()
    failed = 0
    for file in sorted(source.glob("*.dcm")):
        try:
            tool(file, destination / file.name)
        except Exception as error:  # noqa: BLE001 - whatever the tool raises is its failure with this file
            (destination / file.name).unlink(missing_ok=True)
            print(f"{file.name}: {type(error).__name__}", file=sys.stderr)
            failed += 1
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
