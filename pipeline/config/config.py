"""A de-identification configuration, checked before anything starts."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from pipeline.config.discovery import ApiVersion
from pipeline.config.errors import ConfigError, Findings, Problem
from pipeline.config.keys import check_keys, check_keys_given, with_key_digests, with_standard_base64
from pipeline.config.parse import read_body
from pipeline.config.rules_text import (
    check_dates_have_a_key,
    check_images,
    check_other_stores,
    check_region,
    check_text,
)
from pipeline.config.rules_v1 import check_dicom
from pipeline.config.rules_v1beta1 import BASIC, check_dicom_tag_config
from pipeline.config.schema import check_schema
from pipeline.config.tree import as_object
from pipeline.config.uid_plan import UidPlan

_GCS_OBJECT = re.compile(r"gs://[^/]+/.+")
_SMALLEST_SAFE = f'{{"dicomTagConfig": {{"profileType": "{BASIC}"}}}}'
# Members of a request body that holds a DeidentifyConfig under `config` (Discovery, DeidentifyDicomStoreRequest
# and DeidentifyDatasetRequest).
_REQUEST_MEMBERS = frozenset({"config", "destinationstore", "destinationdataset", "filterconfig", "gcsconfiguri"})


@dataclass(frozen=True, repr=False)
class DeidentifyConfig:
    """A configuration that passed all checks.

    `body` is the `DeidentifyConfig` message in camelCase, keys in standard base64: it holds secrets and is for
    request bodies only. `digest` identifies the configuration in the audit, the same for every spelling of one
    configuration and without its keys being recoverable from it. `warnings` are sentences for a person.
    """

    body: dict[str, Any] = field(hash=False)
    api_version: ApiVersion
    digest: str
    uid_plan: UidPlan
    warnings: tuple[str, ...]

    def request_body(self, destination_store: str, filter_uri: str) -> dict[str, Any]:
        """Body of `dicomStores.deidentify` that takes the instances listed in the object `filter_uri` (gs://...).

        Raises `ValueError` without a destination or filter file: a request without one de-identifies the whole store.
        """
        if not destination_store or not _GCS_OBJECT.fullmatch(filter_uri):
            raise ValueError("a request needs a destination store and a filter file (gs://bucket/object)")
        return {
            "destinationStore": destination_store,
            "config": copy.deepcopy(self.body),
            "filterConfig": {"resourcePathsGcsUri": filter_uri},
        }

    def __repr__(self) -> str:
        return f"DeidentifyConfig(api_version={self.api_version!r}, digest={self.digest!r}, uid_plan={self.uid_plan!r})"


def load_config(text: str, *, name: str, operations_may_exceed_one: bool) -> DeidentifyConfig:
    """Read and check a `DeidentifyConfig` (JSON or YAML); see `parse_config` for `name`.

    `operations_may_exceed_one` also asks for explicit keys, as `check_key_consistency` does later with the number.

    Raises `ConfigError` with every mistake found.
    """
    findings = Findings()
    body = read_body(text, name=name, findings=findings)
    _refuse_request_body(body, name)
    version = _choose_version(body, findings)
    check_schema(body, version, findings)
    plan = _check_tags(body, findings)
    for check in (check_text, check_images, check_region, check_keys, check_other_stores):
        check(body, findings)
    if operations_may_exceed_one:
        _check_consistency(body, version, findings)
    if findings.problems:
        raise ConfigError(name, findings.problems)
    body = with_standard_base64(body)
    return DeidentifyConfig(body, version, _digest(body, version), plan, tuple(findings.warnings))


def check_key_consistency(config: DeidentifyConfig, operations: int) -> None:
    """Refuse a configuration whose hashes or date shifts would differ between operations, if there are several.

    Raises `ConfigError` naming each transformation without a key, and date shifts that apply by default.
    """
    findings = Findings()
    if operations > 1:
        _check_consistency(config.body, config.api_version, findings)
    if findings.problems:
        raise ConfigError("de-identification configuration", findings.problems)


def _refuse_request_body(body: dict[str, Any], name: str) -> None:
    found = [name for name in body if name.replace("_", "").lower() in _REQUEST_MEMBERS]
    if found and "dicom" not in body and "dicomTagConfig" not in body:
        cure = "give the DeidentifyConfig itself, the object that holds dicomTagConfig or dicom"
        what = "wraps the configuration in config" if found == ["config"] else "is a request body"
        raise ConfigError(name, [Problem("$", f"the file {what}; {cure}")])


def _choose_version(body: dict[str, Any], findings: Findings) -> ApiVersion:
    """v1 for `dicom`, v1beta1 for `dicomTagConfig`; with a mistake here, the version to check the rest against."""
    beta, v1 = "dicomTagConfig" in body, "dicom" in body
    if beta and v1:
        findings.refuse((), "holds dicom (v1) and dicomTagConfig (v1beta1), which exclude each other; keep one")
    if not beta and not v1:
        findings.refuse((), f"says nothing about DICOM tags; the smallest safe configuration is {_SMALLEST_SAFE}")
    return "v1" if v1 and not beta else "v1beta1"


def _check_tags(body: dict[str, Any], findings: Findings) -> UidPlan:
    plan = UidPlan("regenerate", "regenerate", "regenerate")
    if isinstance(body.get("dicom"), dict):
        plan = check_dicom(as_object(body["dicom"]), findings)
    if isinstance(body.get("dicomTagConfig"), dict):
        plan = check_dicom_tag_config(body, findings)
    return plan


def _check_consistency(body: dict[str, Any], version: ApiVersion, findings: Findings) -> None:
    check_keys_given(body, findings)
    check_dates_have_a_key(body, version, findings)


def _digest(body: dict[str, Any], version: ApiVersion) -> str:
    """First 32 hexadecimal digits of SHA-256 over the canonical JSON of version and body, keys as digests."""
    content = {"apiVersion": version, "config": with_key_digests(body)}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:32]
