"""Studies into batches."""

from __future__ import annotations

import itertools
import random

import pytest

from pipeline.batching.census import StudyPlan
from pipeline.batching.pack import BATCHES_PER_SHARD, PackedStudy, pack_studies, shard_count


def study(uid: str, instances: int = 1, series: int = 1) -> StudyPlan:
    """A study whose instances are spread evenly over its series, each with its own filter line."""
    take = tuple(sorted(f"{number % series}/{number}" for number in range(instances)))
    return StudyPlan(uid, take, take, ())


def sizes(batches: list[list[PackedStudy]]) -> list[int]:
    return [sum(len(item.take) for item in batch) for batch in batches]


def pack(plans: list[StudyPlan], limit: int, *, split_large: bool = False) -> list[list[PackedStudy]]:
    return list(pack_studies(plans, limit, split_large=split_large))


def test_no_studies_make_no_batch() -> None:
    assert pack([], 10) == []


def test_studies_that_fit_share_a_batch() -> None:
    assert sizes(pack([study("1", 4), study("2", 6)], 10)) == [10]


def test_a_study_that_does_not_fit_opens_the_next_batch() -> None:
    assert sizes(pack([study("1", 4), study("2", 7)], 10)) == [4, 7]


def test_a_study_is_never_divided() -> None:
    batches = pack([study(str(number), 3) for number in range(10)], 10)
    places: dict[str, int] = {}
    for number, batch in enumerate(batches):
        for item in batch:
            assert places.setdefault(item.study, number) == number
    assert len(places) == 10


def test_a_study_over_the_limit_is_a_batch_of_its_own_and_whole() -> None:
    batches = list(pack_studies([study("1", 2), study("2", 25, series=5), study("3", 2)], 10))
    assert sizes(batches) == [2, 25, 2]


def test_a_study_of_which_nothing_is_taken_comes_into_no_batch() -> None:
    early = StudyPlan("1", (), (), (("", "REJECTED", "NOT_IN_SOURCE"),))
    assert pack([early], 10) == []


def test_every_instance_may_be_a_batch() -> None:
    assert sizes(pack([study("1"), study("2"), study("3")], 1)) == [1, 1, 1]


def test_a_packed_study_keeps_its_instances_and_lines() -> None:
    plan = StudyPlan("1.2", ("10/100", "10/101"), ("10",), ())
    assert pack([plan], 10) == [[PackedStudy("1.2", ("10/100", "10/101"), ("10",))]]


def test_the_order_in_which_studies_arrive_changes_nothing() -> None:
    rng = random.Random(7)
    plans = [study(f"1.{number}", rng.randrange(1, 9)) for number in range(40)]
    first = pack(plans, 10)
    for _ in range(20):
        rng.shuffle(plans)
        assert pack(plans, 10) == first


# Large studies split by series.


def test_a_study_over_the_limit_is_split_by_series_when_told() -> None:
    batches = pack([study("1", 12, series=3)], 8, split_large=True)
    assert sizes(batches) == [8, 4]
    assert [{inside.split("/")[0] for item in batch for inside in item.take} for batch in batches] == [
        {"0", "1"},
        {"2"},
    ]


def test_a_series_is_never_divided() -> None:
    assert sizes(pack([study("1", 30, series=2)], 8, split_large=True)) == [15, 15]


def test_a_study_at_the_limit_is_not_split() -> None:
    assert pack([study("1", 8, series=2)], 8, split_large=True) == pack([study("1", 8, series=2)], 8)


def test_a_small_study_shares_a_batch_with_a_series_of_a_large_one() -> None:
    batches = pack([study("1", 12, series=3), study("2", 4)], 8, split_large=True)
    assert [[item.study for item in batch] for batch in batches] == [["1", "1"], ["1", "2"]]


def test_a_split_study_is_named_by_its_series_lines() -> None:
    plan = StudyPlan("1", ("1/1", "1/2", "2/3"), ("",), ())
    packed = [item for batch in pack([plan], 2, split_large=True) for item in batch]
    assert packed == [PackedStudy("1", ("1/1", "1/2"), ("1",)), PackedStudy("1", ("2/3",), ("2",))]


def test_each_part_of_a_split_study_keeps_the_lines_of_its_own_series() -> None:
    plan = StudyPlan("1", ("1.2/1", "1.2/2", "1/3"), ("1.2", "1/3"), ())
    packed = [item for batch in pack([plan], 2, split_large=True) for item in batch]
    assert packed == [PackedStudy("1", ("1.2/1", "1.2/2"), ("1.2",)), PackedStudy("1", ("1/3",), ("1/3",))]


# What holds for every packing.


@pytest.mark.parametrize("split_large", [False, True])
def test_every_instance_is_in_exactly_one_batch_within_the_limit(split_large: bool) -> None:
    for seed in range(60):
        rng = random.Random(seed)
        limit = rng.randrange(1, 20)
        plans = [study(f"1.{number}", rng.randrange(0, 30), rng.randrange(1, 5)) for number in range(rng.randrange(15))]
        batches = pack(plans, limit, split_large=split_large)
        packed = [(item.study, inside) for batch in batches for item in batch for inside in item.take]
        assert sorted(packed) == sorted((plan.study, inside) for plan in plans for inside in plan.take), f"seed {seed}"
        lines = [(item.study, line) for batch in batches for item in batch for line in item.lines]
        assert sorted(lines) == sorted((plan.study, line) for plan in plans for line in plan.lines), f"seed {seed}"
        assert all(len(batch) == 1 for batch, size in zip(batches, sizes(batches), strict=True) if size > limit), (
            f"seed {seed}"
        )
        assert 0 not in sizes(batches), f"seed {seed}"


def test_no_two_neighbouring_batches_would_have_fitted_into_one() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        plans = [study(f"1.{number}", rng.randrange(1, 12)) for number in range(20)]
        batches = pack(plans, 10)
        for before, after in itertools.pairwise(batches):
            assert sum(len(item.take) for item in before) + len(after[0].take) > 10, f"seed {seed}"


# Shards.


@pytest.mark.parametrize(
    ("instances", "shards"),
    [(0, 1), (1, 1), (BATCHES_PER_SHARD * 100, 1), (BATCHES_PER_SHARD * 100 + 1, 2), (BATCHES_PER_SHARD * 1000, 10)],
)
def test_a_shard_holds_about_twenty_full_batches(instances: int, shards: int) -> None:
    assert shard_count(instances, 100) == shards
