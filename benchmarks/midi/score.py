"""Scoring a folder of outputs against the answer key."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels import pixel_array

from benchmarks.midi import checks
from benchmarks.midi.answer_key import REMOVALS, AnswerKey, Check, InstanceKey
from benchmarks.midi.mapping import IdMap, read_mapping
from benchmarks.midi.paths import flatten


@dataclasses.dataclass(frozen=True)
class Result:
    """How one check came out: `score` is 1 when passed, else the part of the tokens that came out right."""

    file: str
    check: Check
    score: float

    @property
    def passed(self) -> bool:
        """Whether all of it came out right."""
        return self.score == 1.0


@dataclasses.dataclass(frozen=True)
class Tally:
    """Checks passed of all."""

    passed: int
    total: int

    @property
    def percent(self) -> float:
        """Of checks passed; 100 when there are none."""
        return 100.0 * self.passed / self.total if self.total else 100.0

    @classmethod
    def of(cls, results: Iterable[Result]) -> Tally:
        """Count results."""
        passed = [result.passed for result in results]
        return cls(sum(passed), len(passed))


def score(key: AnswerKey, outputs: Path, read: checks.Reader | None) -> list[Result]:
    """Every check of the key, against the files of the same relative names under `outputs`.

    A file that is not there, or that is no DICOM file, counts as missing: it passes the checks of removal and fails the
    others. `read` reads text in images; without it, text is hidden only where a region is of one colour.
    """
    return [result for instance, results in scored(key, outputs, read) for result in results]


def scored(key: AnswerKey, outputs: Path, read: checks.Reader | None) -> Iterator[tuple[InstanceKey, list[Result]]]:
    """The same, instance by instance."""
    flats = {instance.file: _flat(outputs / instance.file) for instance in key.instances}
    ids = read_mapping((instance, flat) for instance in key.instances if (flat := flats[instance.file]) is not None)
    for instance in key.instances:
        flat = flats[instance.file]
        if flat is None:
            yield instance, [Result(instance.file, one, float(one.action in REMOVALS)) for one in instance.checks]
            continue
        wants_pixels = any(one.action.startswith("pixels") for one in instance.checks)
        image = decoded(outputs / instance.file) if wants_pixels else None
        yield instance, [Result(instance.file, one, judge(one, flat, image, ids, read)) for one in instance.checks]


def judge(
    check: Check, flat: Mapping[str, str], image: checks.Image | None, ids: IdMap, read: checks.Reader | None
) -> float:
    """The score of one check for a file that is there."""
    value, answer = flat.get(check.path), check.answer
    match check.action:
        case "tag_retained":
            return checks.tag_retained(value)
        case "text_notnull":
            return checks.text_notnull(value)
        case "text_retained":
            return checks.text_retained(value, answer)
        case "text_removed":
            return checks.text_removed(value, answer)
        case "date_shifted" | "uid_changed":
            return checks.old_value_gone(value, answer)
        case "uid_consistent":
            return checks.uid_consistent(value, ids.uids.get(answer))
        case "patid_consistent":
            return checks.patid_consistent(value, ids.patient_ids.get(answer))
        case "pixels_retained":
            return checks.pixels_retained(image, answer, check.region)
        case "pixels_hidden":
            assert check.region is not None
            return checks.pixels_hidden(image, answer, check.region, check.digest, read)


def decoded(path: Path) -> checks.Image | None:
    """The frames of a file as `checks.Image`; None when it has none that can be decoded. Colour is RGB."""
    try:
        dataset = pydicom.dcmread(path)
        return frames(dataset)
    except Exception:  # noqa: BLE001 - whatever a tool wrote: pixels that cannot be decoded are not retained
        return None


def frames(dataset: Dataset) -> checks.Image:
    """The frames of a dataset as (frames, rows, columns[, 3])."""
    array: np.ndarray[Any, Any] = pixel_array(dataset)
    colour = int(dataset.SamplesPerPixel) > 1
    return array if array.ndim == (4 if colour else 3) else array[np.newaxis]


def _flat(path: Path) -> dict[str, str] | None:
    try:
        return flatten(pydicom.dcmread(path))
    except (OSError, pydicom.errors.InvalidDicomError):
        return None
    except Exception:  # noqa: BLE001 - what cannot be read at all gives nothing to check
        return None
