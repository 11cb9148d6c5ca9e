"""Each transformation, on text in which something was found."""

import base64
import hashlib
import hmac

import pytest

from emulator.deidentify.text.finding import CONTEXT, Finding

KEY = b"0123456789abcdef"
TEXT = "My name is Jane."
FOUND = [Finding(11, 15, "PERSON_NAME")]


@pytest.fixture
def replaced(compiled, instance):
    """TEXT with the name transformed."""

    def replace(**kind):
        plan = compiled({"additionalTransformations": [{"infoTypes": ["PERSON_NAME"], **kind}]})
        return plan.replace(TEXT, FOUND, instance())

    return replace


def hash_config(key=KEY):
    return {"cryptoKey": base64.b64encode(key).decode()}


def test_redact_erases(replaced):
    assert replaced(redactConfig={}) == "My name is ."


def test_replace_with_info_type_writes_its_name(replaced):
    assert replaced(replaceWithInfoTypeConfig={}) == "My name is [PERSON_NAME]."


def test_mask_keeps_the_length(replaced):
    assert replaced(characterMaskConfig={"maskingCharacter": "#"}) == "My name is ####."


def test_hash_is_base64_of_the_keyed_sha_256(replaced):
    expected = base64.b64encode(hmac.new(KEY, b"Jane", hashlib.sha256).digest()).decode()
    assert len(expected) == 44
    assert replaced(cryptoHashConfig=hash_config()) == f"My name is {expected}."


def test_hash_differs_with_the_key(replaced):
    assert replaced(cryptoHashConfig=hash_config()) != replaced(cryptoHashConfig=hash_config(b"f" * 16))


def test_hash_of_the_same_text_is_the_same_for_another_patient(compiled, instance):
    plan = compiled({"additionalTransformations": [{"infoTypes": ["PERSON_NAME"], "cryptoHashConfig": hash_config()}]})
    assert plan.replace(TEXT, FOUND, instance("1")) == plan.replace(TEXT, FOUND, instance("2"))


@pytest.mark.parametrize("text", ["Jürgen", "山田", "\ud800"])
def test_hash_takes_any_text(compiled, instance, text):
    plan = compiled({"additionalTransformations": [{"infoTypes": ["PERSON_NAME"], "cryptoHashConfig": hash_config()}]})
    assert len(plan.transform(text, "PERSON_NAME", instance())) == 44


def test_phrases_of_the_header_become_ctx_whatever_is_configured(compiled, instance):
    plan = compiled({"additionalTransformations": [{"redactConfig": {}}]})
    assert plan.replace("Motion of Wall", [Finding(10, 14, CONTEXT)], instance()) == "Motion of [CTX]"


def test_what_no_transformation_is_for_is_still_replaced(compiled, instance):
    plan = compiled({"profileType": "EMPTY"})
    assert plan.replace(TEXT, FOUND, instance()) == "My name is [PERSON_NAME]."


def test_findings_side_by_side_are_each_transformed(compiled, instance):
    plan = compiled({"additionalTransformations": [{"infoTypes": ["AGE"], "redactConfig": {}}]})
    findings = [Finding(0, 4, "PERSON_NAME"), Finding(4, 6, "AGE"), Finding(7, 9, CONTEXT)]
    assert plan.replace("Jane41 ab!", findings, instance()) == "[PERSON_NAME] [CTX]!"


def test_text_without_findings_stays(compiled, instance):
    assert compiled({}).replace(TEXT, [], instance()) == TEXT


@pytest.mark.parametrize("text", ["May 2021", "3/4", "2021", "30.02.2021", "yesterday"])
def test_dates_that_cannot_be_shifted_are_named(compiled, instance, text):
    assert compiled({}).transform(text, "DATE", instance()) == "[DATE]"


def test_a_birth_date_moves_with_the_other_dates(compiled, instance):
    plan, patient = compiled({}), instance()
    assert plan.transform("1.2.1980", "DATE_OF_BIRTH", patient) == plan.transform("1.2.1980", "DATE", patient)
    assert plan.transform("1.2.1980", "DATE", patient) != "1.2.1980"
