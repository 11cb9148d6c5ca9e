"""An embedded BigQuery: REST API v2 over DuckDB, as much of it as this pipeline and the official client use."""

from emulator.bigquery.service import BigQueryService, build_bigquery

__all__ = ["BigQueryService", "build_bigquery"]
