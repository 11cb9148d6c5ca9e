"""What the Discovery schema cannot say about v1beta1's `dicomTagConfig`, and its effect on the primary ids."""

from __future__ import annotations

from typing import Any

from pipeline.config.actions import plan_uids, read_actions
from pipeline.config.errors import Findings, JsonPath
from pipeline.config.tree import as_object
from pipeline.config.uid_plan import UidEffect, UidPlan

BASIC = "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"


def check_dicom_tag_config(body: dict[str, Any], findings: Findings) -> UidPlan:
    """Add the problems and warnings of a configuration with `dicomTagConfig`; answers its UID plan.

    Order of decision (Discovery, v1beta1 DicomTagConfig): actions over `options.primaryIds` over the profile. Every
    profile regenerates the ids when `primaryIds` leaves it to the profile (how-to, "Replace a UID").
    """
    tag_config = as_object(body.get("dicomTagConfig"))
    _check_profile(tag_config, findings)
    _check_places(body, findings)
    primary_ids = as_object(tag_config.get("options")).get("primaryIds")
    base: UidEffect = "keep" if primary_ids == "KEEP" else "regenerate"
    return plan_uids(base, read_actions(tag_config, findings), findings)


def _check_profile(tag_config: dict[str, Any], findings: Findings) -> None:
    path: JsonPath = ("dicomTagConfig", "profileType")
    profile = tag_config.get("profileType", "PROFILE_TYPE_UNSPECIFIED")
    if profile == "PROFILE_TYPE_UNSPECIFIED":
        findings.warn(path, f"is not specified and means {BASIC} in v1beta1; write it to be explicit")
    if profile == "KEEP_ALL_PROFILE":
        findings.warn(path, "every tag that no action or option names keeps its value, names and dates included")


def _check_places(body: dict[str, Any], findings: Findings) -> None:
    """Fields of the configuration that belong to DicomConfig's world, or to another kind of store."""
    if "image" in body:
        findings.refuse(
            ("image",),
            "whether the API heeds it beside dicomTagConfig is not documented, and text could stay in the pixels; "
            "move it to $.dicomTagConfig.options.cleanImage",
        )
