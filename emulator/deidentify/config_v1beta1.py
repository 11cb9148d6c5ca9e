"""`DicomTagConfig`: v1beta1's `dicomTagConfig`."""

from __future__ import annotations

from emulator.deidentify import rules
from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import PRIMARY_IDS
from emulator.deidentify.companions import companions
from emulator.deidentify.config_actions import Request, ids_under, kept_meta, read_actions
from emulator.deidentify.config_v1 import TAG_CONTENTS, rules_of
from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.config import ImagePlan, compile_image
from emulator.deidentify.profile import Profile
from emulator.deidentify.text.plan import TextPlan

_BASIC = "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"
_PROFILE_TYPES = (
    "PROFILE_TYPE_UNSPECIFIED",
    "MINIMAL_KEEP_LIST_PROFILE",
    _BASIC,
    "KEEP_ALL_PROFILE",
    TAG_CONTENTS,
)
_PRIMARY_IDS_OPTIONS = ("PRIMARY_IDS_OPTION_UNSPECIFIED", "KEEP", "REGEN")


def compile_dicom_tag_config(config: Fields, text: TextPlan, options: EngineOptions) -> Profile:
    """The profile for `dicomTagConfig` of a DeidentifyConfig.

    An unspecified profileType is the Basic profile (Discovery v1beta1, DicomTagConfig). Every profile regenerates the
    primary ids when `options.primaryIds` leaves it to the profile (how-to, "Replace a UID with a generated UID").
    Text is inspected by DEIDENTIFY_TAG_CONTENTS, by `options.cleanDescriptors` and by cleanTextTag.

    Raises:
        ConfigError: it is not a legal DicomTagConfig, or asks for pixels beside it.
    """
    if "image" in config and compile_image(config, "image", "v1beta1", options) is not None:
        raise ConfigError(
            config.at("image"),
            "stands beside dicomTagConfig, and what the API does then is not documented; move it to "
            "$.dicomTagConfig.options.cleanImage",
        )
    tag_config = config.object("dicomTagConfig", ("profileType", "options", "actions"))
    name = tag_config.choice("profileType", _PROFILE_TYPES)
    if name == "PROFILE_TYPE_UNSPECIFIED":
        name = _BASIC
    tag_options = tag_config.object("options", ("primaryIds", "cleanDescriptors", "cleanImage"))
    tag_options.object("cleanDescriptors", ())
    requests = read_actions(tag_config, options)
    asked = [request.tag_action for request in requests]
    descriptors = "cleanDescriptors" in tag_options
    inspects = name == TAG_CONTENTS or descriptors or any(one.action is Action.CLEAN_TEXT for one in asked)
    return Profile(
        name,
        rules_of(name, options),
        ids_under(requests, dict.fromkeys(PRIMARY_IDS, _primary_ids(tag_options))),
        (*asked, *companions(asked)),
        kept_meta(requests),
        descriptors=rules.cleaned_descriptors(options.edition) if descriptors else frozenset(),
        contextual=descriptors,
        text=text if inspects else None,
        image=_image(tag_options, requests, options),
        options=options,
    )


def _primary_ids(tag_options: Fields) -> Action:
    option = tag_options.choice("primaryIds", _PRIMARY_IDS_OPTIONS)
    return Action.KEEP if option == "KEEP" else Action.UID


def _image(tag_options: Fields, requests: list[Request], options: EngineOptions) -> ImagePlan | None:
    """What is redacted: as the first action that hits Pixel Data says; without one as `options.cleanImage` says."""
    by_option = compile_image(tag_options, "cleanImage", "v1beta1", options)
    first = next((one for one in requests if one.hits_pixels), None)
    return by_option if first is None else first.image
