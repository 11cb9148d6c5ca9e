"""The pipeline's own Healthcare API client, connected to the scripted server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.services.clock import Clock
from pipeline.services.healthcare import HealthcareApi, open_healthcare


@pytest.fixture
def api(server: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[HealthcareApi]:
    """A client without credentials, whose waits take no time."""
    client = open_healthcare(server.url, clock)
    yield client
    client.close()
