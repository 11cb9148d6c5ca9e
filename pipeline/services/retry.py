"""Which answers are worth another try, and how long to wait: the one place of that decision.

Sources: Google's "Best practices for data throughput" (backoff `min(2^n + random fraction, 32 s)` with an overall
deadline) and the codes that Google's own DICOM clients retry (facts: 408, 429, 5xx).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TypeVar

from pipeline.services.clock import Clock

T = TypeVar("T")

RETRIED_STATUSES = frozenset({
    408,  # the server gave up waiting for the request
    429,  # quota, or contention for a lock
    500, 502, 503, 504,  # the server or something before it had a bad moment
})  # fmt: skip

MAX_BACKOFF_SECS = 32.0
DEADLINE_SECS = 300.0


class ServiceError(Exception):
    """A call that did not work. Names the API method and the status; never a URL, a path or a body."""

    def __init__(self, method: str, status: int | None, detail: str = "") -> None:
        """`status` None: no answer arrived."""
        what = f"HTTP {status}" if status else "no answer"
        super().__init__(f"{method}: {what}" + (f" ({detail})" if detail else ""))
        self.method = method
        self.status = status


class Transient(ServiceError):
    """Still failing when the deadline passed; trying again later may work."""


def backoff_secs(rng: random.Random | None = None) -> Iterator[float]:
    """1..2, 2..3, 4..5, ... seconds, at most `MAX_BACKOFF_SECS`."""
    draw = rng or random.SystemRandom()
    exponent = 0
    while True:
        yield min(2**exponent + draw.random(), MAX_BACKOFF_SECS)
        exponent = min(exponent + 1, 10)


def call_with_retry(
    attempt: Callable[[], T],
    clock: Clock,
    *,
    deadline_secs: float = DEADLINE_SECS,
    rng: random.Random | None = None,
) -> T:
    """Call `attempt` until it returns or raises something that is not Transient, or the deadline passes.

    Only for calls that may be repeated: reads, and writes with a precondition.
    """
    give_up_at = clock.now() + deadline_secs
    for wait in backoff_secs(rng):
        try:
            return attempt()
        except Transient:
            if clock.now() + wait > give_up_at:
                raise
            clock.sleep(wait)
    raise AssertionError("backoff_secs is endless")
