"""The rule for an intent without an operation's name."""

from __future__ import annotations

import pytest

from pipeline.operations.adoption import Decision, Ruling, candidates, rule
from pipeline.services.clock import timestamp
from pipeline.services.healthcare import OperationSeen

INTENT = 1_700_000_000.0
V1 = "google.cloud.healthcare.v1.dicom.DicomService.DeidentifyDicomStore"
V1BETA1 = "google.cloud.healthcare.v1beta1.dicom.DicomService.DeidentifyDicomStore"


def seen(name: str = "a", *, after: float = 1.0, method: str = V1, done: bool = False) -> OperationSeen:
    """An operation created so many seconds after the intent."""
    return OperationSeen(name, done, method, timestamp(INTENT + after), None, None, 0, 0)


def names(operations: list[OperationSeen], claimed: frozenset[str] = frozenset()) -> list[str]:
    return [operation.name for operation in candidates(operations, INTENT, claimed)]


# Which operations can be meant.


@pytest.mark.parametrize("method", [V1, V1BETA1])
def test_a_deidentify_operation_created_after_the_intent_can_be_meant(method: str) -> None:
    assert names([seen(method=method)]) == ["a"]


def test_an_operation_created_at_the_moment_of_the_intent_can_be_meant() -> None:
    assert names([seen(after=0)]) == ["a"]


def test_an_operation_created_before_the_intent_cannot_be_meant() -> None:
    assert names([seen(after=-0.001)]) == []


def test_an_operation_of_another_method_cannot_be_meant() -> None:
    assert names([seen(method="google.cloud.healthcare.v1.dicom.DicomService.ImportDicomData")]) == []


def test_an_operation_that_an_attempt_has_as_its_own_cannot_be_meant() -> None:
    assert names([seen("a"), seen("b")], frozenset({"a"})) == ["b"]


def test_a_finished_operation_can_be_meant() -> None:
    assert names([seen(done=True)]) == ["a"]


def test_an_operation_of_another_method_without_a_time_does_no_harm() -> None:
    other = OperationSeen("b", True, "ImportDicomData", "", None, None, 0, 0)
    assert names([other, seen("a")]) == ["a"]


def test_a_deidentify_operation_that_tells_no_time_can_be_meant() -> None:
    timeless = OperationSeen("a", False, V1, "", None, None, 0, 0)
    assert names([timeless]) == ["a"]


# What to do.


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("settled", [False, True])
def test_the_only_candidate_of_the_only_nameless_intent_is_adopted(settled: bool, done: bool) -> None:
    assert rule([seen("a", done=done)], other_nameless=False, settled=settled) == Ruling(Decision.ADOPT, "a")


@pytest.mark.parametrize("other_nameless", [False, True])
def test_without_a_candidate_it_waits_while_a_post_may_still_arrive(other_nameless: bool) -> None:
    assert rule([], other_nameless=other_nameless, settled=False) == Ruling(Decision.WAIT)


@pytest.mark.parametrize("other_nameless", [False, True])
def test_without_a_candidate_it_launches_once_none_can_still_turn_up(other_nameless: bool) -> None:
    assert rule([], other_nameless=other_nameless, settled=True) == Ruling(Decision.LAUNCH)


@pytest.mark.parametrize("settled", [False, True])
def test_a_running_candidate_that_could_be_anothers_is_waited_for(settled: bool) -> None:
    assert rule([seen()], other_nameless=True, settled=settled) == Ruling(Decision.WAIT)


def test_a_finished_candidate_that_could_be_anothers_lets_the_destination_decide() -> None:
    only = seen(done=True)
    assert rule([only], other_nameless=True, settled=True) == Ruling(Decision.LOOK, only.name)


def test_of_several_finished_candidates_none_is_named() -> None:
    assert rule([seen(done=True)] * 2, other_nameless=True, settled=True) == Ruling(Decision.LOOK)


def test_a_finished_candidate_that_could_be_anothers_is_waited_with_while_a_post_may_still_arrive() -> None:
    assert rule([seen(done=True)], other_nameless=True, settled=False) == Ruling(Decision.WAIT)


@pytest.mark.parametrize("other_nameless", [False, True])
def test_several_finished_candidates_let_the_destination_decide(other_nameless: bool) -> None:
    several = [seen("a", done=True), seen("b", done=True)]
    assert rule(several, other_nameless=other_nameless, settled=True) == Ruling(Decision.LOOK)


@pytest.mark.parametrize("other_nameless", [False, True])
def test_one_running_among_several_candidates_is_waited_for(other_nameless: bool) -> None:
    several = [seen("a", done=True), seen("b", done=False)]
    assert rule(several, other_nameless=other_nameless, settled=True) == Ruling(Decision.WAIT)


def test_several_finished_candidates_are_waited_with_while_a_post_may_still_arrive() -> None:
    assert (
        rule([seen("a", done=True), seen("b", done=True)], other_nameless=False, settled=False).decision
        is Decision.WAIT
    )


@pytest.mark.parametrize("possible", [[], [seen()], [seen(done=True)], [seen("a"), seen("b", done=True)]])
@pytest.mark.parametrize("other_nameless", [False, True])
def test_before_the_launch_has_settled_nothing_is_launched(possible: list[OperationSeen], other_nameless: bool) -> None:
    decision = rule(possible, other_nameless=other_nameless, settled=False).decision
    assert decision in {Decision.ADOPT, Decision.WAIT}


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("other_nameless", [False, True])
def test_while_any_candidate_is_there_nothing_is_launched(settled: bool, other_nameless: bool) -> None:
    for possible in ([seen()], [seen(done=True)], [seen("a"), seen("b")], [seen("a", done=True), seen("b", done=True)]):
        assert rule(possible, other_nameless=other_nameless, settled=settled).decision is not Decision.LAUNCH
