"""A finished operation and what the destination holds -> one outcome for each instance of the batch."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from pipeline.config import UidPlan
from pipeline.model.batch import BatchEnd
from pipeline.model.instance_path import DicomPath
from pipeline.model.outcome import Outcome, Reason

CANCELLED = 1
"""google.rpc.Code.CANCELLED."""

# google.rpc.Code, in the order of their numbers.
_CODE_NAMES = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)


@dataclass(frozen=True)
class Verdict:
    """The outcome of one instance."""

    path: DicomPath
    outcome: Outcome
    reason: Reason | None = None
    detail: str | None = None


def reconcile(
    instances: Iterable[DicomPath],
    present: Set[tuple[str, str, str]] | None,
    end: BatchEnd,
    uid_plan: UidPlan,
) -> list[Verdict]:
    """Judge every instance by whether its predicted UIDs are among `present` (None: the destination was unreadable).

    The operation's own totals only explain what is missing; they never make an instance DEIDENTIFIED.
    """
    paths = list(instances)
    if present is None:
        return [Verdict(path, Outcome.UNKNOWN, Reason.DESTINATION_UNREADABLE) for path in paths]
    there = [uid_plan.predict(path.study, path.series, path.sop) in present for path in paths]
    missing = _why_missing(end, any_there=any(there), expected=len(paths))
    return [
        Verdict(path, Outcome.DEIDENTIFIED) if found else Verdict(path, *missing)
        for path, found in zip(paths, there, strict=True)
    ]


def _why_missing(end: BatchEnd, *, any_there: bool, expected: int) -> tuple[Outcome, Reason, str | None]:
    if end.lost:
        return Outcome.UNKNOWN, Reason.OPERATION_LOST, None
    if end.error_code == CANCELLED:
        return Outcome.FAILED, Reason.OPERATION_CANCELLED, None
    if end.error_code is not None:
        return Outcome.FAILED, Reason.OPERATION_FAILED, code_name(end.error_code)
    if not any_there and end.failure == 0 and end.success >= expected:
        return Outcome.UNKNOWN, Reason.UID_RULE_MISMATCH, None
    return Outcome.FAILED, Reason.NOT_IN_DESTINATION, f"operation counts {end.failure} failures"


def code_name(code: int) -> str:
    """`code 13 INTERNAL`; the operation's message may hold identifiers and is not used."""
    name = _CODE_NAMES[code] if 0 <= code < len(_CODE_NAMES) else "UNRECOGNISED"
    return f"code {code} {name}"
