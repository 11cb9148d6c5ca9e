"""Text, pixels and regional processing: what Discovery says in prose, for both versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.config.actions import cleans_text
from pipeline.config.discovery import ApiVersion
from pipeline.config.errors import Findings, JsonPath
from pipeline.config.tree import as_array, as_object

TRANSFORMATIONS = (
    *("redactConfig", "characterMaskConfig", "cryptoHashConfig"),
    *("dateShiftConfig", "replaceWithInfoTypeConfig"),
)
TRANSFORMATION_LISTS = ("transformations", "additionalTransformations")
_DATES = ("DATE", "DATE_OF_BIRTH")
_NOT_REGIONAL = ("LOCATION", "ORGANIZATION_NAME")
_SENSITIVE = ("REDACT_SENSITIVE_TEXT", "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS")
_NO_MODE = "TEXT_REDACTION_MODE_UNSPECIFIED"


def inspects_text(body: dict[str, Any]) -> bool:
    """Whether the text of tags is inspected: by profile, by an action, or by an option."""
    tag_config = as_object(body.get("dicomTagConfig"))
    profiles = (tag_config.get("profileType"), as_object(body.get("dicom")).get("filterProfile"))
    return "DEIDENTIFY_TAG_CONTENTS" in profiles or cleans_text(tag_config)


def transformations(body: dict[str, Any]) -> Iterator[tuple[JsonPath, dict[str, Any]]]:
    """The info type transformations of `text`, with their paths."""
    text = as_object(body.get("text"))
    for name in TRANSFORMATION_LISTS:
        for index, item in enumerate(as_array(text.get(name))):
            if isinstance(item, dict):
                yield ("text", name, index), item


def check_text(body: dict[str, Any], findings: Findings) -> None:
    """Each transformation does exactly one thing; `text` has something to work on."""
    text = as_object(body.get("text"))
    for path, item in transformations(body):
        kinds = [kind for kind in TRANSFORMATIONS if kind in item]
        if len(kinds) > 1:
            findings.refuse(path, f"holds {' and '.join(kinds)}, which exclude each other; keep one")
        elif not kinds and not (set(item) - {"infoTypes"}):
            findings.refuse(path, f"says which info types but not what to do; add one of {', '.join(TRANSFORMATIONS)}")
        mask = as_object(item.get("characterMaskConfig")).get("maskingCharacter")
        if isinstance(mask, str) and len(mask) > 1:
            findings.refuse((*path, "characterMaskConfig", "maskingCharacter"), "must be a single character")
    _check_info_types(body, findings)
    if "transformations" in text:
        findings.warn(("text", "transformations"), "is deprecated; name it additionalTransformations")
    if "text" in body and not inspects_text(body):
        findings.warn(("text",), "has no effect on tags: no profile, action or option here inspects their text")


def _check_info_types(body: dict[str, Any], findings: Findings) -> None:
    """Every info type has one transformation: which of two would be carried out is documented nowhere."""
    seen: set[str] = set()
    for path, item in transformations(body):
        names = as_array(item.get("infoTypes"))
        listed = [name for name in names if isinstance(name, str)]
        where = (*path, "infoTypes")
        if not names and "" in seen:
            findings.refuse(where, "this is the second transformation without info types; name those of one of them")
        for name in listed:
            if name in seen:
                findings.refuse(where, f"{name} has a transformation already; keep one")
            if "dateShiftConfig" in item and name not in _DATES:
                findings.warn(where, f"{name} is no date, and dateShiftConfig shifts dates only")
        seen.update(listed or [""])


def check_dates_have_a_key(body: dict[str, Any], version: ApiVersion, findings: Findings) -> None:
    """Refuse date shifts nobody wrote down: they use a key of each operation's own.

    v1beta1 `text.profileType` unspecified or BASIC shifts what is found as DATE (Discovery); what v1 does with a
    DATE that no transformation names is not documented, and is taken for the same. A v1beta1 transformation without
    infoTypes is for "any info_type that is not specified in another", which may leave DATE to the profile.
    """
    text = as_object(body.get("text"))
    if not (inspects_text(body) or (version == "v1beta1" and "text" in body)):
        return
    if version == "v1beta1" and text.get("profileType") == "EMPTY":
        return
    if "DATE" in as_array(text.get("excludeInfoTypes")):
        return
    for _, item in transformations(body):
        info_types = as_array(item.get("infoTypes"))
        if "DATE" in info_types or (version == "v1" and not info_types):
            return
    findings.refuse(
        ("text",),
        "dates found in text are shifted by default, with a key of each operation's own, so that one patient's "
        'dates would differ between operations; add to additionalTransformations {"infoTypes": ["DATE"], '
        '"dateShiftConfig": {"cryptoKey": ...}} (make a key with: openssl rand -base64 32), or exclude DATE',
    )


def check_images(body: dict[str, Any], findings: Findings) -> None:
    """Info type lists stand only with the modes that use them (Discovery, v1beta1 ImageConfig)."""
    for path, image in _images(body):
        mode = image.get("textRedactionMode", _NO_MODE)
        if "additionalInfoTypes" in image and mode not in (*_SENSITIVE, _NO_MODE):
            findings.refuse((*path, "additionalInfoTypes"), f"needs textRedactionMode {' or '.join(_SENSITIVE)}")
        if "excludeInfoTypes" in image and mode not in _SENSITIVE:
            findings.refuse((*path, "excludeInfoTypes"), f"needs textRedactionMode {' or '.join(_SENSITIVE)}")
        if mode == _NO_MODE and not ({"additionalInfoTypes", "customRegexes"} & set(image)):
            findings.warn(path, "textRedactionMode is not specified and means REDACT_NO_TEXT: text in pixels stays")


def _images(body: dict[str, Any]) -> Iterator[tuple[JsonPath, dict[str, Any]]]:
    tag_config = as_object(body.get("dicomTagConfig"))
    places: list[tuple[JsonPath, object]] = [
        (("image",), body.get("image")),
        (("dicomTagConfig", "options", "cleanImage"), as_object(tag_config.get("options")).get("cleanImage")),
    ]
    for index, action in enumerate(as_array(tag_config.get("actions"))):
        places.append((("dicomTagConfig", "actions", index, "cleanImageTag"), as_object(action).get("cleanImageTag")))
    return ((path, image) for path, image in places if isinstance(image, dict))


def check_region(body: dict[str, Any], findings: Findings) -> None:
    """`useRegionalDataProcessing` excludes the info types LOCATION and ORGANIZATION_NAME (Discovery)."""
    if body.get("useRegionalDataProcessing") is not True:
        return
    for path, item in transformations(body):
        if any(name in as_array(item.get("infoTypes")) for name in _NOT_REGIONAL):
            findings.refuse(
                (*path, "infoTypes"),
                f"useRegionalDataProcessing cannot find {' or '.join(_NOT_REGIONAL)}; take them out",
            )
    text = as_object(body.get("text"))
    if "dicom" in body and inspects_text(body) and "LOCATION" not in as_array(text.get("excludeInfoTypes")):
        findings.refuse(
            ("useRegionalDataProcessing",),
            'needs LOCATION left out of the text: add "excludeInfoTypes": ["LOCATION"] to $.text',
        )


def check_other_stores(body: dict[str, Any], findings: Findings) -> None:
    """Fields about FHIR stores: legal, and without effect on DICOM."""
    for name in ("fhir", "fhirFieldConfig"):
        if name in body:
            findings.warn((name,), "has no effect on a DICOM store")
    if "operationMetadata" in body:
        findings.warn(("operationMetadata",), "makes the API write about its work to a FHIR store, not checked here")
