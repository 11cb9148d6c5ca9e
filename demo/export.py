"""The destination store as files, over QIDO-RS and WADO-RS."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from demo.cloud import TIMEOUT_SECS
from demo.errors import DemoError

_STUDY, _SERIES, _SOP = "0020000D", "0020000E", "00080018"
_PAGE = 5_000
_CHUNK_BYTES = 1 << 20
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")


def list_instances(session: requests.Session, dicom_web: str) -> Iterator[tuple[str, str, str]]:
    """(study, series, SOP instance) UIDs of everything in a store; raises DemoError."""
    offset = 0
    while True:
        response = session.get(
            f"{dicom_web}/instances",
            params={"limit": str(_PAGE), "offset": str(offset)},
            headers={"Accept": "application/dicom+json"},
            timeout=TIMEOUT_SECS,
        )
        if response.status_code not in (200, 204):
            raise DemoError(f"the destination store answered {response.status_code} to a search")
        page = response.json() if response.status_code == 200 else []
        for item in page:
            uids = tuple(str(item[tag]["Value"][0]) for tag in (_STUDY, _SERIES, _SOP))
            if not all(_UID.fullmatch(uid) for uid in uids):
                raise DemoError("the destination store lists an instance whose UIDs cannot be file names")
            yield uids[0], uids[1], uids[2]
        if len(page) < _PAGE:
            return
        offset += len(page)


def export_store(session: requests.Session, dicom_web: str, out: Path, tell: Callable[[int], None]) -> int:
    """Write every instance, as it is stored, to `out/{study}/{series}/{instance}.dcm`; return how many.

    A file appears whole or not at all. `tell` is called with the count so far.

    Raises:
        DemoError: the store does not answer as it should.
    """
    exported = 0
    for study, series, sop in list_instances(session, dicom_web):
        target = out / study / series / f"{sop}.dcm"
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch(session, f"{dicom_web}/studies/{study}/series/{series}/instances/{sop}", target)
        exported += 1
        tell(exported)
    return exported


def _fetch(session: requests.Session, url: str, target: Path) -> None:
    draft = target.with_name(f".{os.getpid()}.part")
    headers = {"Accept": "application/dicom; transfer-syntax=*"}
    try:
        with session.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECS) as response:
            if response.status_code != 200:
                raise DemoError(f"the destination store answered {response.status_code} to a retrieval")
            with draft.open("wb") as file:
                for chunk in response.iter_content(_CHUNK_BYTES):
                    file.write(chunk)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
