import base64
import json

import pytest

from pipeline.config import ConfigError, check_key_consistency, load_config

KEY = base64.b64encode(bytes(range(32))).decode()
KMS_NAME = "projects/p/locations/global/keyRings/r/cryptoKeys/k"
WRAPPED = {"wrappedKey": "AAEC", "cryptoKey": KMS_NAME}
DATE = "$.text.additionalTransformations[0]"


def hashing(**key):
    """A v1 body that inspects text and hashes whatever it finds, with the given key."""
    transformation = {"cryptoHashConfig": key}
    return {
        "dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
        "text": {"additionalTransformations": [transformation]},
    }


@pytest.mark.parametrize("length", [16, 24, 32])
def test_aes_key_is_accepted(mistakes, length):
    assert mistakes(hashing(cryptoKey=base64.b64encode(bytes(range(length))).decode()), several_operations=True) == {}


@pytest.mark.parametrize("length", [0, 1, 15, 17, 31, 33, 64])
def test_key_of_another_length_is_refused(mistakes, length):
    found = mistakes(hashing(cryptoKey=base64.b64encode(bytes(length)).decode()))
    assert "16, 24 or 32 bytes" in found[f"{DATE}.cryptoHashConfig.cryptoKey"]
    assert "openssl rand" in found[f"{DATE}.cryptoHashConfig.cryptoKey"]


@pytest.mark.parametrize("text", ["not base64!", KEY + "\n", KEY[:-3], "=" + KEY, KEY + "=="])
def test_key_that_is_not_base64_is_refused(mistakes, text):
    assert "base64" in mistakes(hashing(cryptoKey=text))[f"{DATE}.cryptoHashConfig.cryptoKey"]


@pytest.mark.parametrize("text", [KEY, KEY.rstrip("=")])
def test_key_is_sent_as_padded_standard_base64(load, text):
    body = load(hashing(cryptoKey=text)).body
    assert body["text"]["additionalTransformations"][0]["cryptoHashConfig"]["cryptoKey"] == KEY


def test_url_safe_key_is_sent_in_the_standard_alphabet(load):
    key = base64.urlsafe_b64encode(b"\xfb\xff" * 8).decode()
    body = load(hashing(cryptoKey=key)).body
    assert body["text"]["additionalTransformations"][0]["cryptoHashConfig"]["cryptoKey"] == "+//7//v/+//7//v/+//7/w=="


def test_wrapped_key_is_accepted(mistakes):
    assert mistakes(hashing(kmsWrapped=WRAPPED), several_operations=True) == {}


@pytest.mark.parametrize("missing", ["wrappedKey", "cryptoKey"])
@pytest.mark.parametrize("as_empty", [True, False])
def test_wrapped_key_needs_both_parts(mistakes, missing, as_empty):
    wrapped = {name: value for name, value in WRAPPED.items() if name != missing} | ({missing: ""} if as_empty else {})
    assert f"{missing} is missing" in mistakes(hashing(kmsWrapped=wrapped))[f"{DATE}.cryptoHashConfig.kmsWrapped"]


@pytest.mark.parametrize("name", ["k", "projects/p/keyRings/r/cryptoKeys/k", f"{KMS_NAME}/cryptoKeyVersions/1"])
def test_kms_name_of_another_form_is_refused(mistakes, name):
    found = mistakes(hashing(kmsWrapped={**WRAPPED, "cryptoKey": name}))
    assert list(found) == [f"{DATE}.cryptoHashConfig.kmsWrapped.cryptoKey"]


def test_plain_and_wrapped_key_together_are_refused(mistakes):
    found = mistakes(hashing(cryptoKey=KEY, kmsWrapped=WRAPPED))
    assert "exclude each other" in found[f"{DATE}.cryptoHashConfig"]


@pytest.mark.parametrize("key", [b"Salted__" + bytes(range(24)), b"\0" * 16])
def test_guessable_key_draws_a_warning(load, key):
    (warning,) = load(hashing(cryptoKey=base64.b64encode(key).decode())).warnings
    assert "openssl rand" in warning


@pytest.mark.parametrize("kind", ["cryptoHashConfig", "dateShiftConfig"])
def test_transformation_without_a_key_is_refused_for_several_operations(mistakes, kind):
    body = hashing()
    body["text"]["additionalTransformations"] = [{"infoTypes": ["DATE"], kind: {}}]
    assert mistakes(body) == {}
    assert "has no key" in mistakes(body, several_operations=True)[f"{DATE}.{kind}"]


