"""The `actions` of a v1beta1 `DicomTagConfig`: read, checked, and their effect on the primary ids.

Discovery (v1beta1 Action) names the actions and the VRs they support; the how-to "De-identify DICOM data using the
v1beta1 DicomTagConfig" says that a list of tags takes one action and that a tag can only have one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.config.errors import Findings, JsonPath, render_path
from pipeline.config.tags import Selector, SelectorError, parse_selector
from pipeline.config.tree import as_array, as_object, strings
from pipeline.config.uid_plan import MEDIA_STORAGE_SOP_INSTANCE_UID, PRIMARY_IDS, Level, UidEffect, UidPlan

ACTIONS_PATH: JsonPath = ("dicomTagConfig", "actions")
PIXEL_DATA = "7FE00010"

_ALL_KINDS = (
    *("keepTag", "removeTag", "deleteTag", "resetTag"),
    *("cleanTextTag", "regenUidTag", "recurseTag", "cleanImageTag"),
)
_EFFECTS: dict[str, UidEffect] = {"keepTag": "keep", "regenUidTag": "regenerate"}
_CLEAN_TEXT_VRS = frozenset({"AE", "LO", "LT", "PN", "SH", "ST", "UC", "UT", "DA", "DT", "AS"})
_SUPPORTED_VRS = {
    "regenUidTag": frozenset({"UI"}),
    "recurseTag": frozenset({"SQ"}),
    "cleanTextTag": _CLEAN_TEXT_VRS,
}


@dataclass(frozen=True)
class TagAction:
    """One action with the selectors of its queries, each with its JSON path."""

    path: JsonPath
    kind: str
    selectors: tuple[tuple[JsonPath, Selector], ...]

    def selecting(self, tag: str, vr: str) -> JsonPath | None:
        """Path of the first query that selects the element, or None."""
        return next((path for path, selector in self.selectors if selector.selects(tag, vr)), None)


def read_actions(tag_config: dict[str, Any], findings: Findings) -> list[TagAction]:
    """The actions in their order; what is wrong with them is added to `findings` and left out."""
    actions = []
    for index, item in enumerate(as_array(tag_config.get("actions"))):
        if isinstance(item, dict) and (action := _read(item, (*ACTIONS_PATH, index), findings)):
            actions.append(action)
    _refuse_repeated(actions, findings)
    _warn_overlaps(actions, findings)
    return actions


def _read(item: dict[str, Any], path: JsonPath, findings: Findings) -> TagAction | None:
    kinds = [kind for kind in _ALL_KINDS if kind in item]
    if len(kinds) > 1:
        findings.refuse(path, f"holds {' and '.join(kinds)}; one action each: make an entry of its own for each")
    elif not kinds and not (set(item) - {"queries"}):  # an unknown name is the schema's to report
        findings.refuse(path, f"says no action; add one of {', '.join(_ALL_KINDS)}, for example keepTag: {{}}")
    if item.get("queries", []) == []:
        findings.refuse(path, 'has no queries, so it does nothing; add queries: ["PatientName"] or remove it')
    if len(kinds) != 1:
        return None
    selectors = []
    for index, text in strings(item.get("queries")):
        here = (*path, "queries", index)
        try:
            selector = parse_selector(text, allow_vr=True)
        except SelectorError as error:
            findings.refuse(here, str(error))
            continue
        if _supports(kinds[0], selector, here, findings):
            selectors.append((here, selector))
    return TagAction(path, kinds[0], tuple(selectors))


def _supports(kind: str, selector: Selector, path: JsonPath, findings: Findings) -> bool:
    if kind == "cleanImageTag" and selector.tag != PIXEL_DATA:
        findings.refuse(path, 'cleanImageTag applies to pixels only; write "PixelData"')
        return False
    supported = _SUPPORTED_VRS.get(kind)
    if supported and selector.vrs and not selector.vrs & supported:
        listed = ", ".join(sorted(supported))
        findings.refuse(path, f"{kind} applies to {listed} only; choose another action for this query")
        return False
    return True


def _refuse_repeated(actions: list[TagAction], findings: Findings) -> None:
    seen: dict[tuple[str, frozenset[str]], TagAction] = {}
    for action in actions:
        for path, selector in action.selectors:
            key = (selector.tag, selector.vrs if selector.kind == "vr" else frozenset())
            first = seen.setdefault(key, action)
            if first is not action:
                what = "value representation" if selector.kind == "vr" else "tag"
                findings.refuse(path, f"this {what} has an action in {render_path(first.path)}; one action each")


def _warn_overlaps(actions: list[TagAction], findings: Findings) -> None:
    """A tag named by one action and reached by its VR through another of a different kind."""
    by_vr = {vr: a for a in actions for _, s in a.selectors if s.kind == "vr" for vr in s.vrs}
    for action in actions:
        for path, selector in action.selectors:
            others = [by_vr[vr] for vr in sorted(selector.vrs) if vr in by_vr] if selector.kind == "tag" else []
            if any(other.kind != action.kind for other in others):
                findings.warn(
                    path,
                    "another action selects this tag by its value representation; the API applies actions "
                    "in the order given and does not say which wins: check one instance first",
                )


def plan_uids(base: UidEffect, actions: list[TagAction], findings: Findings) -> UidPlan:
    """Effect on each primary id: `base`, overridden by the action that selects it.

    Adds a problem for an action that would leave an instance without one of its ids, for two actions that disagree
    on an id, and for file meta information that would contradict the instance: none could be reconciled.
    """
    effects: dict[Level, UidEffect] = {}
    for level, (tag, keyword) in PRIMARY_IDS.items():
        effects[level] = base
        decided: str | None = None
        for action in actions:
            path = action.selecting(tag, "UI")
            if path is None:
                continue
            effect = _EFFECTS.get(action.kind)
            if effect is None:
                findings.refuse(path, _loses_id(action.kind, keyword))
            elif decided not in {None, action.kind}:
                findings.refuse(path, f"{keyword} is under another action already; one action each")
            else:
                decided, effects[level] = action.kind, effect
    _check_file_meta(effects["sop"], actions, findings)
    return UidPlan(**effects)


def _loses_id(kind: str, keyword: str) -> str:
    return (
        f"{kind} would take {keyword} away, and the destination could not be reconciled with the source; "
        "use keepTag or regenUidTag for it, or name other tags one by one"
    )


def _check_file_meta(sop: UidEffect, actions: list[TagAction], findings: Findings) -> None:
    for action in actions:
        for path, selector in action.selectors:
            if selector.tag != MEDIA_STORAGE_SOP_INSTANCE_UID:
                continue
            effect = _EFFECTS.get(action.kind)
            if effect is None:
                findings.refuse(path, _loses_id(action.kind, "MediaStorageSOPInstanceUID"))
            elif effect != sop:
                findings.refuse(path, "must have the same effect as on SOPInstanceUID; query both in one action")


def cleans_text(tag_config: dict[str, Any]) -> bool:
    """Whether an action or option has text in tags inspected."""
    actions = as_array(tag_config.get("actions"))
    options = as_object(tag_config.get("options"))
    return "cleanDescriptors" in options or any("cleanTextTag" in as_object(action) for action in actions)
