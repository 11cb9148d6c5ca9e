"""The closing account: asked = deidentified + skipped + failed + rejected + unknown, for the run and for each batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.model.outcome import Outcome


@dataclass(frozen=True)
class Account:
    """Counts of instances (asked and the five outcomes), of batches and of operations.

    `asked` is counted when the plan is frozen, the outcomes when their audit rows are written: two independent counts,
    so `balanced` can be false. `reasons` counts the rows by `OUTCOME/REASON`.
    """

    run_id: str
    asked: int
    deidentified: int
    skipped: int
    failed: int
    rejected: int
    unknown: int
    balanced: bool
    batches: int
    operations: int
    started_at: str
    ended_at: str
    reasons: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As written to account.json."""
        return asdict(self)

    def acceptable(self, tolerated: Iterable[Outcome] = ()) -> bool:
        """Whether the run may exit 0: it balances, and nothing is FAILED, REJECTED or UNKNOWN unless tolerated."""
        bad = {Outcome.FAILED, Outcome.REJECTED, Outcome.UNKNOWN} - set(tolerated)
        return self.balanced and not any(getattr(self, outcome.lower()) for outcome in bad)


def add_counts(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Sum counts by key.

    >>> add_counts([{"DEIDENTIFIED": 2}, {"DEIDENTIFIED": 1, "FAILED/NOT_IN_DESTINATION": 1}])
    {'DEIDENTIFIED': 3, 'FAILED/NOT_IN_DESTINATION': 1}
    """
    total: dict[str, int] = {}
    for part in parts:
        for key, count in part.items():
            total[key] = total.get(key, 0) + count
    return total


def outcome_key(outcome: str, reason: str | None) -> str:
    """`OUTCOME` or `OUTCOME/REASON`: the key under which rows are counted."""
    return f"{outcome}/{reason}" if reason else outcome


def count_of(counts: Mapping[str, int], outcome: Outcome) -> int:
    """All rows of an outcome, whatever their reason."""
    return sum(n for key, n in counts.items() if key.partition("/")[0] == outcome)
