"""`DicomTagConfig`: v1beta1's `dicomTagConfig`."""

from __future__ import annotations

from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import PRIMARY_IDS
from emulator.deidentify.companions import companions
from emulator.deidentify.config_actions import ids_under, kept_meta, read_actions
from emulator.deidentify.config_v1 import rules_of
from emulator.deidentify.errors import ConfigError
from emulator.deidentify.image_config import refuse_redaction
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.profile import Profile

_BASIC = "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"
_PROFILE_TYPES = (
    "PROFILE_TYPE_UNSPECIFIED",
    "MINIMAL_KEEP_LIST_PROFILE",
    _BASIC,
    "KEEP_ALL_PROFILE",
    "DEIDENTIFY_TAG_CONTENTS",
)
_PRIMARY_IDS_OPTIONS = ("PRIMARY_IDS_OPTION_UNSPECIFIED", "KEEP", "REGEN")


def compile_dicom_tag_config(config: Fields) -> Profile:
    """The profile for `dicomTagConfig` of a DeidentifyConfig.

    An unspecified profileType is the Basic profile (Discovery v1beta1, DicomTagConfig). Every profile regenerates the
    primary ids when `options.primaryIds` leaves it to the profile (how-to, "Replace a UID with a generated UID").

    Raises:
        ConfigError: it is not a legal DicomTagConfig, or needs text or pixels to be inspected.
    """
    tag_config = config.object("dicomTagConfig", ("profileType", "options", "actions"))
    name = tag_config.choice("profileType", _PROFILE_TYPES)
    if name == "PROFILE_TYPE_UNSPECIFIED":
        name = _BASIC
    rules = rules_of(name, tag_config.at("profileType"))
    base = _primary_ids(tag_config)
    requests = read_actions(tag_config)
    ids = ids_under(requests, dict.fromkeys(PRIMARY_IDS, base))
    asked = [request.tag_action for request in requests]
    return Profile(name, rules, ids, (*asked, *companions(asked)), kept_meta(requests))


def _primary_ids(tag_config: Fields) -> Action:
    options = tag_config.object("options", ("primaryIds", "cleanDescriptors", "cleanImage"))
    if "cleanDescriptors" in options:
        raise ConfigError(options.at("cleanDescriptors"), "inspection of text is not implemented; remove it")
    if "cleanImage" in options:
        refuse_redaction(options, "cleanImage")
    option = options.choice("primaryIds", _PRIMARY_IDS_OPTIONS)
    return Action.KEEP if option == "KEEP" else Action.UID
