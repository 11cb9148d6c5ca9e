"""A real server of the embedded BigQuery on a free port, and the official client."""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from emulator.bigquery import BigQueryService, build_bigquery
from emulator.objects import ObjectNotFound

PROJECT = "p"
DEADLINE_SECONDS = 60


def _wait_for(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("the condition did not become true in time")


@dataclasses.dataclass
class Server:
    """A running server: its URL, its objects (gs:// URI to bytes) and clients of it."""

    url: str
    root: Path
    objects: dict[str, bytes]
    service: BigQueryService
    _uvicorn: uvicorn.Server
    _thread: threading.Thread
    _clients: list[bigquery.Client] = dataclasses.field(default_factory=list)

    @property
    def client(self) -> bigquery.Client:
        """The official client."""
        if not self._clients:
            self._clients.append(
                bigquery.Client(
                    project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": self.url}
                )
            )
        return self._clients[0]

    def call(self, verb: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """A plain HTTP call; `path` after /bigquery/v2/projects/p/."""
        return requests.request(
            verb, f"{self.url}/bigquery/v2/projects/{PROJECT}/{path}", json=body, timeout=DEADLINE_SECONDS, **options
        )

    def table(self, *columns: str, name: str = "t") -> str:
        """A table in dataset d; columns as "name TYPE MODE"; answers "p.d.t"."""
        fields = [bigquery.SchemaField(*column.split()) for column in columns]
        self.client.create_table(bigquery.Table(f"{PROJECT}.d.{name}", fields))
        return f"{PROJECT}.d.{name}"

    def put(self, uri: str, *rows: Any) -> str:
        """JSON lines as an object."""
        self.objects[uri] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        return uri

    def load(self, uri: str | list[str], table: str, **options: Any) -> bigquery.LoadJob:
        """Start a load job of JSON lines; options of LoadJobConfig, and job_id."""
        job_id = options.pop("job_id", None)
        options.setdefault("create_disposition", "CREATE_NEVER")
        config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", **options)
        return self.client.load_table_from_uri(uri, table, job_id=job_id, job_config=config)

    def rows(self, sql: str, *parameters: Any, **options: Any) -> list[Any]:
        """A query's rows: of one column its values, else tuples."""
        config = bigquery.QueryJobConfig(query_parameters=list(parameters), **options)
        found = [row.values() for row in self.client.query(sql, job_config=config).result()]
        return [row[0] if len(row) == 1 else row for row in found]

    def value(self, sql: str, *parameters: Any, **options: Any) -> Any:
        """The one value that a query answers."""
        (value,) = self.rows(sql, *parameters, **options)
        return value

    def stop(self) -> None:
        """End the server as a signal would."""
        self._uvicorn.should_exit = True
        self._thread.join()
        for client in self._clients:
            client.close()
        self.service.close()


@contextlib.contextmanager
def _starter(root: Path) -> Iterator[Callable[[], Server]]:
    running: list[Server] = []
    objects: dict[str, bytes] = {}

    def read_object(uri: str) -> bytes:
        if uri not in objects:
            raise ObjectNotFound
        return objects[uri]

    def list_objects(uri: str) -> list[str]:
        return sorted(fnmatch.filter(objects, uri))

    def start() -> Server:
        service = build_bigquery(root, read_object, list_objects)
        config = uvicorn.Config(
            service.app, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False
        )
        web = uvicorn.Server(config)
        thread = threading.Thread(target=web.run, daemon=True)
        thread.start()
        _wait_for(lambda: web.started)
        port = web.servers[0].sockets[0].getsockname()[1]
        running.append(Server(f"http://127.0.0.1:{port}", root, objects, service, web, thread))
        return running[-1]

    try:
        yield start
    finally:
        for server in running:
            if server._thread.is_alive():
                server.stop()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Start a server of this test alone; a second one on the same data after the first was stopped."""
    with _starter(tmp_path / "data") as start:
        yield start


@pytest.fixture(scope="module")
def start_shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Server]]:
    """Start a server for all tests of a file."""
    with _starter(tmp_path_factory.mktemp("shared")) as start:
        yield start


@pytest.fixture(scope="session")
def _shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _starter(tmp_path_factory.mktemp("bigquery")) as start:
        yield start()


@pytest.fixture
def server(_shared_server: Server) -> Server:
    """A server with an empty dataset d, no objects and no jobs; others have used it before."""
    client = _shared_server.client
    _shared_server.objects.clear()
    for dataset in client.list_datasets(include_all=True):
        client.delete_dataset(dataset.reference, delete_contents=True)
    for job in client.list_jobs():
        client.delete_job_metadata(job)
    client.create_dataset("d")
    return _shared_server
