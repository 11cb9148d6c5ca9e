import pytest

from emulator.errors import GoogleError
from emulator.healthcare.calls import find_method
from emulator.healthcare.discovery import API_VERSIONS, methods, normalise

REQUEST = "DeidentifyDicomStoreRequest"


def message_of(version, body):
    with pytest.raises(GoogleError) as refused:
        normalise(version, REQUEST, body)
    assert refused.value.http_status == 400
    return refused.value.message


def test_snake_case_becomes_camel_case_at_every_depth():
    body = {"destination_store": "s", "filter_config": {"resource_paths_gcs_uri": "gs://b/o"}}
    assert normalise("v1", REQUEST, body) == {
        "destinationStore": "s",
        "filterConfig": {"resourcePathsGcsUri": "gs://b/o"},
    }


def test_the_misspelt_filter_field_of_googles_own_sample_is_refused():
    message = message_of("v1", {"filterConfig": {"resourcePathGcsUri": "gs://b/o"}})
    assert message == (
        "Invalid JSON payload received. Unknown name \"resourcePathGcsUri\" at 'filter_config': Cannot find field."
    )


def test_every_mistake_is_told():
    message = message_of("v1", {"a": 1, "config": {"b": 2, "dicom": {"keepList": {"tags": "x"}}}})
    assert message.splitlines() == [
        'Invalid JSON payload received. Unknown name "a": Cannot find field.',
        "Invalid JSON payload received. Unknown name \"b\" at 'config': Cannot find field.",
        "Invalid value at 'config.dicom.keep_list.tags': it must be a JSON array.",
    ]


def test_a_field_of_v1beta1_alone_is_unknown_in_v1():
    body = {"config": {"dicomTagConfig": {"profileType": "KEEP_ALL_PROFILE"}}}
    assert normalise("v1beta1", REQUEST, body) == body
    assert "dicomTagConfig" in message_of("v1", body)


def test_an_unknown_enum_value_is_answered_with_the_known_ones_and_not_repeated():
    message = message_of("v1", {"config": {"dicom": {"filterProfile": "CANARY"}}})
    assert "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE" in message
    assert "CANARY" not in message


def test_a_field_in_both_spellings_is_refused():
    assert "given twice" in message_of("v1", {"destinationStore": "a", "destination_store": "b"})


def test_null_means_absent():
    assert normalise("v1", REQUEST, {"config": None, "destinationStore": "s"}) == {"destinationStore": "s"}


def test_output_only_fields_are_dropped():
    assert normalise("v1", "Dataset", {"satisfiesPzi": True, "timeZone": "UTC"}) == {"timeZone": "UTC"}


@pytest.mark.parametrize(
    "config",
    [
        {"text": {"transformations": [{"cryptoHashConfig": {"cryptoKey": "not base64!"}}]}},
        {"useRegionalDataProcessing": "yes"},
        {"dicom": []},
        {"dicom": {"skipIdRedaction": 1}},
        {"dicom": {"removeList": {"tags": [1]}}},
    ],
)
def test_a_value_of_another_type_is_refused(config):
    assert "Invalid value at 'config." in message_of("v1", {"config": config})


@pytest.mark.parametrize("version", API_VERSIONS)
def test_every_method_of_the_discovery_document_is_found_by_its_own_path(version):
    checked = 0
    for described in methods(version):
        path = "/" + described["flatPath"].replace("{", "x").replace("}", "x")
        method, _ = find_method(described["httpMethod"], path)
        candidates = {described["id"]}
        if "/fhir/" in path or "/dicomWeb/" in path:  # their templates overlap: {fhirId} matches every word
            continue
        assert f"healthcare.projects.locations.{method.id}" in candidates
        checked += 1
    assert checked > 80
