"""Compiling a `DeidentifyConfig`, v1 (`dicom`) or v1beta1 (`dicomTagConfig`), into a `Profile`.

Fields and defaults follow the Discovery documents of the Healthcare API and the how-to "De-identify DICOM data using
DicomTagConfig". What the engine cannot do is refused with its JSON path, never done in part.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from emulator.deidentify.config_v1 import compile_dicom
from emulator.deidentify.config_v1beta1 import compile_dicom_tag_config
from emulator.deidentify.errors import ConfigError
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.profile import Profile
from emulator.deidentify.text.keys import KeySource
from emulator.deidentify.text.plan import compile_text
from emulator.deidentify.text.plugins import PluginError, load

API_VERSIONS = ("v1", "v1beta1")
OPERATION_KEY_BYTES = 32
"""Length of the key an operation makes for transformations that name none."""

_V1 = ("dicom", "fhir", "image", "text", "useRegionalDataProcessing")
_V1BETA1 = (*_V1, "dicomTagConfig", "fhirFieldConfig", "operationMetadata")
_V1BETA1_ONLY = dict.fromkeys(
    ("dicomTagConfig", "dicom_tag_config", "fhirFieldConfig", "fhir_field_config", "operationMetadata"),
    "exists in v1beta1 only; send the request to v1beta1",
)
_FHIR = ("fhir", "fhirFieldConfig", "operationMetadata")


def compile_config(
    config: Mapping[str, Any],
    api_version: str | None = None,
    *,
    options: EngineOptions | None = None,
    keys: KeySource | None = None,
) -> Profile:
    """Compile a DeidentifyConfig given as a JSON object, in camelCase or snake_case.

    Args:
        config: the object itself, not the request that holds it.
        api_version: "v1", "v1beta1", or None when the configuration may be of either.
        options: the engine's settings; by default those of the API.
        keys: where keys come from that are not in the configuration; by default a new one is made for those that none
            is given for, as the API makes one for each operation, and no KMS key can be used.

    Raises:
        ConfigError: it is not a legal configuration, or asks for what the engine cannot do here: a key that is wrapped
            by an unknown KMS key, redaction without the packages that read text in pixels.
        ValueError: `api_version` is something else.
    """
    if api_version not in {None, *API_VERSIONS}:
        raise ValueError(f"api_version must be one of {', '.join(API_VERSIONS)} or None")
    options = options or EngineOptions()
    _load_finders(options.finders)
    v1 = api_version == "v1"
    fields = Fields(config, "$", _V1 if v1 else _V1BETA1, _V1BETA1_ONLY if v1 else _wrapped(config))
    _check_rest(fields)
    given = fields.present(["dicom", "dicomTagConfig"])
    version: Literal["v1", "v1beta1"] = "v1" if v1 or (given == ["dicom"] and api_version is None) else "v1beta1"
    text = compile_text(fields, "text", version, keys or KeySource(secrets.token_bytes(OPERATION_KEY_BYTES)), options)
    if given == ["dicom"]:
        return compile_dicom(fields, version, text, options)
    if given == ["dicomTagConfig"]:
        return compile_dicom_tag_config(fields, text, options)
    if given:
        raise ConfigError("$", "holds both dicom and dicomTagConfig, which exclude each other; keep one")
    cure = '"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}'
    if not v1:
        cure = f'"dicomTagConfig": {{"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}} (v1beta1) or {cure}'
    raise ConfigError("$", f"says nothing about DICOM tags; add {cure}")


def _load_finders(names: Iterable[str]) -> None:
    """Have every finder that people bring at hand, before an instance needs it."""
    for name in names:
        try:
            load(name)
        except PluginError as error:
            raise ConfigError("$", f"cannot be carried out: {error}") from error


def _wrapped(config: object) -> dict[str, str]:
    """What to say when a whole request body is given in place of its configuration."""
    if isinstance(config, Mapping) and "config" in config:
        return {"config": "is a field of the request; give the DeidentifyConfig inside it"}
    return {}


def _check_rest(fields: Fields) -> None:
    """The fields beside the tag configuration: those for FHIR stores do not concern an instance."""
    for name in fields.present(_FHIR):
        fields.mapping(name)
    fields.flag("useRegionalDataProcessing")
