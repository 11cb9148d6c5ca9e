"""A ledger object of audit rows -> BigQuery and the audit folder. Repeating it adds nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.ledger.ledger import Ledger
from pipeline.services.connections import Connections
from pipeline.services.objects import Objects
from pipeline.services.tables import TableName
from pipeline.settings import RunSettings

SINGLE_FILE_SUFFIX = ".jsonl"


def is_single_file(audit_output: str) -> bool:
    """Whether --audit_output names one file, assembled when the run ends, instead of a folder of parts."""
    return audit_output.endswith(SINGLE_FILE_SUFFIX)


def deliver(settings: RunSettings, connections: Connections, audit_uri: str, part: str) -> None:
    """Load one object of rows into the table, and copy it into the audit folder, when either is configured.

    `part` names it inside the run, for example `{batch_id}-1`: the job id and the file name are made from it, so that a
    repeat meets the first.
    """
    if settings.audit_table:
        table = TableName.parse(settings.audit_table)
        connections.tables.load_json_lines(audit_uri, table, f"{settings.job_id_prefix}-{part}")
    if settings.audit_output and not is_single_file(settings.audit_output):
        target = f"{settings.audit_output.rstrip('/')}/{settings.run_id}/{part}.jsonl"
        data = connections.objects.read(audit_uri)
        if target.startswith("gs://"):
            connections.objects.create(target, data, "application/x-ndjson")
        else:
            _write_atomically(Path(target), [data])


def assemble(ledger: Ledger, objects: Objects, run_id: str, target: str) -> int:
    """Write all rows of a finished run into the one file `target` (path or gs:// URI); return how many."""
    plan = ledger.plan(run_id)
    if plan is None:
        return 0
    audits = [shard.audit for shard in ledger.shards(plan) if shard.audit]
    audits += [closed.audit for closed in ledger.closed_batches(run_id)]
    parts = [objects.read(uri) for uri in audits]
    if target.startswith("gs://"):
        objects.put(target, b"".join(parts), "application/x-ndjson")
    else:
        _write_atomically(Path(target), parts)
    return sum(part.count(b"\n") for part in parts)


def _write_atomically(path: Path, parts: list[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as stream:
        stream.writelines(parts)
    shutil.move(draft, path)
