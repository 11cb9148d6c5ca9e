"""Storing files in the source store over STOW-RS, one request a file, so that each has its own answer."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pydicom
import requests

from demo.cloud import TIMEOUT_SECS
from demo.errors import DemoError
from demo.inputs import Offered

_FAILED, _REFERENCED = "00081198", "00081199"
_RETRIEVE_URL, _FAILURE_REASON, _FAILURE_DETAIL = "00081190", "00081197", "00091097"
_INSTANCE = re.compile(r"/studies/[^/]+/series/[^/]+/instances/[^/]+$")
_MAY_BE_DUPLICATE = frozenset({0x0110, 0x0111})
"""Failure Reason (0008,1197), PS3.18 table I.2-2: processing failure, duplicate SOP instance."""
_TAG = r"\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)"
_CHUNK_BYTES = 1 << 20

SAME = "stored before: the same file"
OTHER = "the instance is stored already with other content"


@dataclass
class Stored:
    """What became of the files.

    Attributes:
        paths: `/studies/../series/../instances/..` of every offered instance that the store holds.
        new: instances that were not in the store before.
        same: files that the store already held, byte for byte.
        skipped: (label, reason) of each file that is not in the store.
    """

    paths: set[str] = field(default_factory=set)
    new: int = 0
    same: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def files(self) -> int:
        """How many were offered."""
        return self.new + self.same + len(self.skipped)

    @property
    def reasons(self) -> dict[str, int]:
        """How many files were skipped for each reason, the most frequent first."""
        return dict(Counter(reason for _, reason in self.skipped).most_common())


def store_files(
    session: requests.Session, dicom_web: str, files: Iterable[Offered], tell: Callable[[Stored], None]
) -> Stored:
    """Offer every file to the store; `tell` is called after each with the counts so far.

    Raises:
        DemoError: the store does not answer at all.
    """
    stored = Stored()
    for offered in files:
        _store_one(session, dicom_web, offered, stored)
        tell(stored)
    return stored


def _store_one(session: requests.Session, dicom_web: str, offered: Offered, stored: Stored) -> None:
    if offered.problem is not None:
        stored.skipped.append((offered.label, offered.problem))
        return
    try:
        with offered.path.open("rb") as body:
            response = session.post(
                f"{dicom_web}/studies",
                data=body,
                headers={"Content-Type": "application/dicom", "Accept": "application/dicom+json"},
                timeout=TIMEOUT_SECS,
            )
    except requests.RequestException:
        _check_alive(session, dicom_web)
        stored.skipped.append((offered.label, "the upload broke off"))
        return
    except OSError:
        stored.skipped.append((offered.label, "cannot be read"))
        return
    if response.status_code == 200 and (path := stored_path(response)):
        stored.paths.add(path)
        stored.new += 1
        return
    reason = failure_reason(response)
    path = _own_path(offered.path) if _failure_code(response) in _MAY_BE_DUPLICATE else None
    if path is not None:
        reason = _compare(session, dicom_web + path, offered.path) or reason
    if path is not None and reason == SAME:
        stored.paths.add(path)
        stored.same += 1
    else:
        stored.skipped.append((offered.label, reason))


def _check_alive(session: requests.Session, dicom_web: str) -> None:
    """Raises DemoError when the store does not answer; else it was the file that could not be read to its end."""
    try:
        session.get(f"{dicom_web}/instances", params={"limit": "1"}, timeout=TIMEOUT_SECS)
    except requests.RequestException as error:
        raise DemoError(f"the embedded DICOM store does not answer ({type(error).__name__})") from None


def stored_path(response: requests.Response) -> str | None:
    """The path of the instance that a Store Instances Response says was stored (Referenced SOP Sequence)."""
    try:
        url = response.json()[_REFERENCED]["Value"][0][_RETRIEVE_URL]["Value"][0]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    found = _INSTANCE.search(url)
    return found[0] if found else None


def failure_reason(response: requests.Response) -> str:
    """Why an instance was refused: FailureDetail, else Failure Reason (0008,1197), else the HTTP status.

    Long numbers and UIDs are replaced, so that no identifier reaches a log through a server's words.
    """
    item = _failed_item(response)
    if item is None:
        return f"HTTP status {response.status_code}"
    if detail := item.get(_FAILURE_DETAIL, {}).get("Value"):
        return re.sub(rf"({_TAG})|\d[\d.]{{4,}}", lambda found: found[1] or "N", str(detail[0]))[:200]
    return f"failure reason {_failure_code(response) or 0:04X}H"


def _failed_item(response: requests.Response) -> dict[str, Any] | None:
    """The first item of the Failed SOP Sequence, None when the answer has none."""
    try:
        item: dict[str, Any] = response.json()[_FAILED]["Value"][0]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return item


def _failure_code(response: requests.Response) -> int | None:
    item = _failed_item(response) or {}
    values = item.get(_FAILURE_REASON, {}).get("Value")
    return int(values[0]) if values else None


def _own_path(file: Path) -> str | None:
    """The path that a file's own UIDs make; None when it has none."""
    tags = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]
    try:
        with warnings.catch_warnings(action="ignore"):  # they quote values
            header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=tags)
            uids = [quote(str(header[tag].value), safe="") for tag in tags]
    except Exception:  # noqa: BLE001 - a broken file may raise anything in its reader
        return None
    return "/studies/{}/series/{}/instances/{}".format(*uids) if all(uids) else None


def _compare(session: requests.Session, url: str, file: Path) -> str | None:
    """SAME or OTHER when the store holds the instance, None when it does not."""
    headers = {"Accept": "application/dicom; transfer-syntax=*"}
    with session.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECS) as response:
        if response.status_code != 200:
            return None
        there = sha256()
        for chunk in response.iter_content(_CHUNK_BYTES):
            there.update(chunk)
    here = sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            here.update(chunk)
    return SAME if here.digest() == there.digest() else OTHER
