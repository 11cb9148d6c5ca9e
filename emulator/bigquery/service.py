"""Puts the embedded BigQuery together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from emulator.bigquery import catalog, jobs
from emulator.bigquery.app import build_app
from emulator.bigquery.database import Database
from emulator.bigquery.datasets import DatasetMethods
from emulator.bigquery.insert_all import InsertAll
from emulator.bigquery.jobs_api import JobMethods
from emulator.bigquery.load import Loader
from emulator.bigquery.query import view_schema
from emulator.bigquery.query_jobs import QueryJobs
from emulator.bigquery.sizes import Sizes
from emulator.bigquery.tables import TableMethods
from emulator.bigquery.upload import Sessions
from emulator.objects import ListObjects, ReadObject

# https://cloud.google.com/bigquery/docs/cached-results: a result lives about 24 hours
_RESULT_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class BigQueryService:
    """The running API.

    Attributes:
        app: the ASGI application for /bigquery/v2, its uploads and its Discovery document.
        close: closes the database.
    """

    app: ASGIApp
    close: Callable[[], None]


def build_bigquery(root: Path, read_object: ReadObject, list_objects: ListObjects) -> BigQueryService:
    """The API with its data in `root`/bigquery.duckdb.

    Args:
        root: a folder of its own, created when missing.
        read_object: bytes of a gs:// object, for load jobs.
        list_objects: the gs:// URIs that one with a * matches.
    """
    root.mkdir(parents=True, exist_ok=True)
    database = Database(root / "bigquery.duckdb")
    with database.write() as cursor:
        jobs.forget_results(cursor, catalog.now_ms() - _RESULT_MS)
    sessions = Sessions()
    sizes = Sizes()
    queries = QueryJobs(database, sizes)
    app = build_app(
        DatasetMethods(database),
        TableMethods(database, view_schema, sizes),
        InsertAll(database),
        JobMethods(database, Loader(read_object, list_objects), queries),
        queries,
        sessions,
    )

    def close() -> None:
        sessions.close()
        database.close()

    return BigQueryService(app, close)
