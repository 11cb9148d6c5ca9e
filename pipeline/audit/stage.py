"""The rows of early outcomes on their way: fused behind the frozen plan, without a shuffle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from pipeline.audit.deliver import deliver
from pipeline.audit.rows import audit_row, to_json_lines
from pipeline.connected import ConnectedDoFn
from pipeline.model.instance_path import DicomPath
from pipeline.settings import RunSettings


def early_rows(
    settings: RunSettings, outcomes: Iterable[tuple[DicomPath | str, str, str, str | None]], recorded_at: str
) -> bytes:
    """Audit rows, as JSON lines, of what never comes into a batch."""
    return to_json_lines(
        audit_row(settings, subject, outcome, reason, recorded_at=recorded_at, detail=detail)
        for subject, outcome, reason, detail in outcomes
    )


class DeliverFn(ConnectedDoFn):
    """`(name of the part, URI of its rows)` -> the part's name, once its rows are delivered."""

    def process(self, element: tuple[str, str]) -> Iterator[str]:
        """Deliver one object of rows."""
        part, audit_uri = element
        deliver(self.settings, self.connections, audit_uri, part)
        yield part


@dataclass
class DeliverEarlyRows(beam.PTransform):
    """Deliver the rows of a plan's shards."""

    settings: RunSettings

    def expand(self, parts: Any) -> Any:
        """One ParDo."""
        return parts | "Deliver early rows" >> beam.ParDo(DeliverFn(self.settings)).with_output_types(str)
