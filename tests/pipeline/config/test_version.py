import pytest

BASIC = "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"


def test_dicom_goes_to_v1(load):
    assert load({"dicom": {"filterProfile": BASIC}}).api_version == "v1"


def test_dicom_tag_config_goes_to_v1beta1(load):
    assert load({"dicomTagConfig": {"profileType": BASIC}}).api_version == "v1beta1"


def test_both_are_refused(mistakes):
    found = mistakes({"dicom": {"filterProfile": BASIC}, "dicomTagConfig": {"profileType": BASIC}})
    assert "exclude each other" in found["$"]


@pytest.mark.parametrize("body", [{}, {"text": {}}, {"useRegionalDataProcessing": True}])
def test_neither_is_refused_with_a_safe_configuration(mistakes, body):
    assert f'{{"dicomTagConfig": {{"profileType": "{BASIC}"}}}}' in mistakes(body)["$"]