def test_consistency_is_checked_once_the_number_of_operations_is_known(load):
    config = load(hashing())
    check_key_consistency(config, 1)
    with pytest.raises(ConfigError, match="has no key") as caught:
        check_key_consistency(config, 2)
    assert caught.value.json_path == f"{DATE}.cryptoHashConfig"


@pytest.mark.parametrize(
    "body",
    [
        {"dicomTagConfig": {"profileType": "DEIDENTIFY_TAG_CONTENTS"}},
        {"dicomTagConfig": {"options": {"cleanDescriptors": {}}}},
        {"dicomTagConfig": {"actions": [{"queries": ["LO"], "cleanTextTag": {}}]}},
        {"dicomTagConfig": {"actions": [{"queries": ["LO"], "cleanTextTag": {}}]}, "text": {"profileType": "BASIC"}},
        {"dicomTagConfig": {}, "text": {}},
        {"dicomTagConfig": {}, "text": {"additionalTransformations": [{"redactConfig": {}}]}},
        {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}},
    ],
)
def test_date_shift_by_default_is_refused_for_several_operations(mistakes, body):
    assert mistakes(body) == {}
    assert '"infoTypes": ["DATE"]' in mistakes(body, several_operations=True)["$.text"]


@pytest.mark.parametrize(
    "text",
    [
        {"profileType": "EMPTY"},
        {"excludeInfoTypes": ["DATE"]},
        {"additionalTransformations": [{"infoTypes": ["AGE", "DATE"], "redactConfig": {}}]},
        {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": {"cryptoKey": KEY}}]},
    ],
)
def test_dates_that_are_spoken_for_need_no_more(mistakes, beta, text):
    assert mistakes({**beta(profileType="DEIDENTIFY_TAG_CONTENTS"), "text": text}, several_operations=True) == {}


def test_profile_without_text_inspection_needs_no_key(mistakes, beta):
    assert mistakes(beta(), several_operations=True) == {}


def test_keys_are_in_no_message_no_warning_and_no_repr(load, mistakes):
    key = base64.b64encode(b"Salted__" + bytes(range(24))).decode()
    config = load(hashing(cryptoKey=key))
    shown = [repr(config), str(config), *config.warnings, repr(config.uid_plan)]
    too_long = base64.b64encode(b"Salted__" * 9).decode()
    for wrong in (key[:-3], key + "\n", too_long):
        shown += [*mistakes(hashing(cryptoKey=wrong)).values(), *mistakes(hashing(kmsWrapped=wrong)).values()]
        shown += mistakes({**hashing(), "useRegionalDataProcessing": wrong}).values()
        shown += mistakes({"dicom": {"filterProfile": wrong, "keepList": {"tags": [wrong]}}}).values()
    assert all("U2FsdGVkX1" not in text for text in shown)


@pytest.mark.parametrize(
    "text",
    [
        "{text: {cryptoKey:U2FsdGVkX19bS2oZsdbK9X5zi2utBn22uYAI2Vo0zOU=}}",
        "U2FsdGVkX19bS2oZsdbK9X5zi2utBn22uYAI2Vo0zOU=: {}",
        "dicom: *U2FsdGVkX19bS2oZsdbK9X5zi2utBn22uYAI2Vo0zOU",
        'cryptoKey: "U2FsdGVkX19bS2oZsdbK9X5zi2utBn22uYAI2Vo0zOU=',
        "- U2FsdGVkX19bS2oZsdbK9X5zi2utBn22uYAI2Vo0zOU=\n  x: 1",
        '{"cryptoKey": U2FsdGVkX19bS2oZsdbK9X5zi2utBn22uYAI2Vo0zOU=}',
        json.dumps({"U2FsdGVkX19bS2oZsdbK9X5zi2utBn22uYAI2Vo0zOU=": None}),
    ],
)
@pytest.mark.parametrize("name", ["deid.yaml", "deid.json", "deid"])
def test_key_in_the_wrong_place_of_a_file_is_not_repeated(name, text):
    with pytest.raises(ConfigError) as caught:
        load_config(text, name=name, operations_may_exceed_one=True)
    assert "U2FsdGVkX1" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
