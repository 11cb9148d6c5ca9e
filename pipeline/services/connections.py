"""Where the services are, as a value that travels to the workers, and the open clients made from it there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pipeline.services.clock import Clock
from pipeline.services.credentials import credentials_needed
from pipeline.services.healthcare import DEFAULT_ENDPOINT, HealthcareApi, open_healthcare
from pipeline.services.objects import Objects, open_objects
from pipeline.services.retry import DEADLINE_SECS
from pipeline.services.tables import Tables, open_tables


@dataclass(frozen=True)
class Addresses:
    """What a worker needs to connect; the neighbours' addresses come from `*_EMULATOR_HOST` variables.

    Attributes:
        project: billed for Cloud Storage and BigQuery calls; None for the environment's.
        healthcare_endpoint: URL without version, for example https://healthcare.googleapis.com.
    """

    project: str | None
    healthcare_endpoint: str = DEFAULT_ENDPOINT


class Connections:
    """Clients, each opened when first used and all closed by `close`. One per worker, made in `DoFn.setup`."""

    def __init__(self, addresses: Addresses, clock: Clock | None = None, deadline_secs: float = DEADLINE_SECS) -> None:
        """`deadline_secs`: how long a failing read of the Healthcare API is tried again."""
        self.addresses = addresses
        self._deadline_secs = deadline_secs
        self.clock = clock or Clock()

    @cached_property
    def healthcare(self) -> HealthcareApi:
        """The Healthcare API."""
        with credentials_needed():
            return open_healthcare(self.addresses.healthcare_endpoint, self.clock, self._deadline_secs)

    @cached_property
    def objects(self) -> Objects:
        """Cloud Storage."""
        with credentials_needed():
            return open_objects(self.addresses.project)

    @cached_property
    def tables(self) -> Tables:
        """BigQuery."""
        with credentials_needed():
            return open_tables(self.addresses.project)

    def close(self) -> None:
        """Close what was opened."""
        for name in ("healthcare", "objects", "tables"):
            client = self.__dict__.pop(name, None)
            if client is not None:
                client.close()
