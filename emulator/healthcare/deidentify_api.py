"""`dicomStores.deidentify`: what a request may ask for, and the start of its operation."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator.deidentify import ConfigError, KeyRing, KeyRingError, KeySource, Profile, compile_config
from emulator.deidentify.config import OPERATION_KEY_BYTES
from emulator.errors import GoogleError
from emulator.healthcare import discovery
from emulator.healthcare.calls import Call
from emulator.healthcare.deidentify_run import DeidentifyJob, DeidentifyRun, DeidentifyTools
from emulator.healthcare.names import DatasetName, DicomStoreName, LocationName, check_id
from emulator.healthcare.operations import Running
from emulator.healthcare.runner import Control, OperationRunner, Work
from emulator.objects import ObjectNotFound

_OBJECT_URI = re.compile(r"gs://[^/]+/.+", re.DOTALL)


class DeidentifyMethods:
    """Starts de-identify operations, and takes them up again after a restart."""

    def __init__(self, tools: DeidentifyTools, runner: OperationRunner) -> None:
        """Start operations in `runner`."""
        self._tools = tools
        self._runner = runner

    def deidentify_dicom_store(self, call: Call) -> dict[str, Any]:
        """`dicomStores.deidentify`: check all that can be checked now, start, and answer {"name": ...}.

        Raises:
            GoogleError: 400 for a request or configuration that cannot be carried out, 404 (403) for a store that
                does not exist, 429 when too many operations run.
        """
        version = call.method.api_version
        project, location, dataset_id, store_id = call.ids
        dataset = DatasetName(LocationName(project, location), check_id(dataset_id, "dataset id"))
        source = DicomStoreName(dataset, check_id(store_id, "DICOM store id"))
        self._tools.catalogue.require_dicom_store(str(source))
        destination = self._destination(source, call.body)
        filter_uri = _filter_uri(call.body)
        config = self._config(version, call.body)
        operation_key = secrets.token_bytes(OPERATION_KEY_BYTES)
        request = {
            "api_version": version,
            "source": str(source),
            "destination": str(destination),
            "filter_uri": filter_uri,
            "config": config,
            "operation_key": base64.b64encode(operation_key).decode("ascii"),
        }
        profile = self._compile(config, version, operation_key)
        name = self._tools.operations.create(
            str(dataset),
            version,
            f"google.cloud.healthcare.{version}.deidentify.DeidentifyService.DeidentifyDicomStore",
            request,
            self._tools.settings.max_concurrent_deidentify_operations,
        )
        job = DeidentifyJob(name, version, str(source), str(destination), filter_uri, profile)
        self._runner.start(name, self._work(job))
        return {"name": name}

    def work_for(self, record: Running) -> Work:
        """The work that an operation of an earlier server process has still to do."""
        request = record.request
        assert request is not None  # noqa: S101 - the runner resumes only operations with a request

        def work(control: Control) -> dict[str, Any]:
            job = DeidentifyJob(
                record.name,
                request["api_version"],
                request["source"],
                request["destination"],
                request["filter_uri"],
                self._compile(request["config"], request["api_version"], base64.b64decode(request["operation_key"])),
                resumed=True,
            )
            return DeidentifyRun(self._tools, job, control)()

        return work

    def _work(self, job: DeidentifyJob) -> Callable[[Control], dict[str, Any]]:
        return lambda control: DeidentifyRun(self._tools, job, control)()

    def _compile(self, config: dict[str, Any], version: str, operation_key: bytes) -> Profile:
        """The profile for a configuration; the same for the whole life of an operation, restarts included.

        Args:
            config: a DeidentifyConfig.
            version: "v1" or "v1beta1".
            operation_key: for transformations without a key of their own, which the API makes for each operation.

        Raises:
            GoogleError: 400, the configuration cannot be carried out.
        """
        settings = self._tools.settings
        try:
            ring = KeyRing.load(Path(settings.kms_key_ring)) if settings.kms_key_ring else None
            keys = KeySource(operation_key, ring)
            return compile_config(config, version, options=settings.engine_options, keys=keys)
        except ConfigError as error:
            raise GoogleError(400, f"Invalid DeidentifyConfig: {error}") from error
        except KeyRingError as error:
            raise GoogleError(400, f"The setting kms_key_ring: {error}") from error

    def _destination(self, source: DicomStoreName, body: dict[str, Any]) -> DicomStoreName:
        if not body.get("destinationStore"):
            raise GoogleError(400, "destinationStore is required: the full name of an existing DICOM store.")
        destination = DicomStoreName.parse(body["destinationStore"], "destinationStore")
        if destination.dataset.parent.location != source.dataset.parent.location:
            raise GoogleError(
                400,
                "destinationStore must be in the location of the source store; "
                "de-identifying data across locations is not supported.",
            )
        if destination == source and self._tools.settings.deidentify_into_source == "refuse":
            raise GoogleError(400, "destinationStore is the source store; name another store.")
        self._tools.catalogue.require_dicom_store(str(destination))
        return destination

    def _config(self, version: str, body: dict[str, Any]) -> dict[str, Any]:
        """The DeidentifyConfig of the request, from the body or from Cloud Storage."""
        uri = body.get("gcsConfigUri")
        if ("config" in body) == bool(uri):
            raise GoogleError(400, "Give exactly one of config and gcsConfigUri.")
        if not uri:
            config: dict[str, Any] = body["config"]
            return config
        _check_object_uri(uri, "gcsConfigUri")
        try:
            raw = self._tools.read_object(uri)
        except ObjectNotFound as error:
            raise GoogleError(400, "The object named by gcsConfigUri does not exist; write it first.") from error
        return discovery.normalise(version, "DeidentifyConfig", discovery.parse_json(raw), "config")


def _filter_uri(body: dict[str, Any]) -> str | None:
    """The filter file's URI; None for the whole store. A filterConfig without URI is refused, not guessed."""
    if "filterConfig" not in body:
        return None
    uri: str = body["filterConfig"].get("resourcePathsGcsUri", "")
    _check_object_uri(uri, "filterConfig.resourcePathsGcsUri")
    return uri


def _check_object_uri(uri: str, field: str) -> None:
    if not _OBJECT_URI.fullmatch(uri):
        raise GoogleError(400, f"Invalid {field}: it must be gs://{{bucket}}/path/to/object.")
