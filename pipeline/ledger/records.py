"""The ledger's JSON objects as frozen values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from pipeline.model.batch import Batch


class _Record:
    def to_bytes(self) -> bytes:
        """Readable JSON, keys sorted, newline at the end."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()  # type: ignore[call-overload]

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Undo `to_bytes`; fields of a later version are left out."""
        known = {item.name for item in fields(cls)}  # type: ignore[arg-type]
        return cls(**{key: value for key, value in json.loads(data).items() if key in known})


@dataclass(frozen=True)
class Intent(_Record):
    """Written before the POST, under a name that must not exist yet.

    `token` tells the writer whether an intent that already exists is its own (a lost reply) or another's.
    `first_created`: when the attempt's first intent was made (seconds since the epoch, Cloud Storage's clock), in an
    intent that was written again before a second POST; None in the first.
    """

    token: str
    run_id: str
    batch_id: str
    attempt: int
    source_store: str
    destination_store: str
    config_digest: str
    api_version: str
    filter_file: str
    created_at: str
    first_created: float | None = None


@dataclass(frozen=True)
class OperationRecord(_Record):
    """Written after the POST. `adopted`: found in the list of operations instead of in the POST's answer."""

    operation: str
    adopted: bool
    recorded_at: str


@dataclass(frozen=True)
class AttemptResult(_Record):
    """Closes an attempt. `counts` by `OUTCOME/REASON`; `error_code` is a google.rpc.Code or None."""

    run_id: str
    operation: str | None
    error_code: int | None
    counts: Mapping[str, int]
    audit: str
    closed_at: str


@dataclass(frozen=True)
class ClosedBatch(_Record):
    """A batch's end in one run. `operations`: how many of them this run started or adopted for it."""

    batch_id: str
    instances: int
    attempt: int | None
    operations: int
    counts: Mapping[str, int]
    audit: str
    closed_at: str


@dataclass(frozen=True)
class Shard(_Record):
    """What planning one packing shard gave. `counts` are the early outcomes; `audit` holds their rows, if any."""

    shard: int
    asked: int
    studies: int
    counts: Mapping[str, int]
    batches: tuple[Mapping[str, Any], ...]
    audit: str | None

    def batch_list(self) -> list[Batch]:
        """The shard's batches."""
        return [Batch(**batch) for batch in self.batches]


@dataclass(frozen=True)
class Plan(_Record):
    """The frozen plan: totals, and the shards that make it up."""

    run_id: str
    asked: int
    studies: int
    batches: int
    counts: Mapping[str, int]
    shards: tuple[str, ...]
    frozen_at: str


@dataclass(frozen=True)
class RunRecord(_Record):
    """What a run was asked to do; a resume with other `flags` is refused."""

    run_id: str
    started_at: str
    pipeline_version: str
    flags: Mapping[str, Any] = field(default_factory=dict)
