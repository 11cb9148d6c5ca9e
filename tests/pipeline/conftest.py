"""What the pipeline's unit tests share: names, a clock moved by hand, a real HTTP server that answers by script, and
real buckets on the embedded Cloud Storage."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from emulator.storage import build_storage
from pipeline.config import UidPlan
from pipeline.model.names import DicomStoreName
from pipeline.services.clock import Clock
from pipeline.services.connections import Addresses
from pipeline.services.credentials import LOCAL_CREDENTIALS
from pipeline.services.objects import Objects, open_objects
from pipeline.settings import RunSettings

SOURCE = DicomStoreName("p", "us-central1", "d", "source")
DESTINATION = DicomStoreName("p", "us-central1", "d", "destination")


@pytest.fixture(autouse=True, scope="session")
def local_credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Credentials that Google's clients take without asking anybody, as the embedded cloud hands them out."""
    path = tmp_path_factory.mktemp("credentials") / "credentials.json"
    path.write_text(json.dumps(LOCAL_CREDENTIALS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
        patch.setenv("GOOGLE_CLOUD_PROJECT", "p")
        yield


class HandClock(Clock):
    """Time that moves only when somebody sleeps, or when the test moves it."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Return at once, that much later."""
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def clock() -> HandClock:
    """A clock moved by hand."""
    return HandClock()


@pytest.fixture
def source() -> DicomStoreName:
    """The store that instances are asked from."""
    return SOURCE


@pytest.fixture
def settings() -> RunSettings:
    """A run of one configuration that regenerates all three UIDs."""
    return RunSettings(
        run_id="run-1",
        source=SOURCE,
        destination=DESTINATION,
        work_dir="gs://work/prefix",
        config_uri="deid.json",
        config_digest="0123456789abcdef",
        api_version="v1beta1",
        uid_plan=UidPlan("regenerate", "regenerate", "regenerate"),
        addresses=Addresses("p", "http://127.0.0.1:1"),
        pipeline_version="0.0.1",
    )


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What to send back. `promised`: the Content-Length, when it is to differ from the truth. `drop`: hang up."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    promised: int | None = None
    drop: bool = False

    @classmethod
    def of(cls, body: Any, status: int = 200) -> Answer:
        """An answer in JSON."""
        return cls(status, json.dumps(body).encode())

    @classmethod
    def error(cls, status: int, rpc_status: str = "", message: str = "") -> Answer:
        """Google's error body."""
        return cls.of({"error": {"code": status, "status": rpc_status, "message": message}}, status)

    def cut(self) -> Answer:
        """The same answer, its connection closed in the middle of the body."""
        return replace(self, body=self.body[: len(self.body) // 2], promised=len(self.body))


@dataclass
class ScriptedServer:
    """An HTTP server on loopback: answers in the order given, and remembers what it was asked."""

    url: str = ""
    answers: list[Answer | Callable[[Request], Answer]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    always: Callable[[Request], Answer] | None = None

    def next_answer(self, request: Request) -> Answer:
        """The next answer of the script, else what `always` says."""
        self.requests.append(request)
        if self.answers:
            answer = self.answers.pop(0)
            return answer(request) if callable(answer) else answer
        if self.always is not None:
            return self.always(request)
        return Answer.error(501, "UNIMPLEMENTED", "the script is over")


def _handler_for(script: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one write
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = parse_qs(url.query, keep_blank_values=True)
            answer = script.next_answer(Request(self.command, url.path, query, dict(self.headers.items()), body))
            if answer.drop:
                self.close_connection = True
                return
            self.send_response(answer.status)
            if answer.status != 204:
                self.send_header("Content-Type", answer.content_type)
                length = answer.promised if answer.promised is not None else len(answer.body)
                self.send_header("Content-Length", str(length))
            self.end_headers()
            if answer.status != 204:
                self.wfile.write(answer.body)
            if answer.promised is not None:
                self.close_connection = True

        do_GET = do_POST = _serve  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parameter's name in http.server
            """Say nothing."""

    return Handler


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A scripted HTTP server on a free port of loopback."""
    script = ScriptedServer()
    web = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(script))
    web.daemon_threads = True
    script.url = f"http://127.0.0.1:{web.server_address[1]}"
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield script
    web.shutdown()
    web.server_close()
    thread.join()


@pytest.fixture
def answer() -> type[Answer]:
    """Builds answers for the scripted server."""
    return Answer


DEADLINE_SECS = 60
_bucket_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def storage_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded Cloud Storage on a free port of loopback."""
    service = build_storage(tmp_path_factory.mktemp("storage"))
    config = uvicorn.Config(service.app, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False)
    web = uvicorn.Server(config)
    thread = threading.Thread(target=web.run, daemon=True)
    thread.start()
    give_up = time.monotonic() + DEADLINE_SECS
    while not web.started:
        assert time.monotonic() < give_up, "the embedded Cloud Storage did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{web.servers[0].sockets[0].getsockname()[1]}"
    web.should_exit = True
    thread.join()
    service.close()


@pytest.fixture
def bucket(storage_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """`gs://` URI of a new bucket; Google's clients are sent to it by their own variable."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_url)
    name = f"bucket-{next(_bucket_numbers)}"
    client = storage.Client(project="p", credentials=AnonymousCredentials())
    client.create_bucket(name)
    client.close()
    return f"gs://{name}"


@pytest.fixture
def objects(bucket: str) -> Iterator[Objects]:
    """The pipeline's own Cloud Storage client."""
    opened = open_objects("p")
    yield opened
    opened.close()
