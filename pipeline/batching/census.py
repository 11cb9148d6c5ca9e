"""One study: what was asked for, what the two stores and the ledger hold -> what to take, and the early outcomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Self

from pipeline.config import UidPlan
from pipeline.model.instance_path import DicomPath
from pipeline.model.outcome import Outcome, Reason
from pipeline.settings import FilterLevel

InstanceUids = tuple[str, str]
"""(series, SOP instance) UIDs inside one study."""


@dataclass(frozen=True)
class StudyPlan:
    """The census of one study.

    Attributes:
        study: its UID.
        take: `inside_study` of each instance to de-identify, sorted.
        lines: `inside_study` of the filter file's lines that cover exactly `take`.
        early: (inside_study, outcome, reason) of everything asked for that is not taken.
    """

    study: str
    take: tuple[str, ...]
    lines: tuple[str, ...]
    early: tuple[tuple[str, str, str], ...]

    def to_json(self) -> str:
        """Compact, for the shuffle."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Undo `to_json`."""
        body = json.loads(text)
        early = tuple((inside, outcome, reason) for inside, outcome, reason in body["early"])
        return cls(body["study"], tuple(body["take"]), tuple(body["lines"]), early)


@dataclass(frozen=True)
class StudyFacts:
    """What is known of a study, each asked for only when needed.

    Attributes:
        source: its instances in the source store, None when they could not be listed.
        in_destination: of de-identified study UIDs, the (study, series, SOP) UIDs there; None when not to be listed.
        done: source instances that the ledger shows as de-identified with this configuration.
        held: source instances that an open attempt of another run holds.
    """

    source: frozenset[InstanceUids] | None
    in_destination: Callable[[frozenset[str]], frozenset[tuple[str, str, str]] | None]
    done: Callable[[], frozenset[InstanceUids]]
    held: frozenset[InstanceUids]


def take_census(
    study: str,
    asked: Iterable[str],
    facts: StudyFacts,
    uid_plan: UidPlan,
    filter_level: FilterLevel,
    *,
    skip_occupied: bool = False,
) -> StudyPlan:
    """Decide every asked path of one study; each ends in `take` (by its instances) or in `early`, never in both.

    `asked` holds `inside_study` values: "" for the whole study, "series" or "series/sop"; repeats count once.
    """
    wanted = set(asked)
    if facts.source is None:
        early = tuple((inside, Outcome.UNKNOWN.value, Reason.LISTING_FAILED.value) for inside in sorted(wanted))
        return StudyPlan(study, (), (), early)

    chosen, absent = _expand(wanted, facts.source, filter_level)
    early_rows = dict.fromkeys(absent, (Outcome.REJECTED, Reason.NOT_IN_SOURCE))

    predicted = {uids: uid_plan.predict(study, *uids) for uids in chosen}
    present = facts.in_destination(frozenset(uids[0] for uids in predicted.values())) if chosen else frozenset()
    done: frozenset[InstanceUids] | None = None
    take: set[InstanceUids] = set()
    for uids in chosen:
        inside = "/".join(uids)
        if present is None:
            early_rows[inside] = (Outcome.UNKNOWN, Reason.LISTING_FAILED)
        elif predicted[uids] in present:
            done = facts.done() if done is None else done
            if uids in done:
                early_rows[inside] = (Outcome.SKIPPED, Reason.ALREADY_DEIDENTIFIED)
            elif uids in facts.held:
                early_rows[inside] = (Outcome.UNKNOWN, Reason.HELD_BY_ANOTHER_RUN)
            else:
                outcome = Outcome.SKIPPED if skip_occupied else Outcome.UNKNOWN
                early_rows[inside] = (outcome, Reason.DESTINATION_OCCUPIED)
        elif uids in facts.held:
            early_rows[inside] = (Outcome.UNKNOWN, Reason.HELD_BY_ANOTHER_RUN)
        else:
            take.add(uids)

    return StudyPlan(
        study,
        tuple(sorted("/".join(uids) for uids in take)),
        tuple(sorted(_cover(take, facts.source, filter_level))),
        tuple((inside, outcome.value, reason.value) for inside, (outcome, reason) in sorted(early_rows.items())),
    )


def _expand(
    wanted: set[str], source: frozenset[InstanceUids], filter_level: FilterLevel
) -> tuple[set[InstanceUids], set[str]]:
    """Wanted paths -> instances of the source, and the paths that match none."""
    by_series: dict[str, set[InstanceUids]] = {}
    for uids in source:
        by_series.setdefault(uids[0], set()).add(uids)
    chosen: set[InstanceUids] = set()
    absent: set[str] = set()
    for inside in wanted:
        path = DicomPath.of("", inside)
        if path.sop:
            matched = {(path.series, path.sop)} & source
        else:
            matched = by_series.get(path.series, set()) if path.series else set(source)
        if not matched:
            absent.add(inside)
        elif filter_level == "study":
            chosen |= source
        elif filter_level == "series":
            chosen |= {uids for series, _ in matched for uids in by_series[series]}
        else:
            chosen |= matched
    return chosen, absent


def _cover(take: set[InstanceUids], source: frozenset[InstanceUids], filter_level: FilterLevel) -> set[str]:
    """The widest lines allowed by `filter_level` that name exactly `take`."""
    if filter_level == "study" and take and take == source:
        return {""}
    lines: set[str] = set()
    for series in {series for series, _ in take}:
        taken = {uids for uids in take if uids[0] == series}
        whole = filter_level != "instance" and taken == {uids for uids in source if uids[0] == series}
        lines |= {series} if whole else {"/".join(uids) for uids in taken}
    return lines
