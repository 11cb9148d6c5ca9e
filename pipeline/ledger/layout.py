"""Where each object of the ledger lies under --work_dir.

runs/{run_id}/run.json                            the run's flags, claimed by its first process
runs/{run_id}/plan/shard-00000.json               the batches and early outcomes of one packing shard
runs/{run_id}/plan/shard-00000.audit.jsonl        the rows of those early outcomes
runs/{run_id}/plan.json                           the frozen plan: nothing is launched before it exists
runs/{run_id}/closed/{batch_id}.json              the batch's end in this run: counts, and where its rows are
runs/{run_id}/closed/{batch_id}.audit.jsonl       rows of a batch this run could not launch
runs/{run_id}/account.json                        the closing account
batches/{batch_id}/filter.txt, instances.txt      what the batch holds
batches/{batch_id}/attempt-N.intent.json          before the POST (must not exist yet)
batches/{batch_id}/attempt-N.filter.txt           the attempt's own filter file, when it is not the batch's
batches/{batch_id}/attempt-N.operation.json       after the POST: the operation's name
batches/{batch_id}/attempt-N.audit.jsonl          one row per instance
batches/{batch_id}/attempt-N.result.json          closes the attempt
studies/{destination}/{study}/{config}/{batch_id}.attempt-N    which attempt de-identified instances of a study
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

ATTEMPT_OBJECT = re.compile(r".*/batches/(?P<batch>[0-9a-f]{24})/attempt-(?P<number>\d+)\.(?P<kind>[a-z.]+)")
EVIDENCE_OBJECT = re.compile(r".*/(?P<batch>[0-9a-f]{24})\.attempt-(?P<number>\d+)")


@dataclass(frozen=True)
class Layout:
    """Names of objects, from `work_dir` (gs://bucket/prefix)."""

    work_dir: str

    @property
    def _root(self) -> str:
        return self.work_dir.rstrip("/")

    def run(self, run_id: str, name: str) -> str:
        """`runs/{run_id}/{name}`."""
        return f"{self._root}/runs/{run_id}/{name}"

    def shard(self, run_id: str, shard: int, kind: str) -> str:
        """A packing shard's `json` or `audit.jsonl`."""
        return self.run(run_id, f"plan/shard-{shard:05d}.{kind}")

    def closed(self, run_id: str, batch_id: str = "", kind: str = "json") -> str:
        """A batch's end in a run, or the prefix of all of them."""
        return self.run(run_id, f"closed/{batch_id}.{kind}" if batch_id else "closed/")

    def batch(self, batch_id: str, name: str) -> str:
        """`batches/{batch_id}/{name}`."""
        return f"{self._root}/batches/{batch_id}/{name}"

    def attempt(self, batch_id: str, number: int, kind: str) -> str:
        """`batches/{batch_id}/attempt-{number}.{kind}`."""
        return self.batch(batch_id, f"attempt-{number}.{kind}")

    @property
    def batches(self) -> str:
        """Prefix of all batches."""
        return f"{self._root}/batches/"

    def evidence(self, destination: str, study: str, config_digest: str) -> str:
        """Prefix of the evidence that instances of a study were de-identified into a store by a configuration."""
        return f"{self._root}/studies/{_short(destination)}/{_short(study)}/{config_digest}/"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
