"""An intent without an operation's name: was its POST sent, and which operation is it? The rule, without any I/O."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import Enum

from pipeline.services.clock import epoch_seconds
from pipeline.services.healthcare import OperationSeen

_DEIDENTIFY = "deidentify"


class Decision(Enum):
    """What to do about a nameless intent."""

    ADOPT = "adopt"
    """Exactly one operation can be meant: write its name down and poll it."""
    LAUNCH = "launch"
    """No operation can be meant, and none can still turn up: send the POST."""
    WAIT = "wait"
    """An operation may still turn up, or several that could be meant are running."""
    LOOK = "look"
    """Several could be meant and all are done: the destination shows what they did."""


@dataclass(frozen=True)
class Ruling:
    """The decision, and the operation's name: for ADOPT, and for LOOK when there is only one that could be meant."""

    decision: Decision
    operation: str | None = None


def candidates(operations: Iterable[OperationSeen], since: float, claimed: Set[str]) -> list[OperationSeen]:
    """Deidentify operations created since a time (seconds since the epoch) that no attempt has as its own.

    One that tells no creation time cannot be ruled out.
    """
    return [
        operation
        for operation in operations
        if _DEIDENTIFY in operation.method.lower()
        and (not operation.created_at or epoch_seconds(operation.created_at) >= since)
        and operation.name not in claimed
    ]


def rule(possible: list[OperationSeen], *, other_nameless: bool, settled: bool) -> Ruling:
    """Decide from the candidates.

    Args:
        possible: see `candidates`; operation metadata names neither filter file nor destination, so any could be ours.
        other_nameless: another open intent has no name either, so a single candidate could be the other's.
        settled: the intent is old enough that a POST still under way would have arrived.
    """
    if not possible:
        return Ruling(Decision.LAUNCH if settled else Decision.WAIT)
    if len(possible) == 1 and not other_nameless:
        return Ruling(Decision.ADOPT, possible[0].name)
    if settled and all(operation.done for operation in possible):
        return Ruling(Decision.LOOK, possible[0].name if len(possible) == 1 else None)
    return Ruling(Decision.WAIT)
