"""The graph of a batch run, readable aloud; nothing else. The only module that knows all stages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apache_beam as beam

from pipeline.audit.close import close_batch, redeliver
from pipeline.audit.destination import missing_lines
from pipeline.audit.stage import DeliverEarlyRows, early_rows
from pipeline.batching.stage import PlanBatches
from pipeline.connected import ConnectedDoFn
from pipeline.operations.stage import AuditSide, RunOperations
from pipeline.settings import RunSettings
from pipeline.sources.manifest import REJECTED, ReadManifests

_AUDIT_SIDE = AuditSide(close=close_batch, redeliver=redeliver, missing_lines=missing_lines)
_EARLY = "early"


def build_plan(pipeline: Any, settings: RunSettings, pattern: str, held_files: tuple[str, ...]) -> Any:
    """Read -> census -> pack -> freeze. Returns the URIs of the plan's shards (in a dry run the shards themselves)."""
    lines = pipeline | "Read manifests" >> ReadManifests(pattern, settings.source)
    return {"paths": lines.paths, "rejected": lines[REJECTED]} | "Plan batches" >> PlanBatches(
        settings, held_files, early_rows
    )


def build_execution(shards: Any, settings: RunSettings) -> Any:
    """Shards of a frozen plan -> operations -> audit rows. Returns the ids of the batches that ended."""
    opened = shards | "Open the frozen plan" >> beam.ParDo(OpenShardFn(settings)).with_outputs(_EARLY, main="batches")
    opened[_EARLY] | "Audit what is not launched" >> DeliverEarlyRows(settings)
    return opened.batches | "Run operations" >> RunOperations(settings, _AUDIT_SIDE)


class OpenShardFn(ConnectedDoFn):
    """URI of a shard -> its batches as JSON, and where its early rows lie."""

    def process(self, uri: str) -> Iterator[Any]:
        """Read one shard."""
        shard = self.ledger.shard(uri)
        for batch in shard.batch_list():
            yield batch.to_json()
        if shard.audit:
            yield beam.pvalue.TaggedOutput(_EARLY, (f"plan-{shard.shard}", shard.audit))
