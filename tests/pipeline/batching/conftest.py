"""What the tests of planning share: a study with its facts, described in a few words."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from pipeline.batching.census import InstanceUids, StudyFacts, StudyPlan, take_census
from pipeline.config import UidPlan
from pipeline.settings import FilterLevel

STUDY = "1.2"
UID_PLAN = UidPlan("regenerate", "regenerate", "regenerate")


def pairs(insides: Iterable[str]) -> frozenset[InstanceUids]:
    """`series/sop` texts as pairs."""
    return frozenset((inside.split("/")[0], inside.split("/")[1]) for inside in insides)


@pytest.fixture
def census() -> Callable[..., StudyPlan]:
    """Take the census of study 1.2; instances are written `series/sop`.

    `present` are source instances whose de-identified form is in the destination; `source` or `present` None: that
    store could not be listed.
    """

    def take(
        asked: Iterable[str],
        *,
        source: Iterable[str] | None,
        present: Iterable[str] | None = (),
        done: Iterable[str] = (),
        held: Iterable[str] = (),
        level: FilterLevel = "instance",
        skip_occupied: bool = False,
    ) -> StudyPlan:
        def in_destination(studies: frozenset[str]) -> frozenset[tuple[str, str, str]] | None:
            if present is None:
                return None
            there = {UID_PLAN.predict(STUDY, *uids) for uids in pairs(present)}
            return frozenset(uids for uids in there if uids[0] in studies)

        facts = StudyFacts(
            source=None if source is None else pairs(source),
            in_destination=in_destination,
            done=lambda: pairs(done),
            held=pairs(held),
        )
        return take_census(STUDY, asked, facts, UID_PLAN, level, skip_occupied=skip_occupied)

    return take
