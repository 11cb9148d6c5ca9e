"""What the destination holds of a batch, listed study by study."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from pipeline.model.instance_path import DicomPath
from pipeline.model.names import DicomStoreName
from pipeline.services.healthcare import HealthcareApi
from pipeline.settings import RunSettings

# QIDO-RS answers in tens to hundreds of milliseconds; a batch of 10,000 instances has about a hundred studies.
_THREADS = 8


def parse_paths(lines: Iterable[str]) -> list[DicomPath]:
    """Lines of an instances file as paths."""
    return [DicomPath.from_text(line) for line in lines]


def list_studies(healthcare: HealthcareApi, store: DicomStoreName, studies: Iterable[str]) -> set[tuple[str, str, str]]:
    """(study, series, SOP instance) UIDs of all instances of some studies; raises ServiceError when one fails."""
    wanted = sorted(set(studies))
    with ThreadPoolExecutor(_THREADS) as pool:
        listed = pool.map(lambda study: healthcare.study_instances(store, study), wanted)
        return {(study, *uids) for study, found in zip(wanted, listed, strict=True) for uids in found}


def present_in_destination(
    settings: RunSettings, healthcare: HealthcareApi, paths: Iterable[DicomPath]
) -> set[tuple[str, str, str]]:
    """What the destination holds of the studies that these source instances are written to."""
    predicted = {settings.uid_plan.predict(path.study, path.series, path.sop)[0] for path in paths}
    return list_studies(healthcare, settings.destination, predicted)


def missing_lines(settings: RunSettings, healthcare: HealthcareApi, lines: Iterable[str]) -> list[str] | None:
    """Of a batch's instance lines, those whose de-identified instance is not in the destination; None: all of them."""
    paths = parse_paths(lines)
    present = present_in_destination(settings, healthcare, paths)
    missing = [
        str(path) for path in paths if settings.uid_plan.predict(path.study, path.series, path.sop) not in present
    ]
    return None if len(missing) == len(paths) else missing
