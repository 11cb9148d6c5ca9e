"""A de-identify operation's filter file: which resources of the source store it names.

Documented (Discovery, DicomFilterConfig): one path a line, `/studies/{study}[/series/{series}[/instances/{sop}]]`,
levels mixed, lines ended by LF or CRLF. Google's own pipelines write paths without leading slash and no final
newline. What the API does with blank, header, repeated and unknown lines is not documented: settings decide.
"""

from __future__ import annotations

import dataclasses
import re

from emulator.settings import Settings

_UID = r"([0-9.]{1,64})"
_LINE = re.compile(rf"/?studies/{_UID}(?:/series/{_UID}(?:/instances/{_UID})?)?")


class FilterFileError(ValueError):
    """The filter file cannot be used; the message names the line's number, never its text."""


@dataclasses.dataclass(frozen=True)
class FilterPath:
    """A study, or a series or an instance of it; "" where the path is wider."""

    study: str
    series: str = ""
    sop: str = ""


def parse_filter_file(raw: bytes, settings: Settings) -> list[FilterPath]:
    """The distinct paths of a filter file, in order.

    Raises:
        FilterFileError: not UTF-8, a line that is not a path, or what a setting says to refuse.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FilterFileError("the filter file is not UTF-8 text.") from error
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()  # the file's last newline ends a line, it does not begin one
    paths: dict[FilterPath, None] = {}
    for number, line in enumerate((line.removesuffix("\r") for line in lines), start=1):
        if not line:
            if settings.filter_blank_line == "refuse":
                raise FilterFileError(f"line {number} of the filter file is blank.")
            continue
        path = _parse_line(line)
        if path is None:
            if number == 1 and settings.filter_header_line == "ignore":
                continue
            raise FilterFileError(
                f"line {number} of the filter file is not of the form "
                "/studies/{studyUID}[/series/{seriesUID}[/instances/{instanceUID}]]."
            )
        if path in paths and settings.filter_duplicate_line == "refuse":
            raise FilterFileError(f"line {number} of the filter file repeats an earlier line.")
        paths[path] = None
    return list(paths)


def _parse_line(line: str) -> FilterPath | None:
    found = _LINE.fullmatch(line)
    return FilterPath(*(uid or "" for uid in found.groups())) if found else None
