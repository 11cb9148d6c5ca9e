"""BigQuery as the audit uses it: one table, created when missing, and load jobs under names we choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.api_core.exceptions import Conflict, GoogleAPICallError, NotFound
from google.cloud import bigquery

from pipeline.services.retry import ServiceError

# A load job that failed keeps its id for ever; the same rows are offered again under the next of these suffixes.
MAX_LOAD_TRIES = 3


@dataclass(frozen=True)
class TableName:
    """`PROJECT:DATASET.TABLE`."""

    project: str
    dataset: str
    table: str

    @classmethod
    def parse(cls, text: str) -> TableName:
        """Read `project:dataset.table` or `project.dataset.table`; raises ValueError naming the wanted form."""
        project, separator, rest = text.rpartition(":")
        parts = rest.split(".") if separator else text.rsplit(".", 2)
        names = [project, *parts] if separator else parts
        if len(names) != 3 or not all(names):
            raise ValueError("expected PROJECT:DATASET.TABLE")
        return cls(*names)

    def __str__(self) -> str:
        return f"{self.project}.{self.dataset}.{self.table}"


class Tables:
    """The official client, reduced to what the audit needs."""

    def __init__(self, client: bigquery.Client) -> None:
        self._client = client

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def field_names(self, table: TableName) -> list[str] | None:
        """The table's columns, None when it does not exist; raises ServiceError 404 when its dataset does not."""
        try:
            return [field.name for field in self._client.get_table(str(table)).schema]
        except NotFound:
            pass
        except GoogleAPICallError as error:
            raise ServiceError("bigquery.tables.get", error.code) from None
        try:
            self._client.get_dataset(f"{table.project}.{table.dataset}")
        except GoogleAPICallError as error:
            raise ServiceError("bigquery.datasets.get", error.code) from None
        return None

    def create(
        self, name: TableName, schema: Sequence[dict[str, Any]], partition_by: str, cluster_by: Sequence[str]
    ) -> None:
        """Create the table, partitioned by day and clustered; a table that appeared meanwhile is fine."""
        table = bigquery.Table(str(name), [bigquery.SchemaField.from_api_repr(field) for field in schema])
        table.time_partitioning = bigquery.TimePartitioning(type_=bigquery.TimePartitioningType.DAY, field=partition_by)
        table.clustering_fields = list(cluster_by)
        try:
            self._client.create_table(table, exists_ok=True)
        except GoogleAPICallError as error:
            raise ServiceError("bigquery.tables.insert", error.code) from None

    def load_json_lines(self, uri: str, table: TableName, job_id: str) -> None:
        """Append the rows of one JSON lines object, once: a repeat finds the finished job and adds nothing.

        Raises ServiceError when the rows could not be loaded.
        """
        for attempt in range(1, MAX_LOAD_TRIES + 1):
            if self._load_once(uri, table, f"{job_id}-{attempt}"):
                return
        raise ServiceError("bigquery.jobs.insert", None, f"{MAX_LOAD_TRIES} load jobs failed")

    def _load_once(self, uri: str, table: TableName, job_id: str) -> bool:
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON,
            write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
            create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
        )
        try:
            try:
                job = self._client.load_table_from_uri(uri, str(table), job_id=job_id, job_config=config)
            except Conflict:
                job = self._client.get_job(job_id)
            job.result()
        except GoogleAPICallError as error:
            if error.code in {400, 500}:  # the job ran and failed; its id is spent
                return False
            raise ServiceError("bigquery.jobs.insert", error.code) from None
        return True


def open_tables(project: str | None) -> Tables:
    """The official client; it honours BIGQUERY_EMULATOR_HOST by itself."""
    return Tables(bigquery.Client(project=project))
