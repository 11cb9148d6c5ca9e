"""All embedded services in one process, on one event loop and one HTTP port."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import errno
import fcntl
import json
import logging
import os
import shlex
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from emulator.bigquery import build_bigquery
from emulator.credentials import PROJECT, write_credentials
from emulator.guard import Guard
from emulator.healthcare import build_healthcare
from emulator.root_app import RootApp
from emulator.settings import Settings
from emulator.storage import build_storage

_GRACE_SECONDS = 3  # requests in flight may finish within this time after SIGTERM
_LAST_RESORT_SECONDS = 8.0  # after the signal: the process ends, whatever a thread still does


class ServeError(Exception):
    """The server cannot start; the message is one line that names the cure."""


@dataclasses.dataclass(frozen=True)
class Services:
    """The services of one data folder: the ASGI application of all, and what closes them."""

    app: ASGIApp
    close: Callable[[], None]


def build_services(root: Path, settings: Settings) -> Services:
    """Build every service with its data under its own folder of `root`."""
    storage = build_storage(root / "storage")
    bigquery = build_bigquery(root / "bigquery", storage.read_object, storage.list_objects)
    healthcare = build_healthcare(root / "healthcare", settings, storage.read_object)

    def close() -> None:
        for service in (healthcare, bigquery, storage):
            service.close()

    app = RootApp(storage.app, bigquery.app, healthcare.app, healthcare.finish_operation)
    return Services(Guard(app), close)


def serve(host: str, port: int, data: Path | None, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; print the ready lines to standard output when requests are answered.

    Args:
        host: address to listen on.
        port: 0 for a free one.
        data: folder for all data, created when missing; None for a temporary one, removed at the end.
        settings: the declared settings.

    Raises:
        ServeError: the port or the folder cannot be used.
    """
    _quiet_logs()
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(_listen(host, port))
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="embedded-cloud-")))
        stack.enter_context(_locked(folder))
        credentials = write_credentials(folder / "credentials.json")
        services = build_services(folder, settings)
        stack.callback(services.close)
        config = uvicorn.Config(
            services.app,
            lifespan="off",
            log_config=None,
            access_log=False,  # paths hold UIDs
            timeout_graceful_shutdown=_GRACE_SECONDS,
            timeout_keep_alive=75,
        )
        ready = ready_lines(_base_url(listener), credentials.resolve())
        asyncio.run(_Server(config, ready).serve(sockets=[listener]))


def ready_lines(url: str, credentials: Path) -> str:
    """What the server prints when it is ready: a line of JSON, then the same as shell exports."""
    endpoints: dict[str, Any] = {
        "healthcare": url,
        "storage": url,
        "bigquery": url,
        "logging": url,
        "pubsub": None,
        "credentials": str(credentials),
    }
    exports = {
        "HEALTHCARE_ENDPOINT": url,
        "STORAGE_EMULATOR_HOST": url,
        "BIGQUERY_EMULATOR_HOST": url,
        "LOGGING_ENDPOINT": url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
        "GOOGLE_CLOUD_PROJECT": PROJECT,
    }
    lines = [json.dumps(endpoints)]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in exports.items()]
    return "\n".join(lines) + "\n"


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready, and whose end by a signal is an ordinary one."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(self._ready)
        sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            self._captured_signals.clear()  # else uvicorn raises them again and the process dies of them

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            last_resort = threading.Timer(_LAST_RESORT_SECONDS, os._exit, (1,))
            last_resort.daemon = True
            last_resort.start()
        super().handle_exit(sig, frame)


def _quiet_logs() -> None:
    """Warnings and errors to standard error; nothing of pydicom, whose messages hold values."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    warnings.simplefilter("ignore")


@contextlib.contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket.

    Raises:
        ServeError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol left to the system, asyncio would not set TCP_NODELAY: 40 ms more for each answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(1024)
        except OverflowError as error:
            raise ServeError(f"port {port} does not exist; give one up to 65535, or --port 0.") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ServeError(f"port {port} is in use; give another, or --port 0 for a free one.") from error
            raise ServeError(f"cannot listen on {host} port {port}: {error.strerror or error}.") from error
        yield listener


def _base_url(listener: socket.socket) -> str:
    """The URL under which a client on this machine reaches the listener."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two servers never share data.

    Raises:
        ServeError: the folder cannot be made or written, or another server has it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise ServeError(f"cannot write the data folder {folder}: {error.strerror}; give another --data.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ServeError(
                f"another server uses the data folder {folder}; stop it or give another --data."
            ) from error
        yield
