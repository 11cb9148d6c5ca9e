"""A worker process of the de-identify engine, and the handle its parent holds.

The worker imports the engine and nothing of the server. It says nothing (file names and pydicom's warnings may
hold values), ignores Ctrl-C (the parent decides) and ends when its parent does, even when that was killed.
"""

from __future__ import annotations

import dataclasses
import logging
import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import os
import signal
import threading
import warnings
from pathlib import Path
from typing import Any

from emulator.deidentify import InstanceError, deidentify_file

_SPAWN = multiprocessing.get_context("spawn")
UNREADABLE = "a file could not be read or written"


class WorkerDiedError(Exception):
    """The worker process ended while it worked on an instance."""


@dataclasses.dataclass(frozen=True)
class EngineTask:
    """De-identify the file `source` into the new file `destination`."""

    source: Path
    destination: Path


class EngineProcess:
    """One worker process. Not thread-safe: one user at a time."""

    def __init__(self) -> None:
        """Start the process."""
        self._connection, theirs = _SPAWN.Pipe()
        self._process: multiprocessing.context.SpawnProcess = _SPAWN.Process(
            target=_work, args=(theirs,), daemon=True, name="deidentify-engine"
        )
        self._process.start()
        theirs.close()
        self._profile: Any = None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def send(self, tasks: list[EngineTask], profile: Any) -> None:
        """Hand over tasks; `profile` (compiled configuration) travels only when it differs from the last one.

        Raises:
            WorkerDiedError: the process is gone.
        """
        try:
            if profile is not self._profile:
                self._connection.send(profile)
                self._profile = profile
            self._connection.send(tasks)
        except (OSError, ValueError) as error:
            raise WorkerDiedError from error

    def receive(self, timeout_seconds: float) -> tuple[bool, str | None]:
        """(True, None) when the next task is done, (True, reason) when it failed, (False, None) on a timeout.

        Results come in the order of the tasks.

        Raises:
            WorkerDiedError: the process ended before it answered.
        """
        try:
            if not self._connection.poll(timeout_seconds):
                return False, None
            return True, self._connection.recv()
        except (EOFError, OSError) as error:
            raise WorkerDiedError from error

    def kill(self) -> None:
        """End the process at once. May be called from another thread than the user's, who then sees it died."""
        self._process.kill()
        self._process.join()


def _work(connection: multiprocessing.connection.Connection) -> None:
    """Serve tasks until the parent closes the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_soon)
    os.dup2(2, 1)  # the parent's standard output is not ours
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    profile: Any = None
    while True:
        try:
            received = connection.recv()
        except (EOFError, OSError):
            return
        if not isinstance(received, list):
            profile = received
            continue
        for task in received:
            connection.send(_deidentify(task, profile))


def _end_soon(_signal: int, _frame: object) -> None:
    """SIGTERM to the whole process group: let the parent, which records results, end first."""
    threading.Timer(3, os._exit, (1,)).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _deidentify(task: EngineTask, profile: Any) -> str | None:
    """None, or why the instance failed in words that hold no value of it."""
    try:
        deidentify_file(task.source, task.destination, profile)
    except InstanceError as error:
        return str(error)
    except OSError:
        return UNREADABLE
    except Exception as error:  # noqa: BLE001 - one instance must not end the others
        return f"unexpected {type(error).__name__}"
    return None
