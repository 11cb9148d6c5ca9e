"""Deleting studies, series and instances (Healthcare API conformance statement, Delete transaction)."""

from __future__ import annotations

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulator.healthcare.contracts import LongRunning, StoreDirectory
from emulator.healthcare.dicomweb.errors import not_found
from emulator.healthcare.dicomweb.target import Target, target_of
from emulator.healthcare.instances import InstanceStore


class DeleteTransaction:
    """DELETE of a study or a series starts a long-running operation; of an instance it is done when it answers."""

    def __init__(self, instances: InstanceStore, stores: StoreDirectory, long_running: LongRunning) -> None:
        self._instances = instances
        self._stores = stores
        self._long_running = long_running

    async def respond(self, request: Request) -> Response:
        """Answer an Operation, or {} for an instance; 404 for what is not there."""
        target = target_of(request)
        await anyio.to_thread.run_sync(self._require, target)
        if target.sop is not None:
            deleted = await anyio.to_thread.run_sync(self._delete, target)
            if not deleted:
                raise not_found(target.level)
            return JSONResponse({})
        method = f"google.cloud.healthcare.{target.api_version}.dicomweb.DicomWebService.Delete{target.level.title()}"
        operation = await self._long_running.run(
            target.dataset, target.api_version, method, lambda: self._delete(target)
        )
        return JSONResponse(operation)

    def _require(self, target: Target) -> None:
        self._stores.require_dicom_store(target.store)
        if not self._instances.find(target.store, target.study, target.series, target.sop):
            raise not_found(target.level)

    def _delete(self, target: Target) -> int:
        assert target.study is not None  # noqa: S101 - the routes name a study at least
        return self._instances.delete_instances(target.store, target.study, target.series, target.sop)
