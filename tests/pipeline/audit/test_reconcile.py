"""A finished operation and what the destination holds -> one outcome for each instance."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.audit.reconcile import Verdict, code_name, reconcile
from pipeline.config import UidPlan, regenerated_uid
from pipeline.model.batch import Batch, BatchEnd
from pipeline.model.instance_path import DicomPath
from pipeline.model.outcome import Outcome, Reason

PLAN = UidPlan("regenerate", "regenerate", "regenerate")
PATHS = [DicomPath("1.2", "1.3", "1.4"), DicomPath("1.2", "1.3", "1.5")]
BATCH = Batch("0" * 24, 1, 2, "gs://b/f.txt", "gs://b/f.txt")
ALL = {PLAN.predict(path.study, path.series, path.sop) for path in PATHS}
FIRST = {PLAN.predict("1.2", "1.3", "1.4")}


def end(**facts: Any) -> BatchEnd:
    return BatchEnd(BATCH, 1, "projects/p/locations/l/datasets/d/operations/1", **facts)


def judge(present: set[tuple[str, str, str]] | None, **facts: Any) -> list[Verdict]:
    return reconcile(PATHS, present, end(**facts), PLAN)


def test_an_instance_seen_in_the_destination_is_de_identified() -> None:
    assert judge(ALL, success=2) == [Verdict(path, Outcome.DEIDENTIFIED) for path in PATHS]


def test_what_the_destination_shows_counts_more_than_what_the_operation_says() -> None:
    assert [verdict.outcome for verdict in judge(ALL, failure=2)] == [Outcome.DEIDENTIFIED] * 2


@pytest.mark.parametrize(
    "facts", [{"lost": True}, {"error_code": 1}, {"error_code": 13}], ids=["lost", "cancelled", "failed"]
)
def test_an_instance_seen_in_the_destination_is_de_identified_however_the_operation_ended(facts: Any) -> None:
    assert judge(FIRST, **facts)[0] == Verdict(PATHS[0], Outcome.DEIDENTIFIED)


def test_an_instance_that_the_operation_left_out_is_failed_with_its_count_of_failures() -> None:
    missing = judge(FIRST, success=1, failure=1)[1]
    assert missing == Verdict(PATHS[1], Outcome.FAILED, Reason.NOT_IN_DESTINATION, "operation counts 1 failures")


def test_an_instance_the_operation_silently_left_out_is_failed() -> None:
    assert judge(FIRST, success=2)[1].reason is Reason.NOT_IN_DESTINATION


def test_an_operation_that_succeeded_with_nothing_at_all_failed_each_instance() -> None:
    assert [verdict.reason for verdict in judge(set(), success=0)] == [Reason.NOT_IN_DESTINATION] * 2


def test_an_instance_missing_after_a_failed_operation_names_the_error_code() -> None:
    missing = judge(FIRST, error_code=13)[1]
    assert missing == Verdict(PATHS[1], Outcome.FAILED, Reason.OPERATION_FAILED, "code 13 INTERNAL")


def test_an_instance_missing_after_a_cancelled_operation_is_failed_as_cancelled() -> None:
    assert judge(FIRST, error_code=1)[1] == Verdict(PATHS[1], Outcome.FAILED, Reason.OPERATION_CANCELLED)


def test_an_instance_missing_after_a_lost_operation_is_unknown() -> None:
    assert judge(FIRST, lost=True)[1] == Verdict(PATHS[1], Outcome.UNKNOWN, Reason.OPERATION_LOST)


def test_an_unreadable_destination_makes_every_instance_unknown() -> None:
    verdicts = judge(None, success=2)
    assert verdicts == [Verdict(path, Outcome.UNKNOWN, Reason.DESTINATION_UNREADABLE) for path in PATHS]


def test_successes_for_all_under_other_uids_are_unknown_not_failed() -> None:
    elsewhere = {("9", "9", "1"), ("9", "9", "2")}
    verdicts = judge(elsewhere, success=2)
    assert verdicts == [Verdict(path, Outcome.UNKNOWN, Reason.UID_RULE_MISMATCH) for path in PATHS]


def test_one_predicted_instance_shows_that_the_uid_rule_holds() -> None:
    assert judge(FIRST, success=2)[1].outcome is Outcome.FAILED


def test_successes_for_some_do_not_blame_the_uid_rule() -> None:
    assert judge(set(), success=1)[0].reason is Reason.NOT_IN_DESTINATION


def test_successes_beside_failures_do_not_blame_the_uid_rule() -> None:
    assert judge(set(), success=2, failure=1)[0].reason is Reason.NOT_IN_DESTINATION


def test_the_same_sop_instance_in_another_series_is_not_the_one_predicted() -> None:
    study, _, sop = PLAN.predict("1.2", "1.3", "1.4")
    moved = {(study, regenerated_uid("1.99"), sop)}
    assert judge(moved, failure=2)[0].outcome is Outcome.FAILED


def test_kept_uids_are_looked_for_as_they_are() -> None:
    keep = UidPlan("keep", "keep", "keep")
    verdicts = reconcile(PATHS, {("1.2", "1.3", "1.5")}, end(success=1, failure=1), keep)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.FAILED, Outcome.DEIDENTIFIED]


def test_a_batch_without_instances_has_no_verdicts() -> None:
    assert reconcile([], set(), end(success=0), PLAN) == []


def test_the_verdicts_come_in_the_order_of_the_instances() -> None:
    assert [verdict.path for verdict in reconcile(reversed(PATHS), FIRST, end(), PLAN)] == PATHS[::-1]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0, "code 0 OK"),
        (1, "code 1 CANCELLED"),
        (7, "code 7 PERMISSION_DENIED"),
        (16, "code 16 UNAUTHENTICATED"),
        (17, "code 17 UNRECOGNISED"),
        (-1, "code -1 UNRECOGNISED"),
    ],
)
def test_error_codes_are_named_as_google_rpc_does(code: int, name: str) -> None:
    assert code_name(code) == name
