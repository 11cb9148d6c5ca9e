"""A text as runs of letters and runs of digits; whatever separates them does not count."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_RUN: Final = re.compile(r"[^\W\d_]+|\d+")
MAX_GAP: Final = 3
"""Characters that may separate two runs of one phrase."""

MOST_RUNS: Final = 100
"""Runs of the longest phrase that is looked for."""


class Run(NamedTuple):
    """Letters or digits.

    Attributes:
        text: folded.
        start: index of its first character.
        end: index behind its last character.
    """

    text: str
    start: int
    end: int


def runs_of(folded_text: str) -> list[Run]:
    """The runs of a folded text, in order."""
    return [Run(match.group(), *match.span()) for match in _RUN.finditer(folded_text)]


def words_of(folded_text: str) -> tuple[str, ...]:
    """The texts of the runs alone."""
    return tuple(_RUN.findall(folded_text))


class Phrases:
    """Sequences of runs, each with an info type, that are looked for in one pass."""

    def __init__(self) -> None:
        self._first: dict[str, _Node] = {}

    def add(self, runs: Sequence[str], info_type: str) -> None:
        """Look for a sequence of runs; of equal ones the first info type counts. `MOST_RUNS` at most."""
        if not 0 < len(runs) <= MOST_RUNS:
            return
        nodes = self._first
        for run in runs:
            node = nodes.setdefault(run, _Node())
            nodes = node.following
        if node.info_type is None:
            node.info_type = info_type

    @functools.cached_property
    def first_runs(self) -> frozenset[str]:
        """Runs that a phrase begins with."""
        return frozenset(self._first)

    def find(self, runs: Sequence[Run]) -> Iterator[tuple[int, int, str]]:
        """The longest phrase at each place: index of the first run, of the run behind it, and its info type."""
        for index, run in enumerate(runs):
            node = self._first.get(run.text)
            found, last = None, index
            while node is not None:
                last += 1
                if node.info_type is not None:
                    found = (index, last, node.info_type)
                if last == len(runs) or runs[last].start - runs[last - 1].end > MAX_GAP:
                    break
                node = node.following.get(runs[last].text)
            if found:
                yield found


class _Node:
    __slots__ = ("following", "info_type")

    def __init__(self) -> None:
        self.following: dict[str, _Node] = {}
        self.info_type: str | None = None
