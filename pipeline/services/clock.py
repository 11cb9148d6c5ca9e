"""Time as a parameter: everything that waits or stamps takes a Clock, so tests need not wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """The real one."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait; nothing for zero and below."""
        if seconds > 0:
            time.sleep(seconds)


def timestamp(epoch_seconds: float) -> str:
    """RFC 3339 in UTC with microseconds, as BigQuery's TIMESTAMP and the API's JSON take it.

    >>> timestamp(0)
    '1970-01-01T00:00:00.000000Z'
    """
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def epoch_seconds(text: str) -> float:
    """Undo `timestamp`; accepts any RFC 3339 time with an offset or Z."""
    return datetime.fromisoformat(text).timestamp()
