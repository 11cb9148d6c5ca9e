"""The answer of STOW-RS: Store Instances Response Module (PS3.18 Annex I.2) in JSON or XML.

Google's own additions: FailureDetail (0009,0097) in XML, FailureDetailJSON (0009,1097) in JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pydicom.datadict import keyword_for_tag

from emulator.healthcare.dicomweb.target import instance_url

PROCESSING_FAILURE = 0x0110
CANNOT_UNDERSTAND = 0xC000
"""Failure Reason (0008,1197), PS3.18 Table I.2-2."""

_FAILURE_DETAIL_XML = "00090097"
_FAILURE_DETAIL_JSON = "00091097"
_KEYWORDS = {_FAILURE_DETAIL_XML: "FailureDetail", _FAILURE_DETAIL_JSON: "FailureDetailJSON"}


@dataclass(frozen=True, slots=True)
class Stored:
    """An instance that is in the store."""

    study: str
    series: str
    sop: str
    sop_class: str


@dataclass(frozen=True, slots=True)
class Failed:
    """An instance that was not stored. UIDs are None when they could not be read; `detail` holds no value."""

    reason: int
    detail: str
    sop_class: str | None = None
    sop: str | None = None


Outcome = Stored | Failed


def dicom_json(outcomes: list[Outcome], base_url: str) -> dict[str, Any]:
    """The response as DICOM JSON."""
    return _module(outcomes, base_url, _FAILURE_DETAIL_JSON)


def dicom_xml(outcomes: list[Outcome], base_url: str) -> str:
    """The response in the Native DICOM Model (PS3.19 Annex A.1)."""
    body = _xml(_module(outcomes, base_url, _FAILURE_DETAIL_XML))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">'
        f"{body}</NativeDicomModel>"
    )


def _module(outcomes: list[Outcome], base_url: str, detail_tag: str) -> dict[str, Any]:
    stored = [outcome for outcome in outcomes if isinstance(outcome, Stored)]
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    module: dict[str, Any] = {}
    studies = {outcome.study for outcome in stored}
    if len(studies) == 1:
        module["00081190"] = _attribute("UR", f"{base_url}/studies/{studies.pop()}")
    if failed:
        module["00081198"] = {"vr": "SQ", "Value": [_failed_item(outcome, detail_tag) for outcome in failed]}
    if stored:
        module["00081199"] = {"vr": "SQ", "Value": [_stored_item(outcome, base_url) for outcome in stored]}
    return module


def _stored_item(outcome: Stored, base_url: str) -> dict[str, Any]:
    return {
        "00081150": _attribute("UI", outcome.sop_class),
        "00081155": _attribute("UI", outcome.sop),
        "00081190": _attribute("UR", instance_url(base_url, outcome.study, outcome.series, outcome.sop)),
    }


def _failed_item(outcome: Failed, detail_tag: str) -> dict[str, Any]:
    item = {}
    if outcome.sop_class:
        item["00081150"] = _attribute("UI", outcome.sop_class)
    if outcome.sop:
        item["00081155"] = _attribute("UI", outcome.sop)
    item["00081197"] = _attribute("US", outcome.reason)
    item[detail_tag] = _attribute("UT", outcome.detail)
    return item


def _attribute(vr: str, value: str | int) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


def _xml(attributes: dict[str, Any]) -> str:
    parts = []
    for tag, attribute in attributes.items():
        keyword = _KEYWORDS.get(tag) or keyword_for_tag(int(tag, 16))
        parts.append(f'<DicomAttribute tag="{tag}" vr="{attribute["vr"]}" keyword={quoteattr(keyword)}>')
        for number, value in enumerate(attribute["Value"], 1):
            if isinstance(value, dict):
                parts.append(f'<Item number="{number}">{_xml(value)}</Item>')
            else:
                parts.append(f'<Value number="{number}">{escape(str(value))}</Value>')
        parts.append("</DicomAttribute>")
    return "".join(parts)
