"""Credentials: none are looked for where every service is local, and their absence is told with its cure."""

from __future__ import annotations

import json
import os
from pathlib import Path

import google.auth
import pytest
from google.auth.exceptions import DefaultCredentialsError

from pipeline.model.errors import Refused
from pipeline.services.credentials import credentials_needed, use_local_credentials

LOCAL, CLOUD = "http://127.0.0.1:8085", "https://healthcare.googleapis.com"


@pytest.fixture
def unconfigured(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "STORAGE_EMULATOR_HOST"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return monkeypatch


def test_where_every_service_is_local_google_finds_credentials_at_once(unconfigured: pytest.MonkeyPatch) -> None:
    unconfigured.setenv("STORAGE_EMULATOR_HOST", "http://localhost:8085")
    use_local_credentials(LOCAL, "some-project")
    credentials, project = google.auth.default()
    assert credentials.valid
    assert project == "some-project"
    assert Path(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("healthcare", "storage"), [(CLOUD, LOCAL), (LOCAL, "https://storage.googleapis.com")])
def test_with_one_service_in_the_cloud_none_are_made(
    unconfigured: pytest.MonkeyPatch, healthcare: str, storage: str
) -> None:
    unconfigured.setenv("STORAGE_EMULATOR_HOST", storage)
    use_local_credentials(healthcare, "p")
    assert "GOOGLE_APPLICATION_CREDENTIALS" not in os.environ


def test_credentials_that_are_configured_stay(unconfigured: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(json.dumps({}))
    unconfigured.setenv("STORAGE_EMULATOR_HOST", LOCAL)
    unconfigured.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(own))
    use_local_credentials(LOCAL, "p")
    assert os.environ["GOOGLE_APPLICATION_CREDENTIALS"] == str(own)


def test_missing_credentials_are_told_with_the_cure() -> None:
    with pytest.raises(Refused, match="gcloud auth application-default login"), credentials_needed():
        raise DefaultCredentialsError
