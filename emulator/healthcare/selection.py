"""Which instances of the source store a de-identify operation has to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from emulator.healthcare.filter_file import FilterFileError, FilterPath
from emulator.healthcare.operations import Instance
from emulator.settings import Settings


class Stored(Protocol):
    """An instance in a store, by its three UIDs."""

    @property
    def study(self) -> str: ...  # noqa: D102

    @property
    def series(self) -> str: ...  # noqa: D102

    @property
    def sop(self) -> str: ...  # noqa: D102


def select_all(stored: Iterable[Stored]) -> list[Instance]:
    """The whole store: an operation without filter file."""
    return [Instance(position, one.study, one.series, one.sop) for position, one in enumerate(stored)]


def select_paths(
    paths: Sequence[FilterPath], find_study: Callable[[str], Sequence[Stored]], settings: Settings
) -> list[Instance]:
    """The instances that `paths` name, each once, studies in the order of their first path.

    A path of which the store holds nothing becomes one instance that will fail, nothing, or an error, as the
    setting `filter_unknown_path` says.

    Args:
        paths: distinct paths of the filter file.
        find_study: every instance of a study of the source store.
        settings: the server's settings.

    Raises:
        FilterFileError: a path names nothing in the store and the setting is `refuse`.
    """
    by_study: dict[str, list[FilterPath]] = {}
    for path in paths:
        by_study.setdefault(path.study, []).append(path)
    keys: list[tuple[str, str, str]] = []
    unknown = 0
    for study, wanted in by_study.items():
        held = [(one.study, one.series, one.sop) for one in find_study(study)]
        widths = {(study, "", ""): held}  # what each possible path of this study names
        for key in held:
            widths.setdefault((study, key[1], ""), []).append(key)
            widths[key] = [key]
        chosen: dict[tuple[str, str, str], None] = {}
        for path in wanted:
            key = (path.study, path.series, path.sop)
            if not widths.get(key):
                unknown += 1
                if settings.filter_unknown_path == "failure":
                    chosen[key] = None
            chosen.update(dict.fromkeys(widths.get(key, ())))
        keys.extend(chosen)
    if unknown and settings.filter_unknown_path == "refuse":
        raise FilterFileError(f"{unknown} paths of the filter file are not in the source store.")
    return [Instance(position, *key) for position, key in enumerate(keys)]
