"""Small text files of the person who starts the run: a path or a gs:// URI."""

from __future__ import annotations

from pathlib import Path

from pipeline.services.connections import Connections


def read_text(uri: str, connections: Connections) -> str:
    """The file's text; raises OSError, ServiceError or UnicodeDecodeError."""
    data = connections.objects.read(uri) if uri.startswith("gs://") else Path(uri).read_bytes()
    return data.decode("utf-8-sig")
