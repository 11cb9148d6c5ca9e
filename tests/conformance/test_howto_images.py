"""How-to, section "Redact burned-in text from images": both samples on a picture with text in its lower part.

The page shows pictures; what it says of them is held here. Which transfer syntax a redacted JPEG image gets is not
documented: it is decoded once and stored uncompressed, so that nothing outside the boxes changes a second time.
"""

from __future__ import annotations

import numpy as np
import pytest

from emulator.deidentify import compile_config


@pytest.fixture
def sample(page, burned_in):
    """The sample instance with text burned in."""
    return page.sample(burned_in[0])


@pytest.fixture
def before(page, sample):
    """Its pixels, decoded."""
    return page.pixels(sample)


def inside(pixels, box):
    left, top, right, bottom = box
    return pixels[top:bottom, left:right]


def test_redact_all_text(page, run, sample, before, burned_in):
    """ "All the burned-in text at the bottom of the image has been redacted." """
    boxes = burned_in[1]
    done = run(page.requests["redact_all_text"], sample)
    pixels = page.pixels(done.file())
    for box in boxes.values():
        assert not inside(pixels, box).any()
    assert np.array_equal(pixels[:700], before[:700])


def test_redact_sensitive_text_with_the_clean_descriptors_option(page, run, sample, before, burned_in):
    """ "The text Female is still shown, because PatientSex (0010,0040) isn't one of the default DICOM infoTypes." """
    boxes = burned_in[1]
    done = run(page.requests["redact_sensitive_text_clean_descriptors"], sample)
    pixels = page.pixels(done.file())
    assert np.array_equal(inside(pixels, boxes["sex"]), inside(before, boxes["sex"]))
    for name in ("name", "id", "birth date"):
        assert not inside(pixels, boxes[name]).any(), name
    assert np.array_equal(pixels[:700], before[:700])


@pytest.mark.parametrize("name", ["redact_all_text", "redact_sensitive_text_clean_descriptors"])
def test_the_metadata_is_de_identified_by_the_default_profile_as_well(page, run, sample, name):
    """Nothing but cleanImage is asked for: an unspecified profileType is the Basic profile."""
    done = run(page.requests[name], sample)
    metadata = done.metadata()
    described = {"00020010", "00280004", "00280006", *(tag for tag in metadata if tag.startswith("002821"))}
    expected = page.result(page.after_basic())
    assert {t: v for t, v in metadata.items() if t not in described} == {
        t: v for t, v in expected.items() if t not in described
    }
    assert metadata["00282110"]["Value"] == ["01"]
    assert page.originals_in(done.file()) == set()


def test_without_text_nothing_of_the_image_changes(page, run):
    done = run(page.requests["redact_all_text"], page.sample())
    assert done.metadata() == page.result(page.after_basic())
    assert page.grey in done.file()


def test_image_config_to_clean_image():
    """ "Migrate requests": image becomes options.cleanImage; "the options in the ImageConfig object are the same"."""
    mode = {"textRedactionMode": "REDACT_ALL_TEXT"}
    old = {"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}, "image": mode}
    new = {"dicomTagConfig": {"options": {"cleanImage": mode}}}
    assert compile_config(old, "v1beta1") == compile_config(new, "v1beta1")


def test_clean_image_tag_needs_pixel_data_to_be_named_and_clean_image_adds_it(page):
    """Section "Redact burned-in text with contextual de-identification": the two ways to ask for it."""
    mode = {"textRedactionMode": "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS"}
    by_action = {"dicomTagConfig": {"actions": [{"queries": ["PixelData"], "cleanImageTag": mode}]}}
    by_option = page.config("redact_sensitive_text_clean_descriptors")
    image = compile_config(by_action, "v1beta1").image
    assert image is not None
    assert image == compile_config(by_option, "v1beta1").image


def test_clean_image_tag_supports_pixel_data_only(page, cloud):
    source, destination = cloud.create_store(), cloud.create_store()
    action = {"queries": ["PatientName"], "cleanImageTag": {"textRedactionMode": "REDACT_ALL_TEXT"}}
    body = {"destinationStore": destination, "config": {"dicomTagConfig": {"actions": [action]}}}
    answer = cloud.post(f"v1beta1/{source}:deidentify", body)
    assert answer.status_code == 400
    assert "PixelData" in answer.json()["error"]["message"]
