"""Scores as tables and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.midi.answer_key import ACTIONS, CATEGORIES
from benchmarks.midi.score import Result, Tally

WEIGHTS: Final = (("HIPAA", 0.7), ("DICOM", 0.2), ("BEST", 0.1))


def by_action(results: Sequence[Result]) -> dict[str, Tally]:
    """One tally for each of the ten checks, in their order."""
    return {action: Tally.of(one for one in results if one.check.action == action) for action in ACTIONS}


def by_category(results: Sequence[Result]) -> dict[str, Tally]:
    """One tally for each category, the group before its parts: `HIPAA`, `HIPAA-A`, ..."""
    names = sorted({one.check.category for one in results})
    tallies = {}
    for group in CATEGORIES:
        tallies[group] = Tally.of(one for one in results if one.check.group == group)
        for name in names:
            if name.startswith(f"{group}-"):
                tallies[name] = Tally.of(one for one in results if one.check.category == name)
    return tallies


def table(scores: Mapping[str, Sequence[Result]], leaks: Mapping[str, int], missing: Mapping[str, int]) -> str:
    """A column for each contestant, in percent of checks passed; rows for checks, categories and the whole."""
    first = next(iter(scores.values()))
    columns = {name: {**by_action(ones), **by_category(ones)} for name, ones in scores.items()}
    width = max(10, *(len(name) for name in scores)) + 2
    lines = [f"{'':22}{'checks':>8}" + "".join(f"{name:>{width}}" for name in scores)]
    for row, tally in {**by_action(first), **by_category(first)}.items():
        cells = "".join(f"{columns[name][row].percent:>{width}.2f}" for name in scores)
        lines.append(f"{row:22}{tally.total:>8,}" + cells)
    overall = {name: Tally.of(ones) for name, ones in scores.items()}
    lines.append(f"{'overall':22}{len(first):>8,}" + "".join(f"{one.percent:>{width}.2f}" for one in overall.values()))
    cells = "".join(f"{weighted(ones):>{width}.2f}" for ones in scores.values())
    lines.append(f"{'weighted 70/20/10':30}" + cells)
    lines.append(f"{'planted values found':30}" + "".join(f"{leaks[name]:>{width},}" for name in scores))
    lines.append(f"{'instances not written':30}" + "".join(f"{missing[name]:>{width},}" for name in scores))
    return "\n".join(lines)


def weighted(results: Sequence[Result]) -> float:
    """Percent, with HIPAA counting 70, DICOM 20, best practice 10: MIDI-B's other way to count, left unused there.

    Unlike the plain share it does not depend on how many checks of each kind a set happens to have.
    """
    return sum(
        weight * Tally.of(one for one in results if one.check.group == group).percent for group, weight in WEIGHTS
    )


def as_json(results: Sequence[Result], leaks: int, missing: int) -> dict[str, Any]:
    """One contestant's score: passed and total of everything that the table shows."""
    overall = Tally.of(results)
    return {
        "overall": _tally(overall),
        "weighted_percent": round(weighted(results), 3),
        "checks": {name: _tally(tally) for name, tally in by_action(results).items()},
        "categories": {name: _tally(tally) for name, tally in by_category(results).items()},
        "planted_values_found": leaks,
        "instances_not_written": missing,
    }


def failures(results: Sequence[Result], limit: int) -> str:
    """The most frequent failures: check, category and element, counted. The set is synthetic: values may be shown."""
    counted = Counter((one.check.action, one.check.category, one.check.path) for one in results if not one.passed)
    return "\n".join(
        f"{count:>8,}  {action:18}{category:22}{path}" for (action, category, path), count in counted.most_common(limit)
    )


def _tally(tally: Tally) -> dict[str, float]:
    return {"passed": tally.passed, "total": tally.total, "percent": round(tally.percent, 3)}
