"""One manifest line -> the study, series or instance it names in the source store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pipeline.model.names import DicomStoreName

# PS3.5 section 9.1: digits and dots, no empty component, 64 characters at most. Leading zeros inside a component
# are illegal there but exist in archives, and the store has accepted them: they are no reason to refuse a line.
_UID = re.compile(r"[0-9]+(?:\.[0-9]+)*")
MAX_UID_LENGTH = 64

_URL = re.compile(r"https?://[^/\s]+/v1(?:beta1)?/(?P<name>projects/.*)")
_FULL_RESOURCE_NAME = re.compile(r"//healthcare\.googleapis\.com/(?P<name>projects/.*)")
_QUALIFIED = re.compile(r"/?(?P<store>projects/.+?/dicomStores/[^/]+)/dicomWeb/(?P<path>studies/.*)")
_LEVELS = ("studies", "series", "instances")

# Longer than any legal line: a DICOMweb URL with three ids of 256 and three UIDs of 64 characters.
MAX_LINE_LENGTH = 2_000


class LineProblem(StrEnum):
    """Why a line is not an instance of the source store; the audit's reason codes for REJECTED input."""

    NOT_A_PATH = "NOT_A_PATH"
    """Not /studies/{uid}[/series/{uid}[/instances/{uid}]], alone, as a resource name or as a DICOMweb URL."""
    NOT_UTF8 = "NOT_UTF8"
    """The bytes are not UTF-8 text."""
    BAD_UID = "BAD_UID"
    """A path, but one of its UIDs is not digits and dots (a truncated UID ends with a dot)."""
    UID_TOO_LONG = "UID_TOO_LONG"
    """A UID has more than 64 characters (PS3.5 section 9.1)."""
    OTHER_STORE = "OTHER_STORE"
    """A full name of an instance in another store than --source_store."""


class UnreadableLine(ValueError):
    """The line cannot be used; `problem` says why. The line itself is not in the message."""

    def __init__(self, problem: LineProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, order=True)
class DicomPath:
    """A study, a series (`series` given) or an instance (`sop` given too). Empty string: level not named."""

    study: str
    series: str = ""
    sop: str = ""

    @property
    def inside_study(self) -> str:
        """What follows the study: `""`, `"{series}"` or `"{series}/{sop}"`; the cheap value to shuffle."""
        return f"{self.series}/{self.sop}" if self.sop else self.series

    @classmethod
    def of(cls, study: str, inside_study: str) -> DicomPath:
        """Undo `inside_study`."""
        series, _, sop = inside_study.partition("/")
        return cls(study, series, sop)

    @classmethod
    def from_text(cls, text: str) -> DicomPath:
        """Undo `str` of an instance's path. Only for lines this pipeline wrote; a person's go through `parse_line`."""
        _, _, study, _, series, _, sop = text.split("/")
        return cls(study, series, sop)

    def __str__(self) -> str:
        text = f"/studies/{self.study}"
        if self.series:
            text += f"/series/{self.series}"
        if self.sop:
            text += f"/instances/{self.sop}"
        return text


def parse_line(line: str, source_store: DicomStoreName) -> DicomPath | None:
    """Read one line of a manifest or of a message.

    >>> store = DicomStoreName("p", "us", "d", "s")
    >>> parse_line("studies/1.2/series/1.3/instances/1.4", store)
    DicomPath(study='1.2', series='1.3', sop='1.4')

    Returns None for blank lines and `#` comments. Raises UnreadableLine for what is no path of it.
    """
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    if len(text) > MAX_LINE_LENGTH:
        raise UnreadableLine(LineProblem.NOT_A_PATH)
    for form in (_URL, _FULL_RESOURCE_NAME):
        if match := form.fullmatch(text):
            text = match["name"]
    if match := _QUALIFIED.fullmatch(text):
        if match["store"] != str(source_store):
            raise UnreadableLine(LineProblem.OTHER_STORE)
        text = match["path"]
    return _parse_path(text.removeprefix("/"))


def _parse_path(text: str) -> DicomPath:
    parts = text.split("/")
    levels, uids = parts[0::2], parts[1::2]
    if len(levels) != len(uids) or tuple(levels) != _LEVELS[: len(levels)]:
        raise UnreadableLine(LineProblem.NOT_A_PATH)
    for uid in uids:
        if not _UID.fullmatch(uid):
            raise UnreadableLine(LineProblem.BAD_UID)
        if len(uid) > MAX_UID_LENGTH:
            raise UnreadableLine(LineProblem.UID_TOO_LONG)
    return DicomPath(*uids)
