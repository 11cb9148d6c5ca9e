"""Runs long-running operations in threads: pace, cancellation, end, and going on after a restart."""

from __future__ import annotations

import dataclasses
import functools
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import anyio.to_thread

from emulator.errors import GoogleError
from emulator.guard import describe
from emulator.healthcare.engine_pool import StoppedError
from emulator.healthcare.operations import CANCELLED, OperationStore, Running
from emulator.settings import Settings

_log = logging.getLogger(__name__)

EMPTY = {"@type": "type.googleapis.com/google.protobuf.Empty"}
_RPC_CODES = {400: 3, 403: 7, 404: 5, 409: 6, 429: 8, 501: 12, 503: 14}
_UNAVAILABLE = {
    "error": {
        "code": 14,
        "message": "The server was restarted while the operation was running; partial output may exist. Try again.",
    }
}


@dataclasses.dataclass
class Control:
    """What the thread of one operation watches: cancelled, server closing, told to finish (pace `manual`)."""

    created_at: float
    changed: threading.Condition = dataclasses.field(default_factory=threading.Condition)
    cancelled: bool = False
    closing: bool = False
    told_to_finish: bool = False

    def set(self, field: str) -> None:
        """Set one of the three to true and wake the thread."""
        with self.changed:
            setattr(self, field, True)
            self.changed.notify_all()

    def stopped(self) -> bool:
        """Whether the work should end before it is complete."""
        return self.cancelled or self.closing

    def wait_until(self, moment: float) -> None:
        """Wait until `moment` (seconds since 1970).

        Raises:
            StoppedError: cancelled, or the server closes.
        """
        with self.changed:
            while (left := moment - time.time()) > 0 and not self.stopped():
                self.changed.wait(left)
        self.check()

    def wait_for_finish(self) -> None:
        """Wait until told to finish.

        Raises:
            StoppedError: cancelled, or the server closes.
        """
        with self.changed:
            self.changed.wait_for(lambda: self.told_to_finish or self.stopped())
        self.check()

    def check(self) -> None:
        """Raise StoppedError when the work should end."""
        if self.stopped():
            raise StoppedError


Work = Callable[[Control], dict[str, Any]]
"""Does the work of an operation and returns its result, {"response": ...} or {"error": ...}."""


class OperationRunner:
    """The running operations of one server."""

    def __init__(self, operations: OperationStore, settings: Settings) -> None:
        """Record ends in `operations`; nothing runs yet."""
        self._operations = operations
        self._settings = settings
        self._lock = threading.Lock()
        self._running: dict[str, tuple[threading.Thread, Control]] = {}
        self._closing = False

    def start(self, name: str, work: Work) -> None:
        """Run `work` as the recorded operation `name` in a thread of its own."""
        record = self._operations.running_one(name)
        if record is None:  # its dataset was deleted since it was recorded
            return
        control = Control(record.created_at, cancelled=record.cancel_requested)
        thread = threading.Thread(target=self._run, args=(name, work, control), daemon=True)
        with self._lock:
            if self._closing:
                return
            self._running[name] = (thread, control)
            thread.start()

    def resume(self, work_for: Callable[[Running], Work]) -> None:
        """Take up again, or end, every operation that ran when the server ended (setting `operation_restart`)."""
        for record in self._operations.running():
            if record.request is None or self._settings.operation_restart == "fail":
                self._operations.end(record.name, CANCELLED if record.cancel_requested else _UNAVAILABLE)
            else:
                self.start(record.name, work_for(record))

    async def run(self, dataset: str, api_version: str, api_method: str, work: Callable[[], int]) -> dict[str, Any]:
        """Run `work` as an operation that ends with an Empty response; see `contracts.LongRunning`."""

        def counted(name: str, _control: Control) -> dict[str, Any]:
            self._operations.count(name, work())
            return {"response": EMPTY}

        def begin() -> str:
            name = self._operations.create(dataset, api_version, api_method)
            self.start(name, functools.partial(counted, name))
            return name

        return {"name": await anyio.to_thread.run_sync(begin)}

    def cancel(self, name: str) -> None:
        """Ask a running operation to stop; it ends soon, with error code 1 unless it was faster.

        Raises:
            GoogleError: 404 or 400, as `OperationStore.request_cancel` says.
        """
        self._operations.request_cancel(name)
        self._tell(name, "cancelled")

    def finish(self, name: str) -> None:
        """Let an operation end whose pace is `manual`, as soon as its work is done."""
        self._tell(name, "told_to_finish")

    def cancel_all_of(self, dataset: str) -> None:
        """Stop the operations of a dataset that was deleted."""
        with self._lock:
            names = [name for name in self._running if name.startswith(f"{dataset}/operations/")]
        for name in names:
            self._tell(name, "cancelled")

    def stop(self) -> None:
        """Tell every operation that the server closes: they stop and stay unfinished in the record."""
        with self._lock:
            self._closing = True
            controls = [control for _, control in self._running.values()]
        for control in controls:
            control.set("closing")

    def join(self, timeout_seconds: float) -> None:
        """Wait for the threads of stopped operations, at most `timeout_seconds` in all."""
        deadline = time.monotonic() + timeout_seconds
        with self._lock:
            threads = [thread for thread, _ in self._running.values()]
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _tell(self, name: str, what: str) -> None:
        with self._lock:
            running = self._running.get(name)
        if running is not None:
            running[1].set(what)

    def _run(self, name: str, work: Work, control: Control) -> None:
        try:
            control.check()
            result = work(control)
            self._keep_pace(control)
        except StoppedError:
            if not control.cancelled:  # the server closes: the record stays as it is, for the next start
                return
            result = CANCELLED
        except GoogleError as error:
            code = _RPC_CODES.get(error.http_status, 13)
            result = {"error": {"code": code, "message": error.message, "details": error.details or []}}
        except Exception as error:  # noqa: BLE001 - an operation must end whatever happens
            if control.closing:  # files were closed under it
                return
            _log.error("operation %s: unexpected %s", name.rpartition("/")[2], describe(error))
            result = {"error": {"code": 13, "message": "Internal error.", "details": []}}
        finally:
            with self._lock:
                self._running.pop(name, None)
        self._operations.end(name, result)

    def _keep_pace(self, control: Control) -> None:
        """Hold an operation whose work is done as long as the settings say."""
        if self._settings.operation_pace == "timed":
            control.wait_until(control.created_at + self._settings.operation_min_seconds)
        elif self._settings.operation_pace == "manual":
            control.wait_for_finish()
