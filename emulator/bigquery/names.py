"""Names of projects, datasets, tables and jobs: parsed once at the door, values from there on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.errors import GoogleError

# https://cloud.google.com/bigquery/docs/datasets#dataset-naming: letters, numbers, underscores, up to 1,024 characters.
_DATASET = re.compile(r"\w{1,1024}", re.ASCII)
# https://cloud.google.com/bigquery/docs/tables#table_naming: up to 1,024 bytes of letters, marks, numbers, connectors,
# dashes and spaces.
_TABLE = re.compile(r"[\w \-–—]{1,1024}")
# A project id, which may carry a domain: example.com:project
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_\-]{0,127}")
# Discovery, JobReference.jobId: letters, numbers, underscores or dashes, up to 1,024 characters.
_JOB = re.compile(r"[A-Za-z0-9_\-]{1,1024}")


@dataclass(frozen=True)
class DatasetRef:
    """`project:dataset`."""

    project: str
    dataset: str

    @classmethod
    def of(cls, project: str, dataset: str) -> DatasetRef:
        """The checked reference; raises GoogleError 400 for a name that cannot exist."""
        if not _PROJECT.fullmatch(project):
            raise GoogleError(400, "Invalid project ID: use letters, digits and dashes.")
        if not _DATASET.fullmatch(dataset):
            raise GoogleError(
                400,
                "Invalid dataset ID: dataset IDs must be alphanumeric (plus underscores) and must be at most "
                "1024 characters long.",
            )
        return cls(project, dataset)

    @classmethod
    def from_api(cls, reference: Any, default_project: str) -> DatasetRef:
        """A DatasetReference `{"projectId"?, "datasetId"}`; raises GoogleError 400."""
        values = _reference(reference, "dataset")
        return cls.of(_text(values, "projectId", default_project), _text(values, "datasetId"))

    @property
    def hidden(self) -> bool:
        """Whether lists leave the dataset out: its name begins with an underscore."""
        return self.dataset.startswith("_")

    def as_api(self) -> dict[str, str]:
        """The DatasetReference."""
        return {"projectId": self.project, "datasetId": self.dataset}

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}"


@dataclass(frozen=True)
class TableRef:
    """`project:dataset.table`."""

    project: str
    dataset: str
    table: str

    @classmethod
    def of(cls, project: str, dataset: str, table: str) -> TableRef:
        """The checked reference; raises GoogleError 400 or, for partition and snapshot decorators, 501."""
        parent = DatasetRef.of(project, dataset)
        if "$" in table or "@" in table:
            raise GoogleError(501, "Table decorators are not implemented; name the whole table.")
        if not _TABLE.fullmatch(table) or len(table.encode()) > 1024:
            raise GoogleError(
                400, "Invalid table ID: use letters, digits, underscores, dashes and spaces, at most 1024 bytes."
            )
        return cls(parent.project, parent.dataset, table)

    @classmethod
    def from_api(cls, reference: Any, default_project: str, default_dataset: str | None = None) -> TableRef:
        """A TableReference `{"projectId"?, "datasetId", "tableId"}`; raises GoogleError 400."""
        values = _reference(reference, "table")
        return cls.of(
            _text(values, "projectId", default_project),
            _text(values, "datasetId", default_dataset),
            _text(values, "tableId"),
        )

    @property
    def parent(self) -> DatasetRef:
        """The dataset that holds the table."""
        return DatasetRef(self.project, self.dataset)

    def as_api(self) -> dict[str, str]:
        """The TableReference."""
        return {"projectId": self.project, "datasetId": self.dataset, "tableId": self.table}

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.table}"


def checked_job_id(job_id: str) -> str:
    """`job_id` when it can be one; raises GoogleError 400."""
    if not _JOB.fullmatch(job_id):
        raise GoogleError(400, "Invalid job ID: use letters, digits, underscores and dashes, at most 1024 characters.")
    return job_id


def _reference(value: Any, kind: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise GoogleError(400, f"Required parameter is missing: a {kind} reference.", reason="required")
    return value


def _text(values: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = values.get(name) or default
    if not isinstance(value, str):
        raise GoogleError(400, f"Required parameter is missing: {name}", reason="required")
    return value
