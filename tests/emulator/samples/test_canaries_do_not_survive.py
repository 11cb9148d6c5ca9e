"""Every canary lies where the Basic profile reaches it: after de-identification none is left, anywhere in the files."""

import json
from pathlib import Path

import pydicom
import pytest

from emulator.deidentify import compile_config, deidentify_file
from emulator.samples import byte_patterns, text_canaries, uid_canaries

CONFIGS = Path(__file__).parents[3] / "templates" / "configs"


def survivors(written, out, config, sought):
    """Canaries in the bytes of the de-identified files, or in their values (some are deflated)."""
    profile = compile_config(json.loads((CONFIGS / config).read_text()))
    raw, text = b"", ""
    for number, file in enumerate(written.files):
        target = out / f"{number}.dcm"
        deidentify_file(file, target, profile)
        raw += target.read_bytes()
        text += str(pydicom.dcmread(target))
    return [one for one in sought if one in text or any(pattern in raw for pattern in byte_patterns(one))]


@pytest.mark.parametrize("config", ["basic.json", "basic-v1.json", "minimal.json"])
def test_no_canary_survives_a_profile_that_regenerates_uids(written, empty, config):
    assert survivors(written, empty, config, text_canaries() | uid_canaries()) == []


def test_keeping_the_primary_ids_keeps_these_uids_and_no_text(written, instances, empty):
    kept = set(survivors(written, empty, "keep-uids.json", text_canaries() | uid_canaries()))
    assert not kept & text_canaries()
    assert kept >= {one.SOPInstanceUID for one in instances}
    assert not kept & {one.DeviceUID for one in instances if "DeviceUID" in one}


def test_without_de_identification_the_search_finds_them_all(written, empty):
    keep_all = {"dicom": {"filterProfile": "KEEP_ALL_PROFILE", "skipIdRedaction": True}}
    profile = compile_config(keep_all)
    target = empty / "kept.dcm"
    deidentify_file(written.files[0], target, profile)
    kept = target.read_bytes()
    assert sum(any(pattern in kept for pattern in byte_patterns(one)) for one in text_canaries()) > 50
