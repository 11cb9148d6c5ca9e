"""The byte rewriter and the tolerant one give the same file, wherever the first takes it."""

import random
from collections import Counter

import pytest

from emulator.deidentify import InstanceError, compile_config
from emulator.deidentify.engine import deidentify_data
from emulator.samples import generate_studies

KEY = {"cryptoKey": "MDEyMzQ1Njc4OWFiY2RlZg=="}
CONFIGS = {
    "basic": {"dicomTagConfig": {}},
    "minimal": {"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}},
    "keep all": {"dicom": {}},
    "remove list": {"dicom": {"removeList": {"tags": ["PatientName", "ReferencedImageSequence"]}}},
    "actions": {
        "dicomTagConfig": {
            "options": {"primaryIds": "KEEP"},
            "actions": [
                {"queries": ["RequestAttributesSequence", "PatientID", "OverlayData"], "keepTag": {}},
                {"queries": ["SQ"], "recurseTag": {}},
                {"queries": ["LO", "DS", "US"], "resetTag": {}},
                {"queries": ["SH"], "removeTag": {}},
                {"queries": ["UI"], "regenUidTag": {}},
            ],
        }
    },
    "texts": {
        "dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
        "text": {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": KEY}]},
    },
    "descriptors": {
        "dicomTagConfig": {
            "options": {"cleanDescriptors": {}},
            "actions": [{"queries": ["PN", "DA", "LO"], "cleanTextTag": {}}],
        },
        "text": {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": KEY}]},
    },
}


def both(content, profile):
    """The result of each rewriter: the new file, or why not."""
    results = []
    for rewriter in ("bytes", "dataset"):
        try:
            pieces, _outcome = deidentify_data(content, profile, rewriter)
            results.append(b"".join(pieces))
        except InstanceError as error:
            results.append(error)
    return results


@pytest.mark.parametrize("name", CONFIGS)
def test_they_agree_on_every_file_that_pydicom_ships(bundled, name):
    profile = compile_config(CONFIGS[name])
    seen = Counter()
    for path in bundled:
        fast, tolerant = both(path.read_bytes(), profile)
        if isinstance(fast, InstanceError):
            seen["left to the tolerant one"] += not isinstance(tolerant, InstanceError)
            continue
        assert fast == tolerant, path.name
        seen["the same"] += 1
    assert seen["the same"] > 120
    assert seen["left to the tolerant one"] > 5


@pytest.mark.parametrize("name", CONFIGS)
def test_they_agree_on_generated_studies_and_the_fast_one_takes_all(encoded, name):
    profile = compile_config(CONFIGS[name])
    for dataset in generate_studies(7):
        fast, tolerant = both(encoded(dataset, dataset.file_meta.TransferSyntaxUID), profile)
        assert isinstance(fast, bytes)
        assert fast == tolerant


@pytest.mark.parametrize("seed", range(4))
def test_they_agree_on_damaged_files_or_refuse_them(bundled, seed):
    small = [path.read_bytes() for path in bundled if path.stat().st_size < 12_000]
    profiles = [compile_config(config) for config in CONFIGS.values()]
    chance = random.Random(seed)
    seen = Counter()
    for _ in range(250):
        fast, tolerant = both(damaged(chance.choice(small), chance), chance.choice(profiles))
        if isinstance(fast, bytes) and isinstance(tolerant, bytes):
            assert fast == tolerant
            seen["the same"] += 1
        seen["refused"] += isinstance(tolerant, InstanceError)
    assert seen["the same"] > 10
    assert seen["refused"] > 10


def damaged(content, chance):
    """Some bytes changed, a piece cut off or doubled."""
    damaged = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5])):
        if len(damaged) > 140:
            damaged[chance.randrange(132, len(damaged))] = chance.choice([0, 255, chance.randrange(256), *b"SQUN"])
    if chance.random() < 0.2:
        del damaged[chance.randrange(len(damaged) + 1) :]
    if chance.random() < 0.1 and len(damaged) > 400:
        place = chance.randrange(132, len(damaged) - 100)
        damaged[place:place] = damaged[place + 10 : place + 60]
    return bytes(damaged)
