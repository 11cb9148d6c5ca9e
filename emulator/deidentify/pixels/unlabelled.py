"""What identifies somebody in an image although nothing beside it says what it is.

In running text a bare number is no id, and two letters are no name. The banner of an image is nothing but such values:
the name, below it a number, in a corner the operator's initials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from emulator.deidentify.text.finding import Finding
from emulator.deidentify.text.phrase import Phrase

ID: Final = "MEDICAL_RECORD_NUMBER"
NAME: Final = "PERSON_NAME"

MIN_DIGITS: Final = 7
"""Numbers with so many digits are ids. Acquisition parameters have at most five."""

_NUMBER: Final = re.compile(rf"(?<![\w.,])[A-Za-z]{{0,3}}[\dOoIl|SB]{{{MIN_DIGITS},}}(?!\w|[.,]\d)")
_MIN_SURE_DIGITS: Final = MIN_DIGITS - 1


def unlabelled(text: str, phrases: Iterable[Phrase]) -> Iterator[Finding]:
    """Long numbers in a line, and the whole line when it is a name of the header, initials included.

    Args:
        text: of one line, in which O may stand for 0, and I, l, S, B for 1, 1, 5, 8.
        phrases: of the instance's header.
    """
    for match in _NUMBER.finditer(text):
        if sum(character.isdigit() for character in match.group()) >= _MIN_SURE_DIGITS:
            yield Finding(match.start(), match.end(), ID)
    letters = _letters(text)
    if len(letters) > 1 and any(letters == _letters(p.text) for p in phrases if p.info_type == NAME):
        yield Finding(0, len(text), NAME)


def _letters(text: str) -> str:
    """The text without blanks and delimiters, in lower case."""
    return "".join(character for character in text.casefold() if character.isalnum())
