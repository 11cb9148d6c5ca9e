"""Reading the query string of a search (Healthcare API conformance statement, Search transaction; quotas page)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.datadict import keyword_for_tag, tag_for_keyword

from emulator.healthcare.dicom.part10 import is_uid
from emulator.healthcare.dicom.search import Condition, DateBetween, Equals, Level, NameIs, Search
from emulator.healthcare.dicomweb.errors import bad_request

DEFAULT_LIMIT = {Level.STUDIES: 100, Level.SERIES: 100, Level.INSTANCES: 1000}
MAX_LIMIT = {Level.STUDIES: 5_000, Level.SERIES: 5_000, Level.INSTANCES: 50_000}
MAX_OFFSET = 1_000_000

_STUDY = (*("StudyInstanceUID", "PatientName", "PatientID", "AccessionNumber", "ReferringPhysicianName", "StudyDate"),)
_SEARCHABLE = {
    Level.STUDIES: frozenset(_STUDY),
    Level.SERIES: frozenset((*_STUDY, "SeriesInstanceUID", "Modality")),
    Level.INSTANCES: frozenset((*_STUDY, "SeriesInstanceUID", "Modality", "SOPInstanceUID")),
}
_NOT_RETURNED = frozenset(("AvailableTransferSyntaxUID",))
_SYSTEM = frozenset(
    (
        *("alt", "key", "fields", "prettyPrint", "access_token", "oauth_token", "callback", "quotaUser", "userIp"),
        *("uploadType", "upload_protocol", "$.xgafv", "$prettyPrint", "$alt"),
    )
)
"""Parameters that every Google API takes; they change nothing here."""

_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_DATE = re.compile(r"[0-9]{8}")
_PRINTABLE_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")


@dataclass(frozen=True, slots=True)
class IncludeFields:
    """Attributes to answer beyond the default ones: these tags, or all that belong to the level."""

    tags: frozenset[int] = frozenset()
    all: bool = False

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return self.all or bool(self.tags)


def parse_search(
    level: Level, parameters: Sequence[tuple[str, str]], study: str | None, series: str | None
) -> tuple[Search, IncludeFields]:
    """The search that a URL asks for.

    Args:
        level: what is listed.
        parameters: the query string, decoded, in order.
        study, series: UIDs in the path.

    Raises:
        GoogleError: 400 for an attribute that is not searchable at this level, a value out of range, a repeated or
            empty parameter. The message names parameters, never values.
    """
    seen: dict[str, str] = {}
    include: list[str] = []
    for name, value in parameters:
        if name in _SYSTEM:
            continue
        if name == "includefield":
            include.extend(value.split(","))
            continue
        keyword = name if name in ("limit", "offset", "fuzzymatching") else _searchable(level, name)
        if keyword in seen:
            raise bad_request(f"the parameter {keyword} is given twice: one exact value can be matched")
        seen[keyword] = value.strip()
    fuzzy = _boolean(seen.pop("fuzzymatching", "false"))
    limit = _number("limit", seen.pop("limit", str(DEFAULT_LIMIT[level])), 1, MAX_LIMIT[level])
    offset = _number("offset", seen.pop("offset", "0"), 0, MAX_OFFSET)
    conditions = tuple(_condition(keyword, value, fuzzy=fuzzy) for keyword, value in seen.items())
    return Search(level, limit, offset, study, series, conditions), _include_fields(include)


def _searchable(level: Level, name: str) -> str:
    """The keyword of a searchable attribute given by keyword or tag."""
    keyword = keyword_for_tag(int(name, 16)) if _TAG.fullmatch(name) else name
    if not keyword or tag_for_keyword(keyword) is None:
        raise _unknown(name)
    if keyword not in _SEARCHABLE[level]:
        raise bad_request(
            f"{keyword} is not a supported instance or study/series search attribute for {level.value}; "
            f"there are: {', '.join(sorted(_SEARCHABLE[level]))}"
        )
    return keyword


def _unknown(name: str) -> Exception:
    """Google's words, as clients match them; the name is repeated only when it can be no value."""
    return bad_request(
        f"unknown/unsupported QIDO attribute: {name if _PRINTABLE_NAME.fullmatch(name) else '(not a keyword or tag)'}"
    )


def _condition(keyword: str, value: str, *, fuzzy: bool) -> Condition:
    if not value:
        raise bad_request(f"the parameter {keyword} has no value")
    if keyword.endswith("UID") and not is_uid(value):
        raise bad_request(f"the parameter {keyword} is not one UID: at most 64 digits and dots")
    if keyword == "StudyDate":
        return _date_range(value)
    if keyword in ("PatientName", "ReferringPhysicianName"):
        # fuzzy matching is documented for PatientName only
        return NameIs(keyword, value, fuzzy and keyword == "PatientName")
    return Equals(keyword, value)


def _date_range(value: str) -> DateBetween:
    first, dash, last = value.partition("-")
    bounds = (first, last if dash else first)
    if not any(bounds) or not all(_DATE.fullmatch(bound) for bound in bounds if bound):
        raise bad_request(
            "the parameter StudyDate is no date or range: YYYYMMDD, YYYYMMDD-YYYYMMDD, YYYYMMDD-, -YYYYMMDD"
        )
    return DateBetween("StudyDate", *bounds)


def _include_fields(names: list[str]) -> IncludeFields:
    tags = set()
    for name in names:
        if name == "all":
            continue
        tag = int(name, 16) if _TAG.fullmatch(name) else tag_for_keyword(name)
        if tag is None or name in _NOT_RETURNED or keyword_for_tag(tag) in _NOT_RETURNED:
            raise _unknown(name)
        tags.add(int(tag))
    return IncludeFields(frozenset(tags), "all" in names)


def _number(name: str, value: str, least: int, most: int) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 12 or not least <= int(value) <= most:
        raise bad_request(f"the parameter {name} is not a whole number from {least} to {most}")
    return int(value)


def _boolean(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise bad_request("the parameter fuzzymatching is neither true nor false")
    return value.lower() == "true"
