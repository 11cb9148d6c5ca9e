"""Child processes that leave nothing behind, and signals that end the demo in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO, Any

from demo.names import ROOT

STOP_SERVER = ((signal.SIGTERM, 12.0),)
"""The embedded services end within 10 seconds of SIGTERM."""

STOP_PIPELINE = ((signal.SIGINT, 5.0), (signal.SIGTERM, 3.0))
"""On SIGINT the pipeline says how to resume."""


class Interrupted(BaseException):
    """SIGINT or SIGTERM reached the launcher. Not an Exception: nothing but the end of the demo handles it."""


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Inside, the first SIGINT or SIGTERM raises Interrupted in the main thread; later ones are ignored.

    Ignored they must be: what runs then is the clean-up, and it takes a bounded time.
    """
    caught = (signal.SIGINT, signal.SIGTERM)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for each in caught:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted

    before = {each: signal.signal(each, interrupt) for each in caught}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler if handler is not None else signal.SIG_DFL)


class Child:
    """A Python child process in a session of its own, so that Ctrl-C reaches it only through `stop`.

    Start it from the main thread: the guard against an orphan is tied to the thread that started it.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        stdout: int | IO[Any] | None,
        stderr: int | IO[Any] | None,
    ) -> None:
        """Start `python arguments...` in the repository's root; raises OSError when that is impossible."""
        guard = [sys.executable, "-m", "demo.guard", str(os.getpid())]
        self._process = subprocess.Popen(
            [*guard, sys.executable, *arguments],
            cwd=ROOT,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="child-watch", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id, and its process group's."""
        return self._process.pid

    @property
    def stdout(self) -> IO[str]:
        """Its output, when it was started with a pipe."""
        if self._process.stdout is None:
            raise ValueError("the child was started without a pipe for its output")
        return self._process.stdout

    def wait(self) -> int:
        """Its exit status, once it has ended; what it left in its process group is ended too."""
        self._ended.wait()
        return self._bury()

    def stop(self, steps: Sequence[tuple[signal.Signals, float]]) -> int:
        """End it: each signal in turn with the seconds it is given, then SIGKILL for the whole group."""
        if self._process.returncode is not None:
            return self._process.returncode
        for number, seconds in steps:
            if not self._ended.is_set():
                os.kill(self.pid, number)
            if self._ended.wait(seconds):
                break
        return self._bury()

    def _watch(self) -> None:
        """Wait without reaping: while the leader is a zombie its group id cannot belong to anybody else."""
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self._ended.set()

    def _bury(self) -> int:
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses for a group of zombies
            os.killpg(self.pid, signal.SIGKILL)
        self._ended.wait()
        return self._process.wait()
