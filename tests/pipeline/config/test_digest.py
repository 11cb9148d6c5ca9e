import base64
import hashlib
import json
import pickle

import pytest

from pipeline.config import DeidentifyConfig, load_config

KEY = base64.b64encode(b"\xfb\xff" * 8).decode()


def body(key=KEY, **kms):
    shift = {"kmsWrapped": kms} if kms else {"cryptoKey": key}
    return {
        "dicomTagConfig": {"profileType": "DEIDENTIFY_TAG_CONTENTS", "options": {"primaryIds": "KEEP"}},
        "text": {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": shift}]},
    }


def digest(text, name="deid.json"):
    return load_config(text, name=name, operations_may_exceed_one=True).digest


def test_digest_is_hexadecimal():
    value = digest(json.dumps(body()))
    assert len(value) == 32
    assert set(value) <= set("0123456789abcdef")


def test_order_of_keys_does_not_matter():
    turned = {"text": body()["text"], "dicomTagConfig": dict(reversed(body()["dicomTagConfig"].items()))}
    assert digest(json.dumps(turned)) == digest(json.dumps(body()))


def test_snake_case_and_yaml_do_not_matter():
    text = f"""
text:
  additional_transformations:
  - {{info_types: [DATE], date_shift_config: {{crypto_key: "{KEY}"}}}}
dicom_tag_config: {{options: {{primary_ids: KEEP}}, profile_type: DEIDENTIFY_TAG_CONTENTS}}
"""
    assert digest(text, "deid.yaml") == digest(json.dumps(body()))


@pytest.mark.parametrize("spelling", [KEY.rstrip("="), KEY.replace("+", "-").replace("/", "_")])
def test_spelling_of_the_key_does_not_matter(spelling):
    assert spelling != KEY
    assert digest(json.dumps(body(spelling))) == digest(json.dumps(body()))


def test_another_key_is_another_digest():
    assert digest(json.dumps(body(base64.b64encode(bytes(range(16))).decode()))) != digest(json.dumps(body()))


def test_another_wrapped_key_is_another_digest():
    name = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    first, second = (json.dumps(body(cryptoKey=name, wrappedKey=wrapped)) for wrapped in ("AAAA", "AAAB"))
    assert digest(first) != digest(second)


@pytest.mark.parametrize("change", [{"options": {"primaryIds": "REGEN"}}, {"profileType": "KEEP_ALL_PROFILE"}])
def test_another_setting_is_another_digest(beta, change):
    assert digest(json.dumps(beta(**change))) != digest(json.dumps(beta()))


def test_order_of_actions_matters(beta):
    actions = [{"queries": ["PatientName"], "keepTag": {}}, {"queries": ["LO"], "deleteTag": {}}]
    assert digest(json.dumps(beta(actions=actions))) != digest(json.dumps(beta(actions=actions[::-1])))


def test_digest_follows_its_published_recipe(beta):
    config = {"apiVersion": "v1beta1", "config": beta()}
    canonical = json.dumps(config, sort_keys=True, separators=(",", ":")).encode()
    assert digest(json.dumps(beta())) == hashlib.sha256(canonical).hexdigest()[:32]


def test_lone_surrogate_in_a_pattern_does_not_break_the_digest(beta):
    image = {"customRegexes": [{"pattern": "\ud800"}]}
    assert len(digest(json.dumps(beta(options={"cleanImage": image})))) == 32


def test_configuration_crosses_a_process_boundary(load):
    config = load(body())
    copied = pickle.loads(pickle.dumps(config))
    assert isinstance(copied, DeidentifyConfig)
    assert copied == config
    assert hash(copied) == hash(config)
