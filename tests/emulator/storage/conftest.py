"""A real server of the embedded Cloud Storage on a free port, and Google's own client."""

from __future__ import annotations

import dataclasses
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
from google.cloud import storage
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.storage import StorageService, build_storage

DEADLINE_SECONDS = 60


@dataclasses.dataclass
class Server:
    """A running server: its URL, its data folder and its service."""

    url: str
    root: Path
    service: StorageService
    _switch: _Switch
    _session: requests.Session = dataclasses.field(default_factory=requests.Session)

    def client(self) -> storage.Client:
        """google-cloud-storage, sent here."""
        options = {"api_endpoint": self.url}
        return storage.Client("p", credentials=AnonymousCredentials(), client_options=options)

    def call(self, verb: str, path: str, **arguments: Any) -> requests.Response:
        """A plain HTTP request; `path` goes out as it is, percent-encoding and dots too."""
        request = self._session.prepare_request(requests.Request(verb, self.url, **arguments))
        query = request.url.partition("?")[2] if request.url else ""
        request.url = f"{self.url}{path}" + (f"?{query}" if query else "")
        return self._session.send(request, timeout=DEADLINE_SECONDS, allow_redirects=False)

    def put(self, name: str, data: bytes = b"data", **parameters: Any) -> dict[str, Any]:
        """Upload an object into bucket `bucket` and return its resource."""
        query = {"uploadType": "media", "name": name, **parameters}
        answer = self.call("POST", "/upload/storage/v1/b/bucket/o", params=query, data=data)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def names(self) -> list[str]:
        """The names of the objects in bucket `bucket`."""
        items = self.call("GET", "/storage/v1/b/bucket/o", params={"fields": "items/name"}).json().get("items", [])
        return [item["name"] for item in items]

    def content_files(self) -> int:
        """How many files hold bytes of objects."""
        return sum(1 for _ in self.root.glob("contents/??/*"))

    def stop(self) -> None:
        """End the service; its data stays."""
        self._switch.app = None
        self.service.close()


class _Switch:
    """Passes requests to the service of the running test, so that one web server serves all tests."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None, "a request came while no service runs"
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def web() -> Iterator[tuple[str, _Switch]]:
    """A web server on a free port: its URL, and what answers."""
    switch = _Switch()
    config = uvicorn.Config(switch, port=0, lifespan="off", log_config=None, access_log=False)
    web_server = uvicorn.Server(config)
    thread = threading.Thread(target=web_server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not web_server.started:
        assert time.monotonic() < deadline, "the server did not start in time"
        thread.join(0.01)
    port = web_server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", switch
    web_server.should_exit = True
    thread.join()


@pytest.fixture
def start_server(web: tuple[str, _Switch], tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Start the service; a second time on the same data after the first was stopped."""
    url, switch = web
    running: list[Server] = []

    def start() -> Server:
        service = build_storage(tmp_path / "data")
        switch.app = service.app
        running.append(Server(url, tmp_path / "data", service, switch))
        return running[-1]

    yield start
    if switch.app is not None:
        running[-1].stop()


@pytest.fixture
def server(start_server: Callable[[], Server]) -> Server:
    """A running server with an empty bucket `bucket`."""
    started = start_server()
    answer = started.call("POST", "/storage/v1/b", params={"project": "p"}, json={"name": "bucket"})
    assert answer.status_code == 200, answer.text
    return started


@pytest.fixture
def bucket(server: Server) -> storage.Bucket:
    """The empty bucket `bucket`, through google-cloud-storage."""
    return server.client().bucket("bucket")


@pytest.fixture
def cloud_environment(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, with the environment in which Beam and gcloud find it and ask nobody for credentials."""
    credentials = tmp_path / "credentials.json"
    credentials.write_text(
        json.dumps(
            {
                "type": "authorized_user",
                "client_id": "x",
                "client_secret": "x",
                "refresh_token": "x",
                "token": "local",
                "expiry": "2099-01-01T00:00:00Z",
            }
        )
    )
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    return server
