"""What a person sees: the dry run's forecast, the progress line, the closing account. Counts only."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.records import Plan
from pipeline.model.account import Account
from pipeline.model.outcome import Outcome
from pipeline.services.retry import ServiceError

# The first look comes after the one, each later one half as long again: a run of days is not listed every second.
FIRST_INTERVAL_SECS, LONGEST_INTERVAL_SECS = 2.0, 30.0


def forecast_text(counters: Mapping[str, int], width: int) -> str:
    """What a run would do, from the planning counters."""
    lines = [
        "dry run: nothing was written or launched",
        f"  asked for     {counters.get('asked', 0):>10} instances in {counters.get('studies', 0)} studies",
        f"  to de-identify{counters.get('taken', 0):>10} instances",
    ]
    early = ((outcome, counters.get(outcome, 0)) for outcome in (Outcome.SKIPPED, Outcome.REJECTED, Outcome.UNKNOWN))
    lines += [f"  {outcome.lower():<14}{count:>10}" for outcome, count in early if count]
    batches = counters.get("batches", 0)
    lines.append(f"  batches       {batches:>10} = operations, at most {width} at a time")
    return "\n".join(lines)


def account_text(account: Account, places: Mapping[str, str]) -> str:
    """The closing account as a small table, and where everything lies."""
    lines = [f"account of run {account.run_id}", f"  asked         {account.asked:>10}"]
    for outcome in Outcome:
        count = getattr(account, outcome.lower())
        reasons = ", ".join(
            f"{key.partition('/')[2]} {number}"
            for key, number in account.reasons.items()
            if key.startswith(f"{outcome}/")
        )
        lines.append(f"  {outcome.lower():<14}{count:>10}" + (f"  ({reasons})" if count and reasons else ""))
    lines.append("  balanced      " + f"{'yes' if account.balanced else 'NO':>10}")
    lines.append(f"  batches {account.batches}, operations {account.operations}")
    lines += [f"  {what:<14}{where}" for what, where in places.items()]
    return "\n".join(lines)


def progress_text(ledger: Ledger, run_id: str, plan: Plan | None) -> str:
    """One line: planning, or how many of the planned batches are closed."""
    if plan is None:
        return f"run {run_id}: reading manifests and listing studies"
    closed = ledger.closed_count(run_id)
    width = 24
    bar = "#" * (width * closed // plan.batches if plan.batches else width)
    return f"run {run_id}: [{bar:<{width}}] {closed} of {plan.batches} batches, {plan.asked} instances asked for"


class Progress:
    """Prints a run's progress line to stderr whenever it changes, from a thread of its own, until closed."""

    def __init__(self, ledger: Ledger, run_id: str, first_interval_secs: float = FIRST_INTERVAL_SECS) -> None:
        self._ledger = ledger
        self._run_id = run_id
        self._interval = first_interval_secs
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        last, plan = "", None
        while not self._stop.wait(self._interval):
            self._interval = min(self._interval * 1.5, LONGEST_INTERVAL_SECS)
            try:
                plan = plan or self._ledger.plan(self._run_id)
                line = progress_text(self._ledger, self._run_id, plan)
            except ServiceError:
                continue  # the run itself reports what is wrong
            if line != last:
                print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is the command's own display
                last = line
