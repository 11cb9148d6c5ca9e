"""Request preconditions: https://cloud.google.com/storage/docs/request-preconditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from emulator.errors import GoogleError


class Versioned(Protocol):
    """What preconditions look at."""

    @property
    def generation(self) -> int:
        """Number of the content; 0 for a bucket."""

    @property
    def metageneration(self) -> int:
        """Number of the metadata, from 1."""

    @property
    def etag(self) -> str:
        """Entity tag, changing with both."""


@dataclass(frozen=True)
class Preconditions:
    """The conditions of one request for one object or bucket; None where nothing was asked.

    `prefix` is "if" or "ifSource", for messages. A failed match answers 412 conditionNotMet, a failed "not match"
    304, as the page above says. An object that does not exist has generation 0 for `generation_match`; each
    other condition fails on it (Discovery: "If no live object exists, the precondition fails").
    """

    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None
    etag_match: tuple[str, ...] | None = None
    etag_not_match: tuple[str, ...] | None = None
    prefix: str = "if"

    def check(self, current: Versioned | None) -> None:
        """Hold the conditions against what exists now; None for nothing.

        Raises:
            GoogleError: 412 or 304.
        """
        generation = current.generation if current else 0
        metageneration = current.metageneration if current else None
        tags = {current.etag, "*"} if current else set()
        self._require("GenerationMatch", self.generation_match in {None, generation}, 412)
        self._require("MetagenerationMatch", self.metageneration_match in {None, metageneration}, 412)
        self._require("Match", self.etag_match is None or bool(tags.intersection(self.etag_match)), 412)
        self._require("GenerationNotMatch", _differs(self.generation_not_match, generation, current), 304)
        self._require("MetagenerationNotMatch", _differs(self.metageneration_not_match, metageneration, current), 304)
        self._require("NoneMatch", self.etag_not_match is None or not tags.intersection(self.etag_not_match), 304)

    def _require(self, condition: str, holds: bool, status: int) -> None:
        if not holds:
            reason = "conditionNotMet" if status == 412 else "notModified"
            message = f"At least one of the pre-conditions you specified did not hold: {self.prefix}{condition}."
            raise GoogleError(status, message, reason=reason)


NONE = Preconditions()


def _differs(unwanted: int | None, actual: int | None, current: Versioned | None) -> bool:
    return unwanted is None or (current is not None and unwanted != actual)
