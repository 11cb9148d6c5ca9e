"""The manifest in Cloud Storage, and the run id that follows from what is asked."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from google.cloud import storage

from demo.names import MANIFEST

_RUN_ID_DIGITS = 16


def manifest_text(paths: Iterable[str]) -> str:
    """One path a line, sorted: the same instances give the same text."""
    return "".join(f"{path}\n" for path in sorted(paths))


def run_id_for(manifest: str, config: bytes) -> str:
    """`demo-` and a digest of manifest and configuration: the same work resumes the same run."""
    parts = (manifest.encode(), config)
    digest = sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()
    return f"demo-{digest[:_RUN_ID_DIGITS]}"


def write_manifest(bucket: storage.Bucket, text: str) -> None:
    """Put the manifest where the pipeline's `--input` glob finds it; an earlier one is replaced."""
    bucket.blob(MANIFEST).upload_from_string(text, content_type="text/plain")
