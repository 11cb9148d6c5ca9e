import pytest


@pytest.mark.parametrize("tag_config", [{}, {"profileType": "PROFILE_TYPE_UNSPECIFIED"}])
def test_unspecified_profile_is_accepted_with_a_warning_that_names_what_it_means(load, tag_config):
    (warning,) = load({"dicomTagConfig": tag_config}).warnings
    assert warning.startswith("$.dicomTagConfig.profileType: ")
    assert "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE" in warning


def test_keep_all_is_accepted_with_a_warning(load, beta):
    (warning,) = load(beta(profileType="KEEP_ALL_PROFILE")).warnings
    assert "keeps its value" in warning


def test_explicit_basic_profile_draws_no_warning(load, beta):
    assert load(beta(options={"primaryIds": "REGEN"})).warnings == ()


def test_image_beside_dicom_tag_config_is_refused_with_its_new_place(mistakes, beta):
    body = {**beta(), "image": {"textRedactionMode": "REDACT_ALL_TEXT"}}
    assert "$.dicomTagConfig.options.cleanImage" in mistakes(body)["$.image"]


@pytest.mark.parametrize("name", ["fhir", "fhirFieldConfig", "operationMetadata"])
def test_field_about_fhir_stores_draws_a_warning(load, beta, name):
    (warning,) = load({**beta(), name: {}}).warnings
    assert warning.startswith(f"$.{name}: ")
    assert "FHIR" in warning or "no effect" in warning
