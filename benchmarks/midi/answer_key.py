"""The answer key: for each generated instance, what has to be true of its de-identified copy."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

Action = Literal[
    "tag_retained",
    "text_notnull",
    "text_retained",
    "text_removed",
    "date_shifted",
    "uid_changed",
    "uid_consistent",
    "patid_consistent",
    "pixels_hidden",
    "pixels_retained",
]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
"""The ten checks of MIDI-B."""

REMOVALS: Final[frozenset[Action]] = frozenset({"text_removed", "date_shifted", "uid_changed", "pixels_hidden"})
"""Checks that an instance which is not there passes: it gives nothing away. All others it fails."""

CATEGORIES: Final = ("HIPAA", "DICOM", "BEST")
"""The HIPAA Safe Harbor letters; what DICOM itself asks for; best practice (options of PS3.15, reviewers' wishes)."""

FORMAT: Final = "midi-answer-key/1"


class Region(NamedTuple):
    """A rectangle of pixels, half open, of every frame."""

    left: int
    top: int
    right: int
    bottom: int


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that has to be true.

    Attributes:
        action: which of the ten.
        path: the element, as `paths.flatten` names it; empty for checks of pixels.
        answer: what is looked for: text; the old date, UID or patient id; a digest for pixels_retained.
        category: `HIPAA-A` to `HIPAA-R`, `DICOM-...` or `BEST-...`.
        region: the pixels that a check of pixels is about; None for all of them.
        digest: of the region before de-identification, for pixels_hidden.
    """

    action: Action
    path: str
    answer: str
    category: str
    region: Region | None = None
    digest: str = ""

    @property
    def group(self) -> str:
        """One of `CATEGORIES`."""
        return self.category.partition("-")[0]


@dataclasses.dataclass(frozen=True)
class InstanceKey:
    """The checks of one instance; `file` is its path relative to the folder of the set, with forward slashes."""

    file: str
    checks: tuple[Check, ...]


@dataclasses.dataclass(frozen=True)
class AnswerKey:
    """The checks of a whole set, and the seed it was generated with."""

    seed: int
    instances: tuple[InstanceKey, ...]

    def planted(self, shortest: int = 6) -> frozenset[str]:
        """Every identifier that must not occur in any byte of any output; those of few characters left out.

        Dates are left out too: shifted, one patient's may become another's.
        """
        return frozenset(
            check.answer
            for instance in self.instances
            for check in instance.checks
            if check.action in {"text_removed", "uid_changed"}
            and check.category != "HIPAA-C"
            and len(check.answer) >= shortest
        )

    def save(self, path: Path) -> None:
        """Write it as JSON; raises OSError."""
        body = {"format": FORMAT, **dataclasses.asdict(self)}
        path.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> AnswerKey:
        """Read what `save` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is no answer key of this format.
        """
        body = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(body, dict) or body.get("format") != FORMAT:
            raise ValueError(f"the answer key is not of the format {FORMAT}; generate the set again")
        return cls(body["seed"], tuple(_instance(one) for one in body["instances"]))


def _instance(body: dict[str, object]) -> InstanceKey:
    checks = body["checks"]
    assert isinstance(checks, list)
    return InstanceKey(str(body["file"]), tuple(_check(one) for one in checks))


def _check(body: dict[str, object]) -> Check:
    region = body.pop("region")
    return Check(**body, region=None if region is None else Region(*region))  # type: ignore[arg-type, misc]
