"""Characters that show as nothing, or are none, and could hide a word from those who look for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from emulator.deidentify.text.finding import CONTEXT, Finding

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Control characters (but tab and the ends of lines), soft hyphens, joiners, marks of direction, selectors."""


def find_behind(text: str, look: Callable[[str], list[Finding]]) -> list[Finding]:
    """What `look` finds, hidden characters set aside: once as if they were not there, once as if they were blanks.

    Args:
        text: any text.
        look: the finder; it gets the text as it is when nothing in it is hidden.

    Returns:
        Findings in `text`, sorted, not overlapping.
    """
    if not _HIDDEN.search(text):
        return look(text)
    places = [place for place, char in enumerate(text) if not _HIDDEN.match(char)]
    shown = "".join(text[place] for place in places)
    joined = [Finding(places[one.start], places[one.end - 1] + 1, one.info_type) for one in look(shown)]
    return _united([*joined, *look(_HIDDEN.sub(" ", text))])


def _united(findings: Sequence[Finding]) -> list[Finding]:
    """Overlapping findings as one: CTX if one of them is, otherwise what the longest is."""
    groups: list[list[Finding]] = []
    for finding in sorted(findings, key=lambda one: (one.start, one.end)):
        if groups and finding.start < max(one.end for one in groups[-1]):
            groups[-1].append(finding)
        else:
            groups.append([finding])
    return [
        Finding(
            group[0].start,
            max(one.end for one in group),
            max(group, key=lambda one: (one.info_type == CONTEXT, one.end - one.start)).info_type,
        )
        for group in groups
    ]
