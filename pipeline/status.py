"""python -m pipeline status: how a run stands, read from its ledger; nothing is changed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pipeline.audit.account import close_account
from pipeline.ledger.ledger import Ledger
from pipeline.report import account_text, progress_text
from pipeline.services.connections import Addresses, Connections
from pipeline.services.retry import ServiceError


def main(argv: Sequence[str]) -> int:
    """Print progress while the run goes on, the account when every batch is closed. Exit 0, 1 (account), 2 (no run)."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline status",
        description="How a run stands: its progress, or its account when every batch is closed.",
        epilog="exit status: 0 going on, or ended clean; 1 ended with failures; 2 no such run",
        allow_abbrev=False,
    )
    parser.add_argument("--work_dir", required=True, metavar="gs://BUCKET/PREFIX")
    parser.add_argument("--run_id", required=True, metavar="ID")
    parser.add_argument("--project", help="billed for the reads (default: the environment's)")
    arguments = parser.parse_args(list(argv))
    connections = Connections(Addresses(arguments.project))
    ledger = Ledger(connections.objects, arguments.work_dir.rstrip("/"))
    try:
        if ledger.run(arguments.run_id) is None:
            print(f"no run {arguments.run_id} under {arguments.work_dir}", file=sys.stderr)  # noqa: T201
            return 2
        plan = ledger.plan(arguments.run_id)
        if plan is None or ledger.closed_count(arguments.run_id) < plan.batches:
            print(progress_text(ledger, arguments.run_id, plan))  # noqa: T201
            return 0
        account = close_account(ledger, arguments.run_id)
        print(account_text(account, {"ledger": arguments.work_dir}))  # noqa: T201
        return 0 if account.acceptable() else 1
    except ServiceError as error:
        print(f"--work_dir {arguments.work_dir}: {error}", file=sys.stderr)  # noqa: T201
        return 2
    finally:
        connections.close()
