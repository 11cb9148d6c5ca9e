"""The map from old UIDs and patient ids to new ones, as a set of output files shows it.

The challenge asks each team for its map; here it is read from the outputs, so that any tool can be scored. A map is a
function, and (stricter than MIDI-B) one to one: two instances, or two patients, do not become one. A patient id that
was emptied maps to nothing: its patient cannot be told from others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from benchmarks.midi.answer_key import Action, InstanceKey

Flat = Mapping[str, str]

PRIMARY_PATHS: Final = frozenset({"(0008,0018)", "(0020,000d)", "(0020,000e)"})
"""SOP, Study and Series Instance UID of an instance itself: where a UID is defined, not referred to."""


class IdMap(NamedTuple):
    """New by old, for values whose new one is known and nobody else's."""

    uids: Mapping[str, str]
    patient_ids: Mapping[str, str]


def read_mapping(outputs: Iterable[tuple[InstanceKey, Flat]]) -> IdMap:
    """The map that these outputs follow."""
    outputs = list(outputs)
    own = _seen(outputs, "uid_consistent", PRIMARY_PATHS)
    others = _seen(outputs, "uid_consistent", None)
    uids = {old: own.get(old) or new for old, new in others.items()}
    return IdMap(_one_to_one(uids), _one_to_one(_seen(outputs, "patid_consistent", None)))


def _seen(
    outputs: Iterable[tuple[InstanceKey, Flat]], action: Action, paths: frozenset[str] | None
) -> dict[str, set[str]]:
    """Every new value at the places where an old one was, empty ones left out."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for instance, flat in outputs:
        for check in instance.checks:
            if check.action == action and (paths is None or check.path in paths) and flat.get(check.path):
                seen[check.answer].add(flat[check.path])
    return dict(seen)


def _one_to_one(seen: Mapping[str, set[str]]) -> dict[str, str]:
    olds: defaultdict[str, set[str]] = defaultdict(set)
    for old, news in seen.items():
        for new in news:
            olds[new].add(old)
    return {
        old: next(iter(news))
        for old, news in seen.items()
        if len(news) == 1 and all(len(olds[new]) == 1 for new in news)
    }
