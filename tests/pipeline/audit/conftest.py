"""What the tests of the audit share: a run on a real bucket, and a destination that answers searches over real HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.ledger.ledger import Ledger
from pipeline.services.connections import Addresses, Connections
from pipeline.services.objects import Objects
from pipeline.settings import RunSettings


class Destination:
    """A store that answers QIDO-RS searches for the instances of a study."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.instances: set[tuple[str, str, str]] = set()
        self.status = 200

    def __call__(self, request: Any) -> Any:
        if self.status != 200:
            return self._answer.error(self.status, "PERMISSION_DENIED")
        study = request.path.split("/")[-2]
        found = [(series, sop) for one, series, sop in sorted(self.instances) if one == study]
        return self._answer.of(
            [
                {"0020000E": {"vr": "UI", "Value": [series]}, "00080018": {"vr": "UI", "Value": [sop]}}
                for series, sop in found
            ]
        )


@pytest.fixture
def destination(server: Any, answer: Any) -> Destination:
    """The destination store behind the scripted server."""
    server.always = Destination(answer)
    return server.always


@pytest.fixture
def run_settings(settings: RunSettings, bucket: str, server: Any) -> RunSettings:
    """A run whose ledger is in a new bucket."""
    return dataclasses.replace(settings, work_dir=f"{bucket}/work", addresses=Addresses("p", server.url))


@pytest.fixture
def connections(run_settings: RunSettings, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connections]:
    """The clients of a worker."""
    opened = Connections(run_settings.addresses, clock)
    yield opened
    opened.close()


@pytest.fixture
def ledger(objects: Objects, run_settings: RunSettings) -> Ledger:
    """The run's ledger."""
    return Ledger(objects, run_settings.work_dir)
