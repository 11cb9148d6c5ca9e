"""A batch: whole studies packed for one operation. Small, so that it can live in Beam state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Batch:
    """What travels through the pipeline; the list of instances stays in `instances_file`.

    Attributes:
        batch_id: 24 hex digits, see `batch_id_of`.
        studies: number of studies.
        instances: number of instances.
        filter_file: gs:// URI of the lines given to the operation.
        instances_file: gs:// URI of one instance path a line; the filter file itself unless its lines are wider.
    """

    batch_id: str
    studies: int
    instances: int
    filter_file: str
    instances_file: str

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Batch:
        """Undo `to_json`."""
        return cls(**json.loads(text))


def batch_id_of(source_store: str, destination_store: str, config_digest: str, paths: Iterable[str]) -> str:
    """Digest of what the batch is: a retried bundle that packs the same list computes the same id."""
    digest = hashlib.sha256()
    for part in (source_store, destination_store, config_digest, *sorted(paths)):
        digest.update(part.encode())
        digest.update(b"\n")
    return digest.hexdigest()[:24]


@dataclass(frozen=True)
class BatchEnd:
    """How a batch ended in a run: what the operations side knows and the audit side judges.

    Attributes:
        batch: which one.
        attempt: number of this run's attempt; None when the run made none.
        operation: resource name, None when there is none or its name could not be established.
        filter_file: what the attempt was given; None when nothing was launched.
        operation_started_at, operation_ended_at: the operation's createTime and endTime (RFC 3339).
        error_code: google.rpc.Code of the operation's error, None when it succeeded.
        success, failure: the operation's counters of instances.
        lost: the API has no record of how the operation ended.
        refused: (outcome, reason, detail) of every instance, when the batch could not be launched.
    """

    batch: Batch
    attempt: int | None = None
    operation: str | None = None
    filter_file: str | None = None
    operation_started_at: str | None = None
    operation_ended_at: str | None = None
    error_code: int | None = None
    success: int = 0
    failure: int = 0
    lost: bool = False
    refused: tuple[str, str, str | None] | None = None
