"""Text without case and accents, with the way back to the places of its characters."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

_SPELLED: Final = {
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "ħ": "h",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ß": "ss",
}

UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""A character of a script that sets no blanks around a name: Thai, Lao, Burmese, Khmer, kana, Hangul, Han."""

_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_SPELLED_OUT: Final = re.compile("(?<=[aou])e")


class Folded(NamedTuple):
    """A folded text.

    Attributes:
        text: lower case, compatibility forms replaced, without accents.
        places: for each of its characters the index in the original; None when they are the same.
        original: what was folded.
    """

    text: str
    places: Sequence[int] | None
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the original, accents that follow it included."""
        if self.places is None:
            return start, end
        last = self.places[end - 1] + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return self.places[start], last


def folded(text: str) -> Folded:
    """Fold a text.

    >>> folded("Strauß").text
    'strauss'
    """
    if text.isascii():
        return Folded(text.lower(), None, text)
    parts = [fold_character(character) for character in text]
    places = [index for index, part in enumerate(parts) for _ in part]
    return Folded("".join(parts), places, text)


@functools.lru_cache(maxsize=16384)
def fold_character(character: str) -> str:
    """What a character folds to: one letter, several, or none for an accent by itself."""
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    return "".join(_SPELLED.get(part, part) for part in decomposed if not unicodedata.combining(part))


def spellings(word: str) -> set[str]:
    """The ways a name is spelled where its letters are missing: Müller, Muller and Mueller, whichever is given.

    >>> sorted(spellings("Müller"))
    ['mueller', 'muller']
    """
    lower = unicodedata.normalize("NFC", word).lower()
    found = {folded(lower).text}
    if not lower.isascii():
        found.add(folded(lower.translate(_GERMAN)).text)
    elif len(short := _SPELLED_OUT.sub("", lower)) > 3:
        found.add(short)
    return found
