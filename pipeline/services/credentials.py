"""Application default credentials, or the sentence that tells how to get them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
