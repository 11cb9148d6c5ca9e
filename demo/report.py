"""The words at the end of the demo: what became of the files, the account, and where everything lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from demo.names import Layout
from demo.stow import Stored

_OCCUPIED = "UNKNOWN/DESTINATION_OCCUPIED"
_OUTCOMES = ("deidentified", "skipped", "failed", "rejected", "unknown")


def stored_text(stored: Stored) -> str:
    """How many files the store took, and how many it refused for each reason."""
    lines = [
        f"  {stored.files} files: {stored.new} stored now, {stored.same} there already, {len(stored.skipped)} skipped"
    ]
    lines += [f"    {count:>5}  {reason}" for reason, count in stored.reasons.items()]
    return "\n".join(lines)


def account_text(account: Mapping[str, Any]) -> str:
    """The account as a table: what was asked for, and its five outcomes."""
    lines = [f"  {'asked':<14}{account['asked']:>8}"]
    lines += [f"  {outcome:<14}{account[outcome]:>8}" for outcome in _OUTCOMES]
    lines.append(f"  {'balanced':<14}{'yes' if account['balanced'] else 'NO':>8}")
    lines.append(f"  in {account['batches']} batches, {account['operations']} operations")
    if account.get("reasons", {}).get(_OCCUPIED):
        lines.append("  the destination holds results of another configuration: give each its own --out")
    return "\n".join(lines)


def places_text(layout: Layout, *, exported: int, rows: int, skipped: bool) -> str:
    """Where the results lie; what identifies patients is marked."""
    places = [
        (layout.deidentified, f"{exported} de-identified instances, by their new UIDs"),
        (layout.audit, f"{rows} rows, one for each instance asked for (identifying: original UIDs)"),
        (layout.account, "the account"),
        (layout.run_log, "what was said"),
        (layout.cloud, "the embedded cloud's data (identifying: the originals)"),
    ]
    if skipped:
        places.append((layout.skipped, "files that were not stored, by name (identifying)"))
    width = max(len(_short(path)) for path, _ in places)
    return "\n".join(f"  {_short(path):<{width}}  {what}" for path, what in places)


def write_skipped(path: Path, skipped: Iterable[tuple[str, str]]) -> bool:
    """Write name and reason of each skipped file, or remove an earlier list; whether there is one now."""
    lines = ["\t".join((label.replace("\n", "\\n"), reason)) + "\n" for label, reason in skipped]
    if not lines:
        path.unlink(missing_ok=True)
        return False
    text = "# Files that were not stored, and why. File names may identify patients.\n" + "".join(lines)
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return True


def count_rows(audit: Path) -> int:
    """Rows of a JSON lines file; 0 when it is missing."""
    if not audit.exists():
        return 0
    with audit.open("rb") as stream:
        return sum(1 for _ in stream)


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
