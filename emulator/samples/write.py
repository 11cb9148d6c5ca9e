"""Samples on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmwrite
from pydicom.dataset import Dataset

from emulator.samples.studies import DEFAULT_STUDIES, generate_studies


@dataclass(frozen=True)
class Written:
    """What `write_samples` wrote: the files in order, their bytes, and instances by modality."""

    files: tuple[Path, ...]
    size_bytes: int
    patients: int
    studies: int
    series: int
    modalities: dict[str, int]


def write_samples(out: Path, seed: int = 0, *, studies: int = len(DEFAULT_STUDIES)) -> Written:
    """Write the studies under `out` as `study-01/series-01/0001.dcm`; existing files of these names are replaced.

    Raises:
        OSError: a folder or file cannot be written.
        ValueError: a negative number of studies.
    """
    files: list[Path] = []
    size_bytes, modalities, patients = 0, Counter[str](), set[str]()
    numbers: dict[str, int] = {}
    series: set[str] = set()
    for instance in generate_studies(seed, studies=studies):
        study = numbers.setdefault(instance.StudyInstanceUID, len(numbers) + 1)
        folder = out / f"study-{study:02d}" / f"series-{instance.SeriesNumber:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{instance.InstanceNumber:04d}.dcm"
        dcmwrite(path, instance, enforce_file_format=True)
        files.append(path)
        size_bytes += path.stat().st_size
        modalities[instance.Modality] += 1
        patients.add(instance.PatientID)
        series.add(instance.SeriesInstanceUID)
    return Written(tuple(files), size_bytes, len(patients), len(numbers), len(series), dict(sorted(modalities.items())))


def write_instances(out: Path, instances: Iterator[Dataset]) -> tuple[Path, ...]:
    """Write instances under `out` as `0001.dcm`, `0002.dcm`, ...; raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for number, instance in enumerate(instances, start=1):
        path = out / f"{number:04d}.dcm"
        dcmwrite(path, instance, enforce_file_format=True)
        files.append(path)
    return tuple(files)
