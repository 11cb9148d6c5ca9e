import pytest


@pytest.mark.parametrize(
    ("body", "path", "hint"),
    [
        ({"dicomTagConfig": {"profile": "X"}}, "$.dicomTagConfig.profile", '"profileType"'),
        ({"dicomTagConfig": {"primaryIds": "KEEP"}}, "$.dicomTagConfig.primaryIds", "$.dicomTagConfig.options"),
        ({"dicomTagConfig": {}, "zzz": 1}, "$.zzz", "legal are dicom, dicomTagConfig"),
        (
            {"dicomTagConfig": {"actions": [{"queries": ["PN"], "keepTag": {"x": 1}}]}},
            "$.dicomTagConfig.actions[0].keepTag.x",
            "write {}",
        ),
        (
            {"dicom": {"filterProfile": "KEEP_ALL_PROFILE"}, "text": {"profileType": "BASIC"}},
            "$.text.profileType",
            "v1beta1 only",
        ),
        ({"dicom": {"filterProfile": "KEEP_ALL_PROFILE"}, "fhirFieldConfig": {}}, "$.fhirFieldConfig", "v1beta1 only"),
    ],
)
def test_unknown_field_is_refused_with_a_hint(mistakes, body, path, hint):
    assert hint in mistakes(body)[path]


def test_mistyped_dicom_tag_config_is_recognised(mistakes):
    assert '"dicomTagConfig"' in mistakes({"dicomTagsConfig": {}})["$.dicomTagsConfig"]


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ({"dicomTagConfig": []}, "$.dicomTagConfig", "must be an object {...}, and is a list"),
        ({"dicomTagConfig": None}, "$.dicomTagConfig", "is null"),
        ({"dicomTagConfig": {"actions": {}}}, "$.dicomTagConfig.actions", "must be a list [...], and is an object"),
        (
            {"dicom": {"filterProfile": "KEEP_ALL_PROFILE", "skipIdRedaction": "true"}},
            "$.dicom.skipIdRedaction",
            "must be true or false, and is text",
        ),
        ({"dicom": {"keepList": {"tags": [1048592]}}}, "$.dicom.keepList.tags[0]", "put it in quotes"),
        ({"dicom": {"filterProfile": 3}}, "$.dicom.filterProfile", "must be text"),
        ({"dicom": {"filterProfile": None}}, "$.dicom.filterProfile", "is null"),
    ],
)
def test_wrong_type_is_refused_and_both_types_named(mistakes, body, path, expected):
    assert expected in mistakes(body)[path]


def test_null_action_says_to_write_an_empty_object(mistakes, beta):
    found = mistakes(beta(actions=[{"queries": ["PN"], "keepTag": None}]))
    assert list(found) == ["$.dicomTagConfig.actions[0].keepTag"]
    assert "write {}" in found["$.dicomTagConfig.actions[0].keepTag"]


def test_bad_enum_lists_the_legal_values_and_the_nearest(mistakes):
    message = mistakes({"dicom": {"filterProfile": "attribute_confidentiality_basic"}})["$.dicom.filterProfile"]
    assert "DEIDENTIFY_TAG_CONTENTS" in message
    assert "did you mean ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE" in message


def test_enum_value_of_the_other_version_is_named_as_such(mistakes):
    mode = "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS"
    body = {"dicom": {"filterProfile": "KEEP_ALL_PROFILE"}, "image": {"textRedactionMode": mode}}
    assert "exists in v1beta1 only" in mistakes(body)["$.image.textRedactionMode"]


@pytest.mark.parametrize("index", [2**31, -(2**31) - 1])
def test_number_beyond_int32_is_refused(mistakes, beta, index):
    regexes = [{"pattern": "x", "groupIndexes": [index]}]
    found = mistakes(beta(options={"cleanImage": {"customRegexes": regexes}}))
    assert list(found) == ["$.dicomTagConfig.options.cleanImage.customRegexes[0].groupIndexes[0]"]


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({"config": {"dicomTagConfig": {}}}, "wraps the configuration in config"),
        ({"config": {"dicom": {}}, "destinationStore": "s"}, "request body"),
        ({"destination_store": "s", "filter_config": {}}, "request body"),
        ({"gcsConfigUri": "gs://b/o"}, "request body"),
    ],
)
def test_request_body_in_place_of_the_configuration_is_recognised(mistakes, body, hint):
    found = mistakes(body)
    assert list(found) == ["$"]
    assert hint in found["$"]
    assert "give the DeidentifyConfig itself" in found["$"]


def test_every_mistake_is_reported_at_once(mistakes, beta):
    body = {**beta(profileType="X", actions=[{"queries": ["NoSuchTagAnywhere"], "keepTag": {}}]), "txt": {}}
    assert set(mistakes(body)) == {
        "$.dicomTagConfig.profileType",
        "$.dicomTagConfig.actions[0].queries[0]",
        "$.txt",
    }
