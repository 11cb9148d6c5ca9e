"""Application default credentials, or the sentence that tells how to get them."""

from __future__ import annotations

import atexit
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from google.auth.exceptions import DefaultCredentialsError

from pipeline.model.errors import Refused


@contextmanager
def credentials_needed() -> Iterator[None]:
    """Turn the library's error into one that names the cure; raises Refused."""
    try:
        yield
    except DefaultCredentialsError:
        raise Refused(
            "no Google credentials. Cure: gcloud auth application-default login; for the embedded cloud, run the "
            "exports that python -m emulator serve prints"
        ) from None


_CREDENTIALS_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
_PROJECT = "GOOGLE_CLOUD_PROJECT"
# Google's clients take it without asking anybody, and loopback services do not look at the token.
LOCAL_CREDENTIALS = {
    "type": "authorized_user",
    "client_id": "local",
    "client_secret": "local",
    "refresh_token": "local",
    "token": "local",
    "expiry": "2099-01-01T00:00:00Z",
}


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint is on this machine, where no Google credentials are needed."""
    return urlsplit(endpoint).hostname in {"localhost", "127.0.0.1", "::1"}


def use_local_credentials(healthcare_endpoint: str, project: str) -> None:
    """When every service is on this machine and no credentials are configured, configure some for this process.

    Looking for credentials where there are none makes each process probe a metadata server for 24 seconds. Children,
    such as Beam's worker processes, inherit the two variables.
    """
    storage = os.environ.get("STORAGE_EMULATOR_HOST", "")
    if _CREDENTIALS_FILE in os.environ or not (is_loopback(healthcare_endpoint) and is_loopback(storage)):
        return
    handle, name = tempfile.mkstemp(prefix="local-credentials-", suffix=".json")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(LOCAL_CREDENTIALS, stream)
    atexit.register(Path(name).unlink, missing_ok=True)
    os.environ[_CREDENTIALS_FILE] = name
    os.environ.setdefault(_PROJECT, project)
