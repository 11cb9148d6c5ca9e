"""What holds for every census, tried on studies drawn at random (the seed names the case that fails)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from pipeline.batching.census import StudyPlan
from pipeline.settings import FilterLevel

Census = Callable[..., StudyPlan]

LEVELS: tuple[FilterLevel, ...] = ("instance", "series", "study")
CASES = range(120)


@dataclass(frozen=True)
class Case:
    """A study drawn at random, and what was asked of it."""

    source: set[str]
    asked: list[str]
    present: set[str]
    done: set[str]
    held: set[str]

    @classmethod
    def draw(cls, seed: int) -> Case:
        """Up to 4 series of up to 5 instances; about one in four asked lines matches nothing."""
        rng = random.Random(seed)
        # Series 1, 10 and 1.0 begin alike on purpose.
        source = {f"{series}/{sop}" for series in ("1", "10", "1.0", "2") for sop in range(rng.randrange(6))}
        source = {inside for inside in source if rng.random() < 0.8}
        lines = ["", "1", "10", "1.0", "2", "3", "1/99", "3/1", *sorted(source)]
        asked = [rng.choice(lines) for _ in range(rng.randrange(1, 12))]

        def some(share: float) -> set[str]:
            return {inside for inside in sorted(source) if rng.random() < share}

        return cls(source, asked, some(rng.choice([0, 0.3, 1])), some(0.5), some(rng.choice([0, 0.2])))

    def plan(self, census: Census, level: FilterLevel) -> StudyPlan:
        return census(self.asked, source=self.source, present=self.present, done=self.done, held=self.held, level=level)

    def named_by(self, line: str) -> set[str]:
        """The instances of the source that a line names: a path is a prefix, component by component."""
        wanted = line.split("/") if line else []
        return {inside for inside in self.source if inside.split("/")[: len(wanted)] == wanted}


@pytest.mark.parametrize("level", LEVELS)
def test_each_asked_instance_is_either_taken_or_has_one_early_row(census: Census, level: FilterLevel) -> None:
    for seed in CASES:
        case = Case.draw(seed)
        plan = case.plan(census, level)
        early = [inside for inside, _, _ in plan.early]
        assert len(set(plan.take)) == len(plan.take), f"seed {seed}"
        assert len(set(early)) == len(early), f"seed {seed}"
        assert not set(early) & set(plan.take), f"seed {seed}"
        for line in case.asked:
            ends = case.named_by(line) or {line}
            assert ends <= set(plan.take) | set(early), f"seed {seed}"


@pytest.mark.parametrize("level", LEVELS)
def test_the_filter_lines_name_exactly_what_is_taken(census: Census, level: FilterLevel) -> None:
    for seed in CASES:
        case = Case.draw(seed)
        plan = case.plan(census, level)
        named = [inside for line in plan.lines for inside in case.named_by(line)]
        assert sorted(named) == list(plan.take), f"seed {seed}"


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_is_taken_that_is_in_the_destination_or_held(census: Census, level: FilterLevel) -> None:
    for seed in CASES:
        case = Case.draw(seed)
        assert not set(case.plan(census, level).take) & (case.present | case.held), f"seed {seed}"


@pytest.mark.parametrize("level", LEVELS)
def test_only_lines_that_name_nothing_are_rejected(census: Census, level: FilterLevel) -> None:
    for seed in CASES:
        case = Case.draw(seed)
        rejected = {inside for inside, outcome, _ in case.plan(census, level).early if outcome == "REJECTED"}
        assert rejected == {line for line in case.asked if not case.named_by(line)}, f"seed {seed}"


def test_at_instance_level_nothing_comes_in_that_was_not_asked_for(census: Census) -> None:
    for seed in CASES:
        case = Case.draw(seed)
        plan = case.plan(census, "instance")
        named = set().union(*(case.named_by(line) or {line} for line in case.asked))
        assert set(plan.take) | {inside for inside, _, _ in plan.early} == named, f"seed {seed}"


@pytest.mark.parametrize("level", LEVELS)
def test_the_order_and_number_of_the_lines_change_nothing(census: Census, level: FilterLevel) -> None:
    for seed in CASES:
        case = Case.draw(seed)
        shuffled = case.asked * 2
        random.Random(seed).shuffle(shuffled)
        other = Case(case.source, shuffled, case.present, case.done, case.held)
        assert other.plan(census, level) == case.plan(census, level), f"seed {seed}"


def test_the_cases_reach_every_early_outcome(census: Census) -> None:
    seen = {
        (outcome, reason) for seed in CASES for _, outcome, reason in Case.draw(seed).plan(census, "instance").early
    }
    assert seen == {
        ("REJECTED", "NOT_IN_SOURCE"),
        ("SKIPPED", "ALREADY_DEIDENTIFIED"),
        ("UNKNOWN", "DESTINATION_OCCUPIED"),
        ("UNKNOWN", "HELD_BY_ANOTHER_RUN"),
    }
