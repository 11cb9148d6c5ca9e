"""What the Discovery schema cannot say about v1's `dicom` (DicomConfig), and its effect on the primary ids."""

from __future__ import annotations

from typing import Any

from pipeline.config.errors import Findings, JsonPath
from pipeline.config.tags import REQUIRED_KEYWORDS, SelectorError, parse_selector
from pipeline.config.tree import as_object, strings
from pipeline.config.uid_plan import UidEffect, UidPlan

FILTERS = ("filterProfile", "keepList", "removeList")
SAFE_V1 = '"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"'


def check_dicom(dicom: dict[str, Any], findings: Findings) -> UidPlan:
    """Add the problems and warnings of a DicomConfig; answers its UID plan.

    The ids are regenerated unless `skipIdRedaction` is true, whatever the filter (Discovery, v1 DicomConfig).
    """
    path: JsonPath = ("dicom",)
    given = [name for name in FILTERS if name in dicom]
    if len(given) > 1:
        findings.refuse(path, f"holds {' and '.join(given)}, which exclude each other; keep one")
    if not given:
        findings.refuse(path, f"says nothing about tags, and v1 then keeps them all; add {SAFE_V1}")
    _check_profile(dicom.get("filterProfile"), (*path, "filterProfile"), findings)
    _check_list(dicom, "keepList", findings)
    _check_list(dicom, "removeList", findings)
    effect: UidEffect = "keep" if dicom.get("skipIdRedaction") is True else "regenerate"
    return UidPlan(effect, effect, effect)


def _check_profile(profile: object, path: JsonPath, findings: Findings) -> None:
    if profile == "TAG_FILTER_PROFILE_UNSPECIFIED":
        findings.refuse(path, f"means KEEP_ALL_PROFILE in v1: every tag stays; write the one you want: {SAFE_V1}")
    if profile == "KEEP_ALL_PROFILE":
        findings.warn(path, "every tag keeps its value, names and dates included; only UIDs are replaced")


def _check_list(dicom: dict[str, Any], name: str, findings: Findings) -> None:
    if not isinstance(dicom.get(name), dict):
        return
    path: JsonPath = ("dicom", name)
    tags = as_object(dicom[name]).get("tags", [])
    if name == "removeList" and tags == []:
        findings.refuse(path, f"names no tag, so all but overlays stay; add tags, or use {SAFE_V1}")
    for index, text in strings(tags):
        here = (*path, "tags", index)
        try:
            selector = parse_selector(text, allow_vr=False)
        except SelectorError as error:
            findings.refuse(here, str(error))
            continue
        if name == "removeList" and selector.keyword in REQUIRED_KEYWORDS:
            findings.refuse(here, "the API keeps this tag in every instance and refuses its removal; take it out")
