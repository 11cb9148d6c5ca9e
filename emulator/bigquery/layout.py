"""How a table is laid out: day partitions and clustering, kept, checked and returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.bigquery.schema import Schema, find
from emulator.errors import GoogleError

_UNITS = {"DAY", "HOUR", "MONTH", "YEAR"}
_PARTITION_TYPES = {"TIMESTAMP", "DATE", "DATETIME"}
# https://cloud.google.com/bigquery/docs/clustered-tables#limitations: at most four top-level, non-repeated columns.
_CLUSTERING_TYPES = {"STRING", "INTEGER", "BOOLEAN", "TIMESTAMP", "DATE", "DATETIME", "NUMERIC"}
_MAX_CLUSTERING = 4


def check_layout(body: Mapping[str, Any], schema: Schema) -> None:
    """Hold `timePartitioning` and `clustering` of a resource against the columns.

    Raises:
        GoogleError: 400 for what BigQuery does not allow; 501 for partitions by ingestion time and required filters.
    """
    partitioning = body.get("timePartitioning")
    if partitioning is not None:
        _check_partitioning(partitioning, schema)
    if body.get("requirePartitionFilter"):
        raise GoogleError(501, "requirePartitionFilter is not implemented.")
    clustering = body.get("clustering")
    if clustering is not None:
        _check_clustering(clustering.get("fields") or [], schema)


def _check_partitioning(partitioning: Mapping[str, Any], schema: Schema) -> None:
    if partitioning.get("type") not in _UNITS:
        raise GoogleError(400, "timePartitioning.type must be DAY, HOUR, MONTH or YEAR.")
    if partitioning.get("requirePartitionFilter"):
        raise GoogleError(501, "requirePartitionFilter is not implemented.")
    name = partitioning.get("field")
    if not name:
        raise GoogleError(
            501, "Partitioning by ingestion time is not implemented; name a column: timePartitioning.field."
        )
    column = find(schema, name)
    if column is None:
        raise GoogleError(400, f"The field specified for partitioning cannot be found in the schema: {name[:300]}")
    if column.type not in _PARTITION_TYPES or column.mode == "REPEATED":
        raise GoogleError(
            400, f"The field {column.name} cannot partition: a single TIMESTAMP, DATE or DATETIME is needed."
        )
    if column.type == "DATE" and partitioning["type"] == "HOUR":
        raise GoogleError(400, f"The field {column.name} is a DATE and cannot partition by HOUR.")


def _check_clustering(names: list[str], schema: Schema) -> None:
    if not 1 <= len(names) <= _MAX_CLUSTERING:
        raise GoogleError(400, "Clustering takes one to four columns.")
    for name in names:
        column = find(schema, name)
        if column is None:
            raise GoogleError(400, f"The field specified for clustering cannot be found in the schema: {name[:300]}")
        if column.type not in _CLUSTERING_TYPES or column.mode == "REPEATED":
            raise GoogleError(400, f"The field {column.name} has a type that cannot cluster.")
