"""The worker processes of the de-identify engine, shared by all operations."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from emulator.engine_process import EngineProcess, EngineTask, WorkerDiedError

DIED = "the engine's process died on this instance"
_LOOK_SECONDS = 0.1  # how often a waiting thread looks whether it should stop
_GRACE_SECONDS = 2.0  # an instance that is being worked on may finish within this time after a stop


class StoppedError(Exception):
    """The work was stopped; the tasks without a result are still to do."""


class EnginePool:
    """At most `size` processes, started when first needed. Safe to use from several threads."""

    def __init__(self, size: int) -> None:
        """Prepare `size` places; no process is started yet."""
        self._places: queue.LifoQueue[EngineProcess | None] = queue.LifoQueue()
        for _ in range(size):
            self._places.put(None)
        self._lock = threading.Lock()
        self._processes: set[EngineProcess] = set()
        self._closed = False

    def run(
        self,
        tasks: list[EngineTask],
        profile: Any,
        stopped: Callable[[], bool],
        on_result: Callable[[int, str | None], None],
    ) -> None:
        """Work on `tasks` in one process; call `on_result(index, reason)` for each in order, reason None = done.

        A process that dies fails the instance it worked on; the tasks after it go to a new process.

        Raises:
            StoppedError: `stopped()` became true; tasks without a result are still to do.
        """
        process = self._borrow(stopped)
        proven = False  # a borrowed process may have died while idle: what it is given first is not to blame then
        done = 0
        try:
            while done < len(tasks):
                if process is None or not process.alive:
                    process = self._replace(process)
                    proven = True
                try:
                    process.send(tasks[done:], profile)
                    while done < len(tasks):
                        reason = self._next_result(process, stopped)
                        proven = True
                        on_result(done, reason)
                        done += 1
                except WorkerDiedError:
                    self._discard(process)
                    process = None
                    if stopped():
                        raise StoppedError from None
                    if proven:
                        on_result(done, DIED)
                        done += 1
        finally:
            if process is not None and done < len(tasks):  # it has work that nobody waits for
                self._discard(process)
                process = None
            self._places.put(process)

    def close(self) -> None:
        """Kill every process; `run` in other threads ends with StoppedError if its `stopped()` is true."""
        with self._lock:
            self._closed = True
            processes = list(self._processes)
        for process in processes:
            self._discard(process)

    def _borrow(self, stopped: Callable[[], bool]) -> EngineProcess | None:
        while not stopped():
            try:
                return self._places.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
        raise StoppedError

    def _next_result(self, process: EngineProcess, stopped: Callable[[], bool]) -> str | None:
        grace = _GRACE_SECONDS
        while True:
            answered, reason = process.receive(_LOOK_SECONDS)
            if answered:
                return reason
            if stopped():
                grace -= _LOOK_SECONDS
                if grace <= 0 or self._closed:
                    raise StoppedError

    def _replace(self, process: EngineProcess | None) -> EngineProcess:
        if process is not None:
            self._discard(process)
        with self._lock:
            if self._closed:
                raise StoppedError
            started = EngineProcess()
            self._processes.add(started)
        return started

    def _discard(self, process: EngineProcess) -> None:
        with self._lock:
            known = process in self._processes
            self._processes.discard(process)
        if known:
            process.kill()
