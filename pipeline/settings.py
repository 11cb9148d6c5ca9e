"""What one run is: the checked values that every stage shares. Holds no key, so it may be pickled and staged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from pipeline.config import UidPlan
from pipeline.model.names import DicomStoreName
from pipeline.services.connections import Addresses

FilterLevel = Literal["instance", "series", "study"]


@dataclass(frozen=True)
class RunSettings:
    """One run, as every worker sees it.

    Attributes:
        config_uri: where workers read the DeidentifyConfig (it may hold keys, which must not be in the job graph).
        config_digest: its digest; a worker that reads another one refuses to go on.
        single_operation_reason: why more than one operation must not run (a key made per operation), else None.
        recheck_destination: list the destination again before each launch, because the plan is from an earlier process.
        reattach_first: batches whose operations an earlier process left running: they take their places before others.
        launch_settle_secs: how long after an intent an unanswered launch may still turn up in the list of operations.
        audit_output: folder or gs:// prefix for the audit parts, or None.
    """

    run_id: str
    source: DicomStoreName
    destination: DicomStoreName
    work_dir: str
    config_uri: str
    config_digest: str
    api_version: str
    uid_plan: UidPlan
    addresses: Addresses
    pipeline_version: str
    max_instances_per_batch: int = 10_000
    max_concurrent_operations: int = 5
    poll_interval_secs: float = 10.0
    launch_settle_secs: float = 180.0
    filter_level: FilterLevel = "instance"
    split_large_studies: bool = False
    skip_occupied: bool = False
    single_operation_reason: str | None = None
    recheck_destination: bool = False
    reattach_first: frozenset[str] = frozenset()
    audit_table: str | None = None
    audit_output: str | None = None
    dry_run: bool = False

    @property
    def job_id_prefix(self) -> str:
        """Start of this run's BigQuery job ids: the same run id under another work_dir or table is another job."""
        scope = hashlib.sha256(f"{self.work_dir}\n{self.audit_table}".encode()).hexdigest()[:12]
        return f"dicom-deid-{scope}-{self.run_id}"
