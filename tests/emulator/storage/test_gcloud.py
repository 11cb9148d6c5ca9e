"""`gcloud storage`, where a gcloud installation is at hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GCLOUD = shutil.which("gcloud")
pytestmark = pytest.mark.skipif(GCLOUD is None, reason="needs gcloud")
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def gcloud(server: Any, tmp_path: Path) -> Run:
    """Run `gcloud storage` against the server."""
    token = tmp_path / "token"
    token.write_text("local")
    environment = {
        **os.environ,
        "CLOUDSDK_CONFIG": str(tmp_path / "gcloud"),
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{server.url}/storage/v1/",
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(token),
        "CLOUDSDK_CORE_PROJECT": "p",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [str(GCLOUD), "storage", *arguments]
        return subprocess.run(command, capture_output=True, env=environment, check=False, timeout=300)

    return run


def test_a_file_goes_up_and_comes_back(server: Any, gcloud: Run, tmp_path: Path) -> None:
    data = bytes(range(256)) * 2000 + b"\n--==\r\n"
    (tmp_path / "up.bin").write_bytes(data)
    up = gcloud("cp", str(tmp_path / "up.bin"), "gs://bucket/d/up.bin")
    assert up.returncode == 0, up.stderr
    assert server.names() == ["d/up.bin"]
    down = gcloud("cp", "gs://bucket/d/up.bin", str(tmp_path / "down.bin"))
    assert down.returncode == 0, down.stderr
    assert (tmp_path / "down.bin").read_bytes() == data


def test_create_once_is_refused_the_second_time(server: Any, gcloud: Run, tmp_path: Path) -> None:
    server.put("o", b"first")
    (tmp_path / "o").write_bytes(b"second")
    again = gcloud("cp", "--if-generation-match=0", str(tmp_path / "o"), "gs://bucket/o")
    assert again.returncode != 0
    assert b"412" in again.stderr
    assert server.service.read_object("gs://bucket/o") == b"first"


def test_a_bucket_is_listed_and_removed_with_all_in_it(server: Any, gcloud: Run) -> None:
    server.put("a/b")
    listed = gcloud("ls", "gs://bucket/")
    assert listed.stdout.split() == [b"gs://bucket/a/"], listed.stderr
    removed = gcloud("rm", "-r", "gs://bucket")
    assert removed.returncode == 0, removed.stderr
    assert server.call("GET", "/storage/v1/b/bucket").status_code == 404
