"""Whatever stands anywhere in a file, the answer is a configuration or a ConfigError, and no secret in it."""

import copy
import json

import pytest

from pipeline.config import ConfigError, load_config

KEY = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ="
SHIFT = {"infoTypes": ["DATE"], "dateShiftConfig": {"cryptoKey": KEY}}
HASH = {
    "infoTypes": ["PERSON_NAME"],
    "cryptoHashConfig": {
        "kmsWrapped": {"wrappedKey": KEY, "cryptoKey": "projects/p/locations/l/keyRings/r/cryptoKeys/k"}
    },
}
MASK = {"characterMaskConfig": {"maskingCharacter": "#"}}
IMAGE = {"textRedactionMode": "REDACT_SENSITIVE_TEXT", "customRegexes": [{"pattern": "p", "groupIndexes": [1]}]}
TEXT = {"additionalTransformations": [SHIFT, HASH, MASK], "excludeInfoTypes": ["AGE"]}
BETA = {
    "dicomTagConfig": {
        "profileType": "DEIDENTIFY_TAG_CONTENTS",
        "options": {"primaryIds": "REGEN", "cleanDescriptors": {}, "cleanImage": IMAGE},
        "actions": [
            {"queries": ["PatientName", "00080018"], "keepTag": {}},
            {"queries": ["LO", "DA"], "cleanTextTag": {}},
            {"queries": ["PixelData"], "cleanImageTag": IMAGE},
        ],
    },
    "text": TEXT,
    "useRegionalDataProcessing": True,
}
V1 = {
    "dicom": {"keepList": {"tags": ["PatientID", "00100020"]}, "skipIdRedaction": True},
    "text": TEXT,
    "image": IMAGE,
}
REPLACEMENTS = [None, 7, -1.5, True, "", "\u0000\ud800", KEY, [], [None], [[KEY]], {}, {"": 1}, {"a.b": {}}, {KEY: KEY}]


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def replaced(body, path, value):
    result = copy.deepcopy(body)
    target = result
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return result


@pytest.mark.parametrize("body", [BETA, V1], ids=["v1beta1", "v1"])
def test_full_configuration_is_accepted(body):
    load_config(json.dumps(body), name="deid.json", operations_may_exceed_one=True)


@pytest.mark.parametrize("replacement", REPLACEMENTS, ids=range(len(REPLACEMENTS)))
@pytest.mark.parametrize("body", [BETA, V1], ids=["v1beta1", "v1"])
def test_any_value_replaced_by_anything_is_accepted_or_refused_without_showing_the_key(body, replacement):
    refused = 0
    for path in places(body):
        if path:
            text = json.dumps(replaced(body, path, replacement))
            try:
                shown = repr(load_config(text, name="deid.json", operations_may_exceed_one=True))
            except ConfigError as error:
                refused += 1
                shown = str(error)
            assert KEY not in shown
    assert refused > 0
