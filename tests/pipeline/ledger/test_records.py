"""The ledger's JSON objects."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from pipeline.ledger.records import AttemptResult, ClosedBatch, Intent, OperationRecord, Plan, RunRecord, Shard
from pipeline.model.batch import Batch

BATCH = Batch("0" * 24, 1, 2, "gs://b/filter.txt", "gs://b/filter.txt")
NOW = "2024-01-01T00:00:00.000000Z"
RECORDS = [
    Intent("token", "run-1", "0" * 24, 1, "s", "d", "c", "v1", "gs://b/filter.txt", NOW),
    OperationRecord("operations/1", False, NOW),
    AttemptResult("run-1", "operations/1", None, {"DEIDENTIFIED": 2}, "gs://b/audit.jsonl", NOW),
    ClosedBatch("0" * 24, 2, 1, 1, {"DEIDENTIFIED": 2}, "gs://b/audit.jsonl", NOW),
    RunRecord("run-1", NOW, "0.0.1", {"filter_level": "instance"}),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_is_read_back(record: Any) -> None:
    assert type(record).from_bytes(record.to_bytes()) == record


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_field_of_a_later_version_is_left_out(record: Any) -> None:
    later = json.loads(record.to_bytes()) | {"added_later": 1}
    assert type(record).from_bytes(json.dumps(later).encode()) == record


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_is_readable_text_that_depends_on_its_values_only(record: Any) -> None:
    text = record.to_bytes().decode()
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True) + "\n"


def test_a_shards_batches_are_read_back_as_batches() -> None:
    shard = Shard(0, 2, 1, {}, (asdict(BATCH),), None)
    assert Shard.from_bytes(shard.to_bytes()).batch_list() == [BATCH]


def test_a_plans_shards_are_read_back_in_order() -> None:
    plan = Plan("run-1", 2, 1, 1, {}, ("gs://b/1", "gs://b/0"), NOW)
    assert list(Plan.from_bytes(plan.to_bytes()).shards) == ["gs://b/1", "gs://b/0"]
