"""One study: what is taken, what is not and why, and which lines the operation gets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.batching.census import StudyFacts, StudyPlan, take_census
from pipeline.config import UidPlan
from pipeline.settings import FilterLevel

Census = Callable[..., StudyPlan]

SOURCE = ("10/100", "10/101", "11/110")
LEVELS: tuple[FilterLevel, ...] = ("instance", "series", "study")


def test_an_asked_instance_of_the_source_is_taken(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE)
    assert plan == StudyPlan("1.2", ("10/100",), ("10/100",), ())


def test_instances_that_nobody_asked_for_are_left_alone(census: Census) -> None:
    assert census(["10/100"], source=SOURCE).take == ("10/100",)


def test_what_is_taken_is_sorted(census: Census) -> None:
    assert census(["11/110", "10/101", "10/100"], source=SOURCE).take == SOURCE


def test_an_instance_asked_for_twice_is_taken_once(census: Census) -> None:
    assert census(["10/100", "10/100"], source=SOURCE).take == ("10/100",)


def test_a_study_line_takes_every_instance_of_the_source(census: Census) -> None:
    assert census([""], source=SOURCE).take == SOURCE


def test_a_series_line_takes_the_instances_of_that_series(census: Census) -> None:
    assert census(["10"], source=SOURCE).take == ("10/100", "10/101")


def test_a_study_listed_together_with_its_instances_is_counted_once(census: Census) -> None:
    plan = census(["", "10", "10/100", "11/110"], source=SOURCE)
    assert (plan.take, plan.early) == (SOURCE, ())


def test_a_series_is_not_taken_for_another_whose_uid_begins_alike(census: Census) -> None:
    assert census(["10"], source=["10/1", "10.1/2", "101/3"]).take == ("10/1",)


# Not in the source.


def test_an_instance_that_the_source_does_not_hold_is_rejected_alone(census: Census) -> None:
    plan = census(["10/100", "10/999"], source=SOURCE)
    assert plan.take == ("10/100",)
    assert plan.early == (("10/999", "REJECTED", "NOT_IN_SOURCE"),)


def test_an_instance_named_under_another_series_than_its_own_is_rejected(census: Census) -> None:
    plan = census(["11/100"], source=SOURCE)
    assert (plan.take, plan.early) == ((), (("11/100", "REJECTED", "NOT_IN_SOURCE"),))


def test_a_series_that_the_source_does_not_hold_is_rejected_as_one_row(census: Census) -> None:
    assert census(["99"], source=SOURCE).early == (("99", "REJECTED", "NOT_IN_SOURCE"),)


def test_a_study_that_the_source_does_not_hold_is_rejected_as_one_row(census: Census) -> None:
    plan = census([""], source=[])
    assert plan == StudyPlan("1.2", (), (), (("", "REJECTED", "NOT_IN_SOURCE"),))


@pytest.mark.parametrize("level", LEVELS)
def test_a_line_that_matches_nothing_does_not_widen_the_filter(census: Census, level: FilterLevel) -> None:
    plan = census(["99/1"], source=SOURCE, level=level)
    assert (plan.take, plan.lines) == ((), ())


# In the destination already.


def test_an_instance_this_configuration_de_identified_before_is_skipped(census: Census) -> None:
    plan = census(["10/100", "10/101"], source=SOURCE, present=["10/100"], done=["10/100"])
    assert plan.take == ("10/101",)
    assert plan.early == (("10/100", "SKIPPED", "ALREADY_DEIDENTIFIED"),)


def test_an_instance_in_the_destination_without_evidence_is_unknown(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE, present=["10/100"], done=["10/101"])
    assert (plan.take, plan.early) == ((), (("10/100", "UNKNOWN", "DESTINATION_OCCUPIED"),))


def test_an_instance_in_the_destination_without_evidence_is_skipped_when_that_is_accepted(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE, present=["10/100"], skip_occupied=True)
    assert plan.early == (("10/100", "SKIPPED", "DESTINATION_OCCUPIED"),)


def test_accepting_an_occupied_destination_takes_what_is_not_there(census: Census) -> None:
    assert census([""], source=SOURCE, present=["10/100"], skip_occupied=True).take == ("10/101", "11/110")


def test_evidence_alone_does_not_skip_what_has_left_the_destination(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE, present=[], done=["10/100"])
    assert (plan.take, plan.early) == (("10/100",), ())


# Held by another run.


def test_an_instance_that_another_run_holds_is_unknown(census: Census) -> None:
    plan = census(["10/100", "10/101"], source=SOURCE, held=["10/100"])
    assert plan.take == ("10/101",)
    assert plan.early == (("10/100", "UNKNOWN", "HELD_BY_ANOTHER_RUN"),)


def test_a_held_instance_already_in_the_destination_is_not_called_occupied(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE, present=["10/100"], held=["10/100"])
    assert plan.early == (("10/100", "UNKNOWN", "HELD_BY_ANOTHER_RUN"),)


def test_accepting_an_occupied_destination_does_not_accept_what_another_run_is_writing(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE, present=["10/100"], held=["10/100"], skip_occupied=True)
    assert plan.early == (("10/100", "UNKNOWN", "HELD_BY_ANOTHER_RUN"),)


def test_what_another_run_holds_and_a_third_has_done_is_skipped(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE, present=["10/100"], done=["10/100"], held=["10/100"])
    assert plan.early == (("10/100", "SKIPPED", "ALREADY_DEIDENTIFIED"),)


# Listings that failed.


def test_nothing_is_taken_when_the_source_could_not_be_listed(census: Census) -> None:
    plan = census(["10/101", "10/100", "11"], source=None)
    assert (plan.take, plan.lines) == ((), ())
    assert plan.early == (
        ("10/100", "UNKNOWN", "LISTING_FAILED"),
        ("10/101", "UNKNOWN", "LISTING_FAILED"),
        ("11", "UNKNOWN", "LISTING_FAILED"),
    )


def test_nothing_is_taken_when_the_destination_could_not_be_listed(census: Census) -> None:
    plan = census(["10", "99/1"], source=SOURCE, present=None)
    assert (plan.take, plan.lines) == ((), ())
    assert plan.early == (
        ("10/100", "UNKNOWN", "LISTING_FAILED"),
        ("10/101", "UNKNOWN", "LISTING_FAILED"),
        ("99/1", "REJECTED", "NOT_IN_SOURCE"),
    )


# What is asked of the services.


def test_the_destination_is_not_listed_for_a_study_that_is_not_there() -> None:
    def fail(_studies: frozenset[str]) -> None:
        raise AssertionError("listed")

    facts = StudyFacts(source=frozenset(), in_destination=fail, done=frozenset, held=frozenset())
    plan = take_census("1.2", [""], facts, UidPlan("keep", "keep", "keep"), "instance")
    assert plan.early == (("", "REJECTED", "NOT_IN_SOURCE"),)


def test_the_ledger_is_not_read_while_the_destination_is_empty() -> None:
    def fail() -> frozenset[tuple[str, str]]:
        raise AssertionError("read")

    facts = StudyFacts(frozenset({("10", "100")}), lambda _studies: frozenset(), fail, frozenset())
    assert take_census("1.2", [""], facts, UidPlan("keep", "keep", "keep"), "instance").take == ("10/100",)


def test_the_ledger_is_read_once_however_many_instances_are_in_the_destination() -> None:
    reads = []

    def done() -> frozenset[tuple[str, str]]:
        reads.append(1)
        return frozenset({("10", "100")})

    there = frozenset({("1.2", "10", "100"), ("1.2", "10", "101")})
    facts = StudyFacts(frozenset({("10", "100"), ("10", "101")}), lambda _studies: there, done, frozenset())
    take_census("1.2", [""], facts, UidPlan("keep", "keep", "keep"), "instance")
    assert len(reads) == 1


def test_the_destination_is_asked_for_the_de_identified_study_only() -> None:
    asked = []

    def in_destination(studies: frozenset[str]) -> frozenset[tuple[str, str, str]]:
        asked.append(studies)
        return frozenset()

    facts = StudyFacts(frozenset({("10", "100"), ("11", "110")}), in_destination, frozenset, frozenset())
    uid_plan = UidPlan("regenerate", "keep", "keep")
    take_census("1.2", [""], facts, uid_plan, "instance")
    assert asked == [frozenset({uid_plan.predict("1.2", "", "")[0]})]


def test_kept_uids_are_looked_for_under_their_own_names() -> None:
    there = frozenset({("1.2", "10", "100")})
    facts = StudyFacts(frozenset({("10", "100")}), lambda _studies: there, frozenset, frozenset())
    plan = take_census("1.2", [""], facts, UidPlan("keep", "keep", "keep"), "instance")
    assert plan.early == (("10/100", "UNKNOWN", "DESTINATION_OCCUPIED"),)


# Wider filter lines.


def test_at_study_level_one_instance_completes_its_study(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE, level="study")
    assert (plan.take, plan.lines) == (SOURCE, ("",))


def test_at_series_level_one_instance_completes_its_series(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE, level="series")
    assert (plan.take, plan.lines) == (("10/100", "10/101"), ("10",))


def test_at_series_level_a_study_line_becomes_its_series(census: Census) -> None:
    assert census([""], source=SOURCE, level="series").lines == ("10", "11")


def test_at_instance_level_a_study_line_becomes_its_instances(census: Census) -> None:
    assert census([""], source=SOURCE, level="instance").lines == SOURCE


@pytest.mark.parametrize(
    ("level", "lines"), [("instance", ("10/101", "11/110")), ("series", ("10/101", "11")), ("study", ("10/101", "11"))]
)
def test_a_line_is_not_wider_than_what_is_taken(census: Census, level: FilterLevel, lines: tuple[str, ...]) -> None:
    assert census([""], source=SOURCE, present=["10/100"], done=["10/100"], level=level).lines == lines


def test_at_study_level_what_another_run_holds_keeps_the_study_line_away(census: Census) -> None:
    plan = census([""], source=SOURCE, held=["11/110"], level="study")
    assert (plan.take, plan.lines) == (("10/100", "10/101"), ("10",))


def test_at_study_level_instances_completed_but_occupied_have_their_row(census: Census) -> None:
    plan = census(["10/100"], source=SOURCE, present=["11/110"], level="study")
    assert plan.early == (("11/110", "UNKNOWN", "DESTINATION_OCCUPIED"),)


# The way through the shuffle.


def test_a_plan_survives_the_shuffle(census: Census) -> None:
    plan = census(["", "99/1"], source=SOURCE, present=["10/100"], level="series")
    assert plan.take
    assert plan.early
    assert StudyPlan.from_json(plan.to_json()) == plan
