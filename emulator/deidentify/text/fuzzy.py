"""Phrases of the header in text that was read from pixels: blanks lost, letters taken for others."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Final

_ALIKE: Final = str.maketrans("01258|!ouvnhilszb", "oizsbiiovvnniiszb")
"""Characters that readers confuse, each as one of its group: 0 O, 1 I L | !, 2 Z, 5 S, 8 B, U V, N H."""

_SHORTEST_WITHIN: Final = 4
"""Letters of a phrase from which on it is found without blanks around it."""

_SHORTEST_MISREAD: Final = 6
"""Letters from which on one of them may be another, missing or too many."""

_WORD: Final = re.compile(r"[^\W_]+")


@dataclasses.dataclass(frozen=True)
class FuzzyWords:
    """Phrases as a reader of pixels may see them -> info type."""

    words: Mapping[str, str]

    @classmethod
    def of(cls, words: Mapping[str, str]) -> FuzzyWords:
        """Take folded phrases with their info types."""
        seen: dict[str, str] = {}
        for word, info_type in words.items():
            alike = _alike(word)
            if len(alike) >= 3:
                seen.setdefault(alike, info_type)
        return cls(seen)

    def __repr__(self) -> str:
        """Say nothing: the words identify a patient."""
        return f"FuzzyWords({len(self.words)} words)"

    def matches(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where the phrases may stand: start, end, info type."""
        places = [place for place, char in enumerate(text) if char.isalnum() or char in "|!"]
        run = _alike("".join(text[place] for place in places))
        if len(run) != len(places):  # a character that folds to several: look at the plain text
            return
        tokens = [(match.start(), match.end(), _alike(match[0])) for match in _WORD.finditer(text)]
        for word, info_type in self.words.items():
            if len(word) >= _SHORTEST_WITHIN:
                start = run.find(word)
                while start >= 0:
                    yield places[start], places[start + len(word) - 1] + 1, info_type
                    start = run.find(word, start + 1)
            for first, last, token in tokens:
                if token == word or (len(word) >= _SHORTEST_MISREAD and not word.isdigit() and _one_apart(word, token)):
                    yield first, last, info_type


def _alike(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum() or char in "|!").translate(_ALIKE)


def _one_apart(first: str, second: str) -> bool:
    """Whether one character inserted, left out or replaced makes one of the other."""
    if abs(len(first) - len(second)) > 1:
        return False
    if len(first) > len(second):
        first, second = second, first
    place = 0
    while place < len(first) and first[place] == second[place]:
        place += 1
    if len(first) == len(second):
        return first[place + 1 :] == second[place + 1 :]
    return first[place:] == second[place + 1 :]
