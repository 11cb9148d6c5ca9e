"""`DicomConfig`: v1's `dicom`, which v1beta1 has too."""

from __future__ import annotations

from typing import Literal

from emulator.deidentify import rules
from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import ALWAYS_KEPT, PRIMARY_IDS, REQUIRED
from emulator.deidentify.companions import companions
from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.config import compile_image
from emulator.deidentify.profile import Mask, Profile, Rules, TagAction
from emulator.deidentify.queries import ONE_TAG, parse_tags
from emulator.deidentify.text.plan import TextPlan

TAG_CONTENTS = "DEIDENTIFY_TAG_CONTENTS"
FILTER_PROFILES = (
    "TAG_FILTER_PROFILE_UNSPECIFIED",
    "MINIMAL_KEEP_LIST_PROFILE",
    "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE",
    "KEEP_ALL_PROFILE",
    TAG_CONTENTS,
)
_FILTERS = ("keepList", "removeList", "filterProfile")


def compile_dicom(
    config: Fields, api_version: Literal["v1", "v1beta1"], text: TextPlan, options: EngineOptions
) -> Profile:
    """The profile for `dicom` of a DeidentifyConfig, and for `image` beside it.

    keepList, removeList and filterProfile exclude each other; without any of them, or with an unspecified profile,
    everything is kept (Discovery v1, DicomConfig). Text is inspected by DEIDENTIFY_TAG_CONTENTS only.

    Raises:
        ConfigError: it is not a legal DicomConfig or ImageConfig.
    """
    dicom = config.object("dicom", (*_FILTERS, "skipIdRedaction"))
    ids = dict.fromkeys(PRIMARY_IDS, Action.KEEP if dicom.flag("skipIdRedaction") else Action.UID)
    given = dicom.present(_FILTERS)
    if len(given) > 1:
        raise ConfigError(dicom.path, f"holds {' and '.join(given)}, which exclude each other; keep one")
    image = compile_image(config, "image", api_version, options)
    if "keepList" in dicom:
        masks, in_meta = _kept(dicom)
        return Profile("keepList", rules.keep_list(masks), ids, kept_meta=in_meta, image=image, options=options)
    if "removeList" in dicom:
        return Profile("removeList", rules.remove_list(_removed(dicom)), ids, image=image, options=options)
    name = dicom.choice("filterProfile", FILTER_PROFILES)
    inspected = text if name == TAG_CONTENTS else None
    return Profile(name, rules_of(name, options), ids, text=inspected, image=image, options=options)


def rules_of(name: str, options: EngineOptions) -> Rules:
    """The rules of one of the API's four profiles; unspecified is v1's KEEP_ALL_PROFILE."""
    if name == TAG_CONTENTS:
        return rules.tag_contents()
    if name == "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE":
        return rules.basic(options.edition)
    if name == "MINIMAL_KEEP_LIST_PROFILE":
        return rules.keep_list()
    return rules.keep_all()


def _tags(dicom: Fields, name: str) -> list[tuple[str, Mask]]:
    tags = dicom.object(name, ("tags",))
    return [(path, parse_tags(text, path)) for path, text in tags.items("tags")]


def _kept(dicom: Fields) -> tuple[list[Mask], frozenset[int]]:
    """What keepList names, with what belongs to it, and which of that is file meta information."""
    kept = [mask for _path, mask in _tags(dicom, "keepList")]
    also = companions([TagAction(Action.KEEP, mask) for mask in kept])
    masks = [*kept, *(action.tags for action in also if action.tags is not None)]
    return masks, frozenset(mask.value for mask in kept if mask.value >> 16 == 0x0002)


def _removed(dicom: Fields) -> list[Mask]:
    removed = _tags(dicom, "removeList")
    for path, mask in removed:
        if mask.mask == ONE_TAG and mask.value in REQUIRED | ALWAYS_KEPT:
            raise ConfigError(path, "is required in every instance and cannot be removed; take it out of the list")
    return [mask for _path, mask in removed]
