"""A DoFn that talks to the services: its clients are opened once per worker and closed with it."""

from __future__ import annotations

import apache_beam as beam

from pipeline.ledger.ledger import Ledger
from pipeline.services.connections import Connections
from pipeline.settings import RunSettings


class ConnectedDoFn(beam.DoFn):
    """`connections` and `ledger` are there from `setup` to `teardown`; the constructor opens nothing."""

    connections: Connections
    ledger: Ledger

    def __init__(self, settings: RunSettings) -> None:
        self.settings = settings

    def setup(self) -> None:
        """Connect once per worker."""
        self.connections = Connections(self.settings.addresses)
        self.ledger = Ledger(self.connections.objects, self.settings.work_dir)

    def teardown(self) -> None:
        """Close what was opened."""
        self.connections.close()
