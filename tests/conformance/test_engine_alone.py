"""The engine used as a library, without a server, does what it does behind the API."""

from __future__ import annotations

import json

import pytest

from emulator.deidentify import compile_config, deidentify_file

WITHOUT_KEYS = (
    "keep_tag",
    "remove_tag",
    "delete_tag",
    "reset_tag",
    "clean_text_tag",
    "regen_uid_tag",
    "recurse_tag",
    "store_level",
)
"""The how-to's requests whose result depends on no key that each operation makes for itself. Those that have text read
in images are left out: that takes long, and is the same code on both ways."""


@pytest.fixture
def alone(tmp_path):
    """`alone(config, file)`: the file that the library writes."""

    def call(config, file, version):
        source, destination = tmp_path / "source.dcm", tmp_path / "destination.dcm"
        source.write_bytes(file)
        deidentify_file(source, destination, compile_config(config, version))
        return destination.read_bytes()

    return call


@pytest.mark.parametrize("name", WITHOUT_KEYS)
def test_requests_of_the_how_to(page, run, alone, name):
    file = page.recurse_instance() if name == "recurse_tag" else page.sample()
    assert alone(page.config(name), file, "v1beta1") == run(page.requests[name], file).file()


def test_second_use_case_of_the_tutorial_but_for_its_image(page, run, alone):
    body = page.text("tutorial_modify.txt").replace("REDACT_SENSITIVE_TEXT", "REDACT_NO_TEXT")
    config = json.loads(body.replace("'", '"'))["config"]
    assert alone(config, page.sample(), "v1") == run(body, page.sample(), version="v1").file()
