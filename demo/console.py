"""What the person sees, kept in run.log as well."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import TextIO

_BETWEEN_PROGRESS_SECS = 2.0


class Console:
    """Says lines on standard output and in the log. May be used by several threads."""

    def __init__(self, log: Path) -> None:
        self._log: TextIO = log.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._last_progress = time.monotonic()

    def __enter__(self) -> Console:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log.close()

    def say(self, line: str = "") -> None:
        """A line that matters."""
        with self._lock:
            self._last_progress = time.monotonic()
            try:
                print(line, flush=True)
            except BrokenPipeError:  # nobody reads on: the log goes on, and so does the work
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._log.write(line + "\n")
            self._log.flush()

    def progress(self, line: str) -> None:
        """A line that may be left out: one is said every two seconds at most."""
        if time.monotonic() - self._last_progress >= _BETWEEN_PROGRESS_SECS:
            self.say(line)
