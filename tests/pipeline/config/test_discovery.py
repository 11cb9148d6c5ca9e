import pytest
from jsonschema import Draft202012Validator

from pipeline.config.discovery import fields, json_schema, snake_case_aliases


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_compiled_schema_is_valid_json_schema(version):
    Draft202012Validator.check_schema(json_schema(version))


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_every_message_refuses_unknown_fields(version):
    assert all(message["additionalProperties"] is False for message in json_schema(version)["$defs"].values())


def test_fields_are_listed_through_arrays_and_references():
    enum = fields("v1beta1")["dicomTagConfig", "actions", "[]", "cleanImageTag", "textRedactionMode"]["enum"]
    assert "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS" in enum
    assert fields("v1")["dicom", "keepList", "tags"]["type"] == "array"


def test_v1_does_not_know_dicom_tag_config():
    assert ("dicomTagConfig",) in fields("v1beta1")
    assert ("dicomTagConfig",) not in fields("v1")


@pytest.mark.parametrize(
    ("snake", "camel"),
    [
        ("dicom_tag_config", "dicomTagConfig"),
        ("regen_uid_tag", "regenUidTag"),
        ("text_redaction_mode", "textRedactionMode"),
        ("kms_wrapped", "kmsWrapped"),
    ],
)
def test_snake_case_aliases_are_those_of_proto3_json(snake, camel):
    assert snake_case_aliases()[snake] == camel


def test_names_of_one_word_have_no_alias():
    assert "queries" not in snake_case_aliases()
