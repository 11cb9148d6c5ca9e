"""The work of one de-identify operation: which instances, through the engine, into the destination store."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import logging
from pathlib import Path
from typing import Any

from emulator.engine_process import EngineTask
from emulator.errors import GoogleError
from emulator.healthcare.catalogue import Catalogue
from emulator.healthcare.engine_pool import EnginePool
from emulator.healthcare.filter_file import FilterFileError, parse_filter_file
from emulator.healthcare.instances import DuplicateInstance, InstanceStore, NotDicom, UnknownStore
from emulator.healthcare.operations import Instance, OperationStore
from emulator.healthcare.runner import Control
from emulator.healthcare.selection import select_all, select_paths
from emulator.objects import ObjectNotFound, ReadObject
from emulator.settings import Settings

_log = logging.getLogger(__name__)

NOT_IN_SOURCE = "it is not in the source store"
IN_DESTINATION = "its output is in the destination store already"


@dataclasses.dataclass(frozen=True)
class DeidentifyTools:
    """What every de-identify operation of a server works with."""

    catalogue: Catalogue
    instances: InstanceStore
    operations: OperationStore
    pool: EnginePool
    read_object: ReadObject
    settings: Settings


@dataclasses.dataclass(frozen=True)
class DeidentifyJob:
    """One operation.

    Attributes:
        name: the operation's full name.
        api_version: "v1" or "v1beta1".
        source, destination: full names of DICOM stores.
        filter_uri: gs:// URI of the filter file, or None for the whole store.
        profile: the compiled configuration.
        resumed: whether an earlier server process may have written some outputs.
    """

    name: str
    api_version: str
    source: str
    destination: str
    filter_uri: str | None
    profile: Any
    resumed: bool = False


class DeidentifyRun:
    """Does a job. Call it once."""

    def __init__(self, tools: DeidentifyTools, job: DeidentifyJob, control: Control) -> None:
        """Take the tools, the job, and what tells to stop."""
        self._tools = tools
        self._job = job
        self._control = control
        self._reasons: collections.Counter[str] = collections.Counter()

    def __call__(self) -> dict[str, Any]:
        """Work until all instances are counted and return the operation's result.

        Raises:
            StoppedError: cancelled, or the server closes.
            GoogleError: the operation fails as a whole.
        """
        record = self._tools.operations.running_one(self._job.name)
        if record is not None and not record.listed:
            self._tools.operations.list_instances(self._job.name, self._select())
        remaining = self._tools.operations.remaining(self._job.name)
        try:
            self._work_on(remaining)
        finally:
            for reason, count in sorted(self._reasons.items()):
                number = self._job.name.rpartition("/")[2]
                _log.warning("operation %s: %d instances failed: %s", number, count, reason)
        return self._result()

    def _select(self) -> list[Instance]:
        """The instances to do.

        Raises:
            GoogleError: the filter file is missing or cannot be used.
        """
        source, uri = self._job.source, self._job.filter_uri
        if uri is None:
            return select_all(self._tools.instances.find(source))
        settings = self._tools.settings
        try:
            paths = parse_filter_file(self._tools.read_object(uri), settings)
            return select_paths(paths, lambda study: self._tools.instances.find(source, study), settings)
        except ObjectNotFound as error:
            raise GoogleError(
                404, "The object named by filterConfig.resourcePathsGcsUri does not exist; write it first."
            ) from error
        except FilterFileError as error:
            raise GoogleError(400, f"filterConfig.resourcePathsGcsUri: {error}") from error

    def _work_on(self, remaining: list[Instance]) -> None:
        size = 1 if self._tools.settings.operation_pace == "timed" else self._chunk_size(len(remaining))
        chunks = [remaining[start : start + size] for start in range(0, len(remaining), size)]
        threads = min(self._tools.settings.worker_processes, len(chunks)) or 1
        with concurrent.futures.ThreadPoolExecutor(threads) as executor:
            futures = [
                executor.submit(self._work_on_chunk, chunk, index / len(chunks)) for index, chunk in enumerate(chunks)
            ]
            try:
                for future in concurrent.futures.as_completed(futures):
                    future.result()
            except BaseException:
                executor.shutdown(wait=True, cancel_futures=True)
                raise

    def _chunk_size(self, instances: int) -> int:
        """Small enough that every process gets some of a small operation."""
        per_process = -(-instances // self._tools.settings.worker_processes)
        return max(1, min(self._tools.settings.engine_chunk_instances, per_process))

    def _work_on_chunk(self, chunk: list[Instance], share_before: float) -> None:
        """De-identify some instances; with pace `timed` not before their share of the time has passed."""
        if self._tools.settings.operation_pace == "timed":
            seconds = self._tools.settings.operation_min_seconds * share_before
            self._control.wait_until(self._control.created_at + seconds)
        self._control.check()
        self._require_stores()
        todo: list[tuple[Instance, EngineTask]] = []
        for instance in chunk:
            found = instance.sop and self._tools.instances.find(
                self._job.source, instance.study, instance.series, instance.sop
            )
            if not found:
                self._count(instance, NOT_IN_SOURCE)
                continue
            todo.append((instance, EngineTask(found[0].path, self._staging_path())))
        try:
            self._tools.pool.run(
                [task for _, task in todo],
                self._job.profile,
                self._control.stopped,
                lambda index, reason: self._store(*todo[index], reason),
            )
        finally:
            for _, task in todo:
                task.destination.unlink(missing_ok=True)

    def _staging_path(self) -> Path:
        try:
            return self._tools.instances.staging_path(self._job.destination)
        except UnknownStore as error:
            raise _store_deleted() from error

    def _store(self, instance: Instance, task: EngineTask, reason: str | None) -> None:
        """Put one output into the destination store and count the instance."""
        if reason is None:
            try:
                self._tools.instances.add_file(self._job.destination, task.destination)
            except DuplicateInstance as duplicate:
                own = self._job.resumed and duplicate.identical
                if not own and self._tools.settings.destination_duplicate == "failure":
                    reason = IN_DESTINATION
            except NotDicom as error:
                reason = f"its output could not be stored: {error}"
            except Exception as error:  # noqa: BLE001 - one instance must not end the others
                self._require_stores()
                reason = f"its output could not be stored: unexpected {type(error).__name__}"
        self._count(instance, reason)

    def _count(self, instance: Instance, reason: str | None) -> None:
        if reason is not None:
            self._reasons[reason] += 1
        self._tools.operations.count_instance(self._job.name, instance.position, success=reason is None)

    def _require_stores(self) -> None:
        """Raise GoogleError when one of the stores was deleted while the operation runs."""
        for store in (self._job.source, self._job.destination):
            if not self._tools.catalogue.has_dicom_store(store):
                raise GoogleError(404, "The source or destination store was deleted while the operation was running.")

    def _result(self) -> dict[str, Any]:
        failures = self._tools.operations.failures(self._job.name)
        if failures and self._tools.settings.partial_failure == "error":
            message = f"{failures} instances could not be de-identified; see metadata.counter and metadata.logsUrl."
            return {"error": {"code": 2, "message": message, "details": []}}
        prefix = f"type.googleapis.com/google.cloud.healthcare.{self._job.api_version}.deidentify"
        return {"response": {"@type": f"{prefix}.DeidentifyDicomStoreSummary"}}


def _store_deleted() -> GoogleError:
    return GoogleError(404, "The source or destination store was deleted while the operation was running.")
