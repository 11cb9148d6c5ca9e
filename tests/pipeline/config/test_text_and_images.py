import pytest

INSPECTED = {"profileType": "DEIDENTIFY_TAG_CONTENTS"}


def text(*transformations, **members):
    return {"additionalTransformations": list(transformations), **members}


def test_transformation_that_does_nothing_is_refused(mistakes, beta):
    found = mistakes({**beta(**INSPECTED), "text": text({"infoTypes": ["PERSON_NAME"]})})
    assert "redactConfig" in found["$.text.additionalTransformations[0]"]


def test_transformation_that_does_two_things_is_refused(mistakes, beta):
    both = {"infoTypes": ["PERSON_NAME"], "redactConfig": {}, "replaceWithInfoTypeConfig": {}}
    found = mistakes({**beta(**INSPECTED), "text": text(both)})
    assert "exclude each other" in found["$.text.additionalTransformations[0]"]


def test_mask_of_several_characters_is_refused(mistakes, beta):
    found = mistakes({**beta(**INSPECTED), "text": text({"characterMaskConfig": {"maskingCharacter": "##"}})})
    assert list(found) == ["$.text.additionalTransformations[0].characterMaskConfig.maskingCharacter"]


def test_an_info_type_with_two_transformations_is_refused(mistakes, beta):
    mask, hidden = {"infoTypes": ["AGE", "URL"], "redactConfig": {}}, {"infoTypes": ["URL"], "characterMaskConfig": {}}
    found = mistakes({**beta(**INSPECTED), "text": {**text(mask), "transformations": [hidden]}})
    assert "URL has a transformation already" in found["$.text.additionalTransformations[0].infoTypes"]


def test_two_transformations_for_all_other_info_types_are_refused(mistakes, beta):
    found = mistakes({**beta(**INSPECTED), "text": text({"redactConfig": {}}, {"characterMaskConfig": {}})})
    assert list(found) == ["$.text.additionalTransformations[1].infoTypes"]


def test_shifting_what_is_no_date_draws_a_warning(load, beta):
    shift = {"infoTypes": ["AGE"], "dateShiftConfig": {"cryptoKey": "MDEyMzQ1Njc4OWFiY2RlZg=="}}
    config = load({**beta(**INSPECTED), "text": text(shift, profileType="EMPTY")})
    assert any("AGE is no date" in warning for warning in config.warnings)


def test_deprecated_transformations_draw_a_warning(load, beta):
    config = load({**beta(**INSPECTED), "text": {"transformations": [{"redactConfig": {}}]}})
    assert any(warning.startswith("$.text.transformations: is deprecated") for warning in config.warnings)


def test_text_that_nothing_inspects_draws_a_warning(load, beta):
    config = load({**beta(), "text": text({"redactConfig": {}})})
    assert any(warning.startswith("$.text: has no effect") for warning in config.warnings)


@pytest.mark.parametrize(
    "members",
    [INSPECTED, {"options": {"cleanDescriptors": {}}}, {"actions": [{"queries": ["LO"], "cleanTextTag": {}}]}],
)
def test_text_that_is_inspected_draws_no_warning(load, beta, members):
    assert load({**beta(**members), "text": text({"redactConfig": {}})}).warnings == ()


@pytest.mark.parametrize(
    ("image", "refused"),
    [
        ({"textRedactionMode": "REDACT_ALL_TEXT", "additionalInfoTypes": ["AGE"]}, ["additionalInfoTypes"]),
        ({"textRedactionMode": "REDACT_NO_TEXT", "excludeInfoTypes": ["AGE"]}, ["excludeInfoTypes"]),
        ({"excludeInfoTypes": ["AGE"]}, ["excludeInfoTypes"]),
        ({"additionalInfoTypes": ["AGE"]}, []),
        ({"textRedactionMode": "REDACT_SENSITIVE_TEXT", "excludeInfoTypes": ["AGE"], "additionalInfoTypes": ["X"]}, []),
    ],
)
def test_info_types_stand_only_with_the_modes_that_use_them(mistakes, beta, image, refused):
    option = mistakes(beta(options={"cleanImage": image}))
    assert list(option) == [f"$.dicomTagConfig.options.cleanImage.{name}" for name in refused]
    action = mistakes(beta(actions=[{"queries": ["PixelData"], "cleanImageTag": image}]))
    assert list(action) == [f"$.dicomTagConfig.actions[0].cleanImageTag.{name}" for name in refused]


@pytest.mark.parametrize("image", [{}, {"textRedactionMode": "TEXT_REDACTION_MODE_UNSPECIFIED"}])
def test_image_without_a_mode_draws_a_warning(load, beta, image):
    (warning,) = load(beta(options={"cleanImage": image})).warnings
    assert "text in pixels stays" in warning


@pytest.mark.parametrize("info_type", ["LOCATION", "ORGANIZATION_NAME"])
def test_regional_processing_refuses_info_types_it_cannot_find(mistakes, beta, info_type):
    body = {**beta(**INSPECTED), "text": text({"infoTypes": [info_type], "redactConfig": {}})}
    assert mistakes(body) == {}
    found = mistakes({**body, "useRegionalDataProcessing": True})
    assert list(found) == ["$.text.additionalTransformations[0].infoTypes"]


def test_regional_processing_of_v1_text_needs_location_excluded(mistakes):
    body = {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "useRegionalDataProcessing": True}
    assert "LOCATION" in mistakes(body)["$.useRegionalDataProcessing"]
    assert mistakes({**body, "text": {"excludeInfoTypes": ["LOCATION"]}}) == {}
