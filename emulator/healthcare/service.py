"""Puts the embedded Healthcare API together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp

from emulator.healthcare.app import Handler, build_app
from emulator.healthcare.catalogue import Catalogue
from emulator.healthcare.database import Database
from emulator.healthcare.deidentify_api import DeidentifyMethods
from emulator.healthcare.deidentify_run import DeidentifyTools
from emulator.healthcare.dicomweb import dicomweb_routes
from emulator.healthcare.engine_pool import EnginePool
from emulator.healthcare.instances import InstanceStore
from emulator.healthcare.operations import OperationStore
from emulator.healthcare.operations_api import OperationMethods
from emulator.healthcare.resources_api import ResourceMethods
from emulator.healthcare.runner import OperationRunner
from emulator.objects import ReadObject
from emulator.settings import Settings

_JOIN_SECONDS = 4.0


@dataclasses.dataclass(frozen=True)
class HealthcareService:
    """The running API.

    Attributes:
        app: the ASGI application for paths that begin with /v1/ or /v1beta1/.
        finish_operation: lets an operation of this full name end whose pace is `manual`.
        close: stops operations (they stay recorded as running) and the engine's processes, and closes all files.
    """

    app: ASGIApp
    finish_operation: Callable[[str], None]
    close: Callable[[], None]


def build_healthcare(root: Path, settings: Settings, read_object: ReadObject) -> HealthcareService:
    """The API with its data under `root`; operations that ran when the last server ended go on.

    Args:
        root: a folder of its own, created when missing.
        settings: the declared settings.
        read_object: bytes of a gs:// object; raises `ObjectNotFound`.
    """
    root.mkdir(parents=True, exist_ok=True)
    database = Database(root / "resources.sqlite")
    instances = InstanceStore(root / "instances")
    catalogue = Catalogue(database, instances, settings)
    operations = OperationStore(database)
    operations.forget_old()
    pool = EnginePool(settings.worker_processes)
    runner = OperationRunner(operations, settings)
    tools = DeidentifyTools(catalogue, instances, operations, pool, read_object, settings)
    deidentify = DeidentifyMethods(tools, runner)
    handlers = _handlers(
        ResourceMethods(catalogue, operations, runner, instances),
        OperationMethods(catalogue, operations, runner),
        deidentify,
    )
    app = build_app(handlers, dicomweb_routes(instances, catalogue, runner, settings))
    runner.resume(deidentify.work_for)

    def close() -> None:
        runner.stop()
        pool.close()
        runner.join(_JOIN_SECONDS)
        database.close()  # first: nothing of an operation that is late can be recorded any more
        instances.close()

    return HealthcareService(app, runner.finish, close)


def _handlers(
    resources: ResourceMethods, operations: OperationMethods, deidentify: DeidentifyMethods
) -> dict[str, Handler]:
    """Every implemented method that is not DICOMweb, by its Discovery id."""
    return {
        "get": resources.get_location,
        "list": resources.list_locations,
        "datasets.create": resources.create_dataset,
        "datasets.get": resources.get_dataset,
        "datasets.list": resources.list_datasets,
        "datasets.patch": resources.patch_dataset,
        "datasets.delete": resources.delete_dataset,
        "datasets.dicomStores.create": resources.create_dicom_store,
        "datasets.dicomStores.get": resources.get_dicom_store,
        "datasets.dicomStores.list": resources.list_dicom_stores,
        "datasets.dicomStores.patch": resources.patch_dicom_store,
        "datasets.dicomStores.delete": resources.delete_dicom_store,
        "datasets.dicomStores.getDICOMStoreMetrics": resources.get_dicom_store_metrics,
        "datasets.dicomStores.deidentify": deidentify.deidentify_dicom_store,
        "datasets.operations.get": operations.get,
        "datasets.operations.list": operations.list,
        "datasets.operations.cancel": operations.cancel,
    }
