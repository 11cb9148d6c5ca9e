"""The account of a run, added up from the ledger: what was asked (frozen plan) against what was recorded (rows)."""

from __future__ import annotations

from pipeline.ledger.ledger import Ledger
from pipeline.model.account import Account, add_counts, count_of
from pipeline.model.errors import RunBroken
from pipeline.model.outcome import Outcome


def close_account(ledger: Ledger, run_id: str) -> Account:
    """Add up the run; raises RunBroken when it has no frozen plan.

    Balanced means: every planned batch is closed, each batch's rows are as many as its instances, and the outcomes of
    the whole run add up to what was asked.
    """
    run, plan = ledger.run(run_id), ledger.plan(run_id)
    if run is None or plan is None:
        raise RunBroken(f"run {run_id} has no frozen plan: nothing was launched. Start it again with the same flags")
    closed = list(ledger.closed_batches(run_id))
    planned = {batch.batch_id: batch.instances for shard in ledger.shards(plan) for batch in shard.batch_list()}
    counts = add_counts([plan.counts, *(batch.counts for batch in closed)])
    each_balances = planned == {batch.batch_id: sum(batch.counts.values()) for batch in closed}
    return Account(
        run_id=run_id,
        asked=plan.asked,
        deidentified=count_of(counts, Outcome.DEIDENTIFIED),
        skipped=count_of(counts, Outcome.SKIPPED),
        failed=count_of(counts, Outcome.FAILED),
        rejected=count_of(counts, Outcome.REJECTED),
        unknown=count_of(counts, Outcome.UNKNOWN),
        balanced=each_balances and sum(counts.values()) == plan.asked,
        batches=len(planned),
        operations=sum(batch.operations for batch in closed),
        started_at=run.started_at,
        ended_at=max([plan.frozen_at, *(batch.closed_at for batch in closed)]),
        reasons=dict(sorted((key, count) for key, count in counts.items() if "/" in key)),
    )
