"""How far a long run has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

TERMINAL_INTERVAL_SECS = 0.2
LOG_INTERVAL_SECS = 10.0


class Progress:
    """A count of `total` on `stream`: one line that changes on a terminal, a line now and then elsewhere.

    Runs shorter than the interval say nothing.
    """

    def __init__(self, total: int, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin at 0; `clock` gives seconds."""
        self._total = total
        self._stream = stream
        self._clock = clock
        self._terminal = stream.isatty()
        self._interval = TERMINAL_INTERVAL_SECS if self._terminal else LOG_INTERVAL_SECS
        self._done = 0
        self._shown = False
        self._next = clock() + self._interval

    def advance(self) -> None:
        """One more is done."""
        self._done += 1
        if self._clock() < self._next:
            return
        self._next = self._clock() + self._interval
        text = f"{self._done:,} of {self._total:,}"
        self._stream.write(f"\r{text}" if self._terminal else f"{text}\n")
        self._stream.flush()
        self._shown = self._terminal

    def line(self, text: str) -> None:
        """Write a whole line, out of the count's way."""
        self._clear()
        self._stream.write(f"{text}\n")

    def close(self) -> None:
        """Take the count off the terminal."""
        self._clear()
        self._stream.flush()

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._shown = False
