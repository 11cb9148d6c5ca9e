"""Studies -> batches up to a limit: whole studies in order, a study over the limit alone or split by series."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.batching.census import StudyPlan

# A shard packs its studies by itself and ends with one part-filled batch; this many batches make that 5 % at most.
BATCHES_PER_SHARD = 20


@dataclass(frozen=True)
class PackedStudy:
    """A study, or some series of one, inside a batch. `take` and `lines` as in StudyPlan."""

    study: str
    take: tuple[str, ...]
    lines: tuple[str, ...]


def shard_count(instances: int, max_instances_per_batch: int) -> int:
    """Into how many independently packed shards to divide a run's studies.

    >>> shard_count(200, 10_000), shard_count(1_000_000, 10_000)
    (1, 5)
    """
    return max(1, math.ceil(instances / (BATCHES_PER_SHARD * max_instances_per_batch)))


def pack_studies(plans: Iterable[StudyPlan], limit: int, *, split_large: bool = False) -> Iterator[list[PackedStudy]]:
    """Fill batches with whole studies in UID order, at most `limit` instances each.

    A study with more than `limit` instances is a batch of its own; with `split_large` its series are packed instead
    (a series is never divided, so that one over the limit is a batch of its own too).
    """
    batch: list[PackedStudy] = []
    size = 0
    for item in _items(plans, limit, split_large=split_large):
        if batch and size + len(item.take) > limit:
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.take)
    if batch:
        yield batch


def _items(plans: Iterable[StudyPlan], limit: int, *, split_large: bool) -> Iterator[PackedStudy]:
    for plan in sorted(plans, key=lambda plan: plan.study):
        if not plan.take:
            continue
        if split_large and len(plan.take) > limit:
            yield from _by_series(plan)
        else:
            yield PackedStudy(plan.study, plan.take, plan.lines)


def _by_series(plan: StudyPlan) -> Iterator[PackedStudy]:
    series_of: dict[str, list[str]] = {}
    for inside in plan.take:
        series_of.setdefault(inside.partition("/")[0], []).append(inside)
    for series, take in series_of.items():
        if plan.lines == ("",):  # the whole study is taken, so the whole series is
            lines: tuple[str, ...] = (series,)
        else:
            lines = tuple(line for line in plan.lines if line.partition("/")[0] == series)
        yield PackedStudy(plan.study, tuple(take), lines)
