"""The `actions` of a DicomTagConfig: read, and checked for what would leave no instance."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import (
    ALWAYS_KEPT,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    PIXEL_DATA,
    PRIMARY_IDS,
    REQUIRED,
    SOP_INSTANCE_UID,
    TEXT_VRS,
)
from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.config import ImagePlan, compile_image
from emulator.deidentify.profile import Mask, TagAction
from emulator.deidentify.queries import ONE_TAG, known_vr, parse_query

_KINDS: Final = {
    "keepTag": Action.KEEP,
    "removeTag": Action.EMPTY,
    "deleteTag": Action.DELETE,
    "resetTag": Action.DUMMY,
    "regenUidTag": Action.UID,
    "recurseTag": Action.RECURSE,
    "cleanTextTag": Action.CLEAN_TEXT,
    "cleanImageTag": Action.KEEP,
}
_VRS: Final = {"regenUidTag": frozenset({"UI"}), "recurseTag": frozenset({"SQ"}), "cleanTextTag": TEXT_VRS}
_ID_ACTIONS: Final = frozenset({Action.KEEP, Action.UID, Action.UID_UNLESS_STANDARD})


@dataclasses.dataclass(frozen=True)
class Request:
    """One query with the action it stands under: its JSON path, the action's path, its field name and its meaning.

    `image` is what cleanImageTag asks for; None for other actions and when it asks for nothing.
    """

    path: str
    action_path: str
    kind: str
    tag_action: TagAction
    image: ImagePlan | None = None

    @property
    def hits_pixels(self) -> bool:
        """Whether it is about Pixel Data, whichever VR that has."""
        return any(self.tag_action.hits(PIXEL_DATA, vr) for vr in ("OB", "OW"))


def read_actions(tag_config: Fields, options: EngineOptions) -> list[Request]:
    """The queries of all actions, in their order.

    Raises:
        ConfigError: an action or query is not legal, or would leave an unreadable instance.
    """
    requests: list[Request] = []
    for path, item in tag_config.items("actions"):
        requests += _read_action(Fields(item, path, ("queries", *_KINDS)), options)
    _refuse_repeated(requests)
    _refuse_unreadable_pixels(requests)
    return requests


def _read_action(fields: Fields, options: EngineOptions) -> list[Request]:
    given = fields.present(_KINDS)
    if len(given) != 1:
        what = f"holds {' and '.join(given)}" if given else "says no action"
        raise ConfigError(fields.path, f"{what}; write one of {', '.join(_KINDS)} in each entry")
    kind = given[0]
    image: ImagePlan | None = None
    if kind == "cleanImageTag":
        image = compile_image(fields, kind, "v1beta1", options)
    else:
        fields.object(kind, ())
    queries = fields.items("queries")
    if not queries:
        raise ConfigError(fields.path, 'has no queries and does nothing; add queries: ["PatientName"] or remove it')
    return [dataclasses.replace(_read_query(text, path, kind, fields.path), image=image) for path, text in queries]


def _read_query(text: object, path: str, kind: str, action_path: str) -> Request:
    query = parse_query(text, path)
    action = _KINDS[kind]
    _refuse_other_vr(query, kind, path)
    if isinstance(query, str):
        if action is Action.UID:
            action = Action.UID_UNLESS_STANDARD
        return Request(path, action_path, kind, TagAction(action, vr=query))
    _refuse_on_needed(query, action, path)
    return Request(path, action_path, kind, TagAction(action, tags=query))


def _refuse_other_vr(query: Mask | str, kind: str, path: str) -> None:
    if kind == "cleanImageTag" and query != Mask(ONE_TAG, PIXEL_DATA):
        raise ConfigError(path, 'cleanImageTag applies to pixels only; write "PixelData"')
    supported = _VRS.get(kind)
    vr = query if isinstance(query, str) else known_vr(query)
    if supported and vr and vr not in supported:
        listed = ", ".join(sorted(supported))
        raise ConfigError(path, f"{kind} applies to elements of VR {listed} only; choose another action")


def _refuse_on_needed(tags: Mask, action: Action, path: str) -> None:
    """Elements an instance cannot be read without keep their value; file meta information is written anew."""
    if tags.mask != ONE_TAG or action is Action.KEEP:
        return
    if tags.value in ALWAYS_KEPT:
        raise ConfigError(path, "the instance cannot be read without this element; only keepTag is possible")
    if tags.value >> 16 != 0x0002 or (tags.value == MEDIA_STORAGE_SOP_INSTANCE_UID and action in _ID_ACTIONS):
        return
    if tags.value in REQUIRED or action is not Action.DELETE:
        raise ConfigError(
            path, "is file meta information, which is written anew; only keepTag and deleteTag of optional"
        )


def _refuse_repeated(requests: list[Request]) -> None:
    seen: dict[tuple[Mask | None, str | None], Request] = {}
    for request in requests:
        key = (request.tag_action.tags, request.tag_action.vr)
        first = seen.setdefault(key, request)
        if first.action_path != request.action_path:
            raise ConfigError(request.path, f"has an action in {first.action_path}; a tag can have one only")


def _refuse_unreadable_pixels(requests: list[Request]) -> None:
    """Pixel Data can be kept or left out; emptied or reset it contradicts its own description."""
    for vr in ("OB", "OW"):
        first = next((r for r in requests if r.tag_action.hits(PIXEL_DATA, vr)), None)
        if first and first.tag_action.action not in {Action.KEEP, Action.DELETE}:
            raise ConfigError(
                first.path,
                f"{first.kind} would leave PixelData unreadable; use deleteTag, or keepTag for it before this",
            )


def ids_under(requests: list[Request], base: Mapping[int, Action]) -> dict[int, Action]:
    """What happens to the primary ids: `base`, overridden by the first query that hits each.

    Raises:
        ConfigError: one would be lost, or the file meta information contradict the data set.
    """
    ids = dict(base)
    for tag in PRIMARY_IDS:
        first = next((r for r in requests if r.tag_action.hits(tag, "UI")), None)
        if first is None:
            continue
        if first.tag_action.action not in _ID_ACTIONS:
            raise ConfigError(
                first.path,
                f"{first.kind} would leave the instance without one of its ids; use keepTag or regenUidTag for them, "
                "or name other tags one by one",
            )
        ids[tag] = Action.KEEP if first.tag_action.action is Action.KEEP else Action.UID
    for request in requests:
        tags = request.tag_action.tags
        if (
            tags
            and tags.value == MEDIA_STORAGE_SOP_INSTANCE_UID
            and request.tag_action.action is not ids[SOP_INSTANCE_UID]
        ):
            raise ConfigError(request.path, "must have the same effect as on SOPInstanceUID; query both in one action")
    return ids


def kept_meta(requests: list[Request]) -> frozenset[int]:
    """File meta information elements that keepTag names."""
    kept = (r.tag_action.tags for r in requests if r.tag_action.action is Action.KEEP)
    return frozenset(tags.value for tags in kept if tags is not None and tags.value >> 16 == 0x0002)
