"""Names of persons in the header, found again in any order, spelling and punctuation.

Each word of three and more letters counts by itself, even if it is a noun: Google's how-to replaces the word Wall in
descriptions when it is the patient's last name. Shorter words and initials count beside another part of the same name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import permutations, product
from typing import Final

from emulator.deidentify.text.finders.ordinary_words import ORDINARY_WORDS
from emulator.deidentify.text.fold import UNSPACED, Folded, folded, spellings
from emulator.deidentify.text.runs import MAX_GAP, Run, words_of

_NO_NAMES_TEXT: Final = """
    anon anonym anonymised anonymized anonymous clinic deidentified doctor dummy empty hospital missing name nobody none
    noname null operator patient phantom physician placeholder redacted removed service staff technician technologist
    test unassigned unbekannt unknown unspecified user xxx xxxx
    and bin das del den der des dos for ibn las los the und van vom von with zum zur
    bsc capt dds dipl dott dottssa dra drs esq frau frcp frcr frcs herr hon iii jun junior mbbs med miss mlle mme mph
    mrs msc phd prof professor rdms rev sen senior sir sra srta univ
"""
_NO_NAMES: Final = frozenset(_NO_NAMES_TEXT.split())
"""Parts of names that are no name: placeholders, particles, titles and degrees."""

_WORD: Final = re.compile(r"[^\s^=,;/()\[\]_]+")
_SHORTEST: Final = 3
_SHORTEST_JOINED: Final = 5
_MOST_WORDS: Final = 8
"""Words of one value that are put together in other orders; a longer value is no name."""


class HeaderNames:
    """The words of all names of a header."""

    def __init__(self, names: Collection[str]) -> None:
        self._persons: dict[str, set[int]] = {}
        self._strong: set[str] = set()
        self._single: set[str] = set()
        self.joined: set[str] = set()
        self.unspaced: set[str] = set()
        for person, name in enumerate(names):
            self._add(person, name)

    @property
    def words(self) -> frozenset[str]:
        """Words that count by themselves."""
        return frozenset(self._strong)

    @functools.cached_property
    def telling(self) -> frozenset[str]:
        """Words of which a text has one if a name is in it: all but initials."""
        return frozenset(word for word in self._persons if len(word) > 1)

    def find(self, runs: Sequence[Run], text: Folded) -> Iterator[tuple[int, int]]:
        """Names in a text: index of the first run and of the run behind the last."""
        index = 0
        while index < len(runs):
            persons = self._known(runs[index], text)
            if not persons:
                index += 1
                continue
            last = index + 1
            while last < len(runs) and runs[last].start - runs[last - 1].end <= MAX_GAP:
                common = persons & (self._known(runs[last], text) or set())
                if not common:
                    break
                persons = common
                last += 1
            yield from self._accepted(runs, index, last)
            index = last

    def _known(self, run: Run, text: Folded) -> set[int] | None:
        """The persons that a run may belong to; an initial only as a capital, unlike the o of O'Brien."""
        persons = self._persons.get(run.text)
        if (
            persons
            and len(run.text) == 1
            and run.text not in self._single
            and not text.original[text.span(run.start, run.end)[0]].isupper()
        ):
            return None
        return persons

    def _accepted(self, runs: Sequence[Run], first: int, last: int) -> Iterator[tuple[int, int]]:
        words = {run.text for run in runs[first:last]}
        if not words.isdisjoint(self._strong) or (len(words) > 1 and sum(map(len, words)) > _SHORTEST):
            yield first, last

    def _add(self, person: int, name: str) -> None:
        self.unspaced.update(_unspaced(name))
        words = [word for word in _WORD.findall(name) if not UNSPACED.search(word)]
        for word in words:
            for spelling in spellings(word):
                self._add_word(person, spelling)
        self._add_joined(person, words)

    def _add_word(self, person: int, word: str) -> None:
        parts = [part for part in words_of(word) if part.isalpha()]
        for part in {*parts, "".join(parts)}:
            if not part:
                continue
            self._persons.setdefault(part, set()).add(person)
            if _names_someone(part):
                self._strong.add(part)
            if len(part) == 1:
                self._single.add(part)
        for part in parts:
            self._persons.setdefault(part[0], set()).add(person)

    def _add_joined(self, person: int, words: Sequence[str]) -> None:
        """Parts written without blanks: "JohnSmith", "SmithJohn", "jsmith", unless that is a word of radiology."""
        for pair in _joined([folded(word).text for word in words]) - ORDINARY_WORDS:
            self._persons.setdefault(pair, set()).add(person)
            self._strong.add(pair)
            self.joined.add(pair)


def _joined(words: Sequence[str]) -> set[str]:
    """Two words of a name as one, in both orders, the first as its initial too; of double names each half as well."""
    halves = [[part for part in words_of(word) if part.isalpha()] for word in words]
    names = [[*{*parts, "".join(parts)}] for parts in halves if parts and _NO_NAMES.isdisjoint(parts)]
    if not 1 < len(names) <= _MOST_WORDS:
        return set()
    pairs = {"".join("".join(parts) for parts in halves)}
    for firsts, seconds in permutations(names, 2):
        for first, second in product(firsts, seconds):
            pairs.add(first + second)
            if _names_someone(second):
                pairs.add(first[0] + second)
    return {pair for pair in pairs if len(pair) >= _SHORTEST_JOINED}


def _names_someone(word: str) -> bool:
    return len(word) >= _SHORTEST and word not in _NO_NAMES


def _unspaced(name: str) -> Iterator[str]:
    """What is looked for as it is: the name without delimiters, and its parts of two and more characters."""
    parts = [folded(part).text for part in re.split(r"[\^=\s]+", name) if UNSPACED.search(part)]
    yield from (part for part in parts if len(part) > 1)
    if len(parts) > 1:
        yield "".join(parts)
        yield from (joint.join(parts) for joint in (" ", "\u30fb", "^"))
