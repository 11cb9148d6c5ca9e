"""Each of the ten checks, passing and failing."""

import numpy as np
import pytest

from benchmarks.midi import checks
from benchmarks.midi.answer_key import Region

REGION = Region(2, 2, 10, 6)


@pytest.mark.parametrize(("value", "passed"), [("x", 1), ("", 1), (None, 0)])
def test_tag_retained_asks_for_the_element_only(value, passed):
    assert checks.tag_retained(value) == passed


@pytest.mark.parametrize(("value", "passed"), [("x", 1), ("", 0), (None, 0)])
def test_text_notnull_asks_for_a_value(value, passed):
    assert checks.text_notnull(value) == passed


@pytest.mark.parametrize(
    ("value", "answer", "score"),
    [
        ("CT CHEST", "ct chest", 1),
        ("CT of [CTX] CHEST", "chest CT", 1),  # token by token
        ("CT", "CT CHEST", 0.5),
        ("CT CHEST", "the CT of the CHEST", 1),  # stop words do not count
        ("40", "40.0", 1),  # numbers by value
        ("400", "40", 0),
        ("", "CT", 0),
        (None, "CT", 0),
        ("anything", "...", 0),
    ],
)
def test_text_retained_counts_the_tokens_that_stayed(value, answer, score):
    assert checks.text_retained(value, answer) == score


@pytest.mark.parametrize(
    ("value", "answer", "score"),
    [
        ("for Ann Delacroix", "ann delacroix", 0),
        ("for [PERSON_NAME]", "Ann Delacroix", 1),
        ("DELACROIX here", "Ann Delacroix", 0.5),
        ("Delacroix, Ann", "Delacroix^Ann", 0),  # split at ^
        ("123456", "12345", 1),  # another number
        ("12345.0", "12345", 0),  # the same one
        ("no. 12345", "12345", 0),
        ("", "Delacroix", 1),
        (None, "Delacroix", 1),
    ],
)
def test_text_removed_counts_the_tokens_that_went(value, answer, score):
    assert checks.text_removed(value, answer) == score


@pytest.mark.parametrize(
    ("value", "passed"), [("20110501", 1), ("", 1), (None, 1), ("20110312", 0), ("20110312101500", 0)]
)
def test_date_shifted_asks_that_the_old_date_is_not_in_the_new_value(value, passed):
    assert checks.old_value_gone(value, "20110312") == passed


@pytest.mark.parametrize(("value", "passed"), [("2.25.99", 1), ("", 1), (None, 1), ("2.25.1", 0)])
def test_uid_changed_asks_that_the_old_uid_is_gone(value, passed):
    assert checks.old_value_gone(value, "2.25.1") == passed


@pytest.mark.parametrize(
    ("value", "expected", "passed"),
    [("2.25.9", "2.25.9", 1), (None, "2.25.9", 1), ("2.25.8", "2.25.9", 0), ("", "2.25.9", 0), ("2.25.9", None, 0)],
)
def test_uid_consistent_asks_for_the_one_new_uid(value, expected, passed):
    assert checks.uid_consistent(value, expected) == passed


@pytest.mark.parametrize(
    ("value", "expected", "passed"), [("P1", "P1", 1), ("P2", "P1", 0), ("", None, 0), ("", "", 0), (None, None, 0)]
)
def test_patid_consistent_asks_for_the_one_new_id_and_that_there_is_one(value, expected, passed):
    assert checks.patid_consistent(value, expected) == passed


@pytest.fixture
def image():
    """Two frames of 8 x 12 pixels, each pixel its own value."""
    return np.arange(192, dtype=np.uint16).reshape(2, 8, 12)


def test_pixels_retained_passes_for_the_same_pixels_in_another_integer_type(image):
    assert checks.pixels_retained(image.astype("int32"), checks.digest(image), None) == 1


def test_pixels_retained_fails_for_one_other_pixel(image):
    before = checks.digest(image)
    image[1, 7, 11] += 1
    assert checks.pixels_retained(image, before, None) == 0


def test_pixels_retained_looks_at_its_region_only(image):
    before = checks.digest(checks.crop(image, REGION))
    image[0, 0, 0] += 1
    assert checks.pixels_retained(image, before, REGION) == 1
    image[1, 3, 3] += 1
    assert checks.pixels_retained(image, before, REGION) == 0


def test_pixels_that_cannot_be_decoded_are_neither_retained_nor_hidden(image):
    assert checks.pixels_retained(None, checks.digest(image), None) == 0
    assert checks.pixels_hidden(None, "x", REGION, "", None) == 0


def hidden(image, before, read):
    return checks.pixels_hidden(image, "Delacroix 70006559", REGION, before, read)


def test_a_region_of_one_colour_in_each_frame_is_hidden_without_a_reader(image):
    before = checks.digest(checks.crop(image, REGION))
    image[0, 2:6, 2:10], image[1, 2:6, 2:10] = 0, 7
    assert hidden(image, before, None) == 1


def test_a_region_that_is_covered_in_one_frame_of_two_is_not_hidden_when_the_other_is_read(image):
    before = checks.digest(checks.crop(image, REGION))
    image[0, 2:6, 2:10] = 0
    read = lambda frame: ["DELACROIX"] if frame.any() else []  # noqa: E731
    assert hidden(image, before, read) == 0


def test_an_unchanged_region_is_not_hidden_even_when_a_reader_sees_nothing(image):
    before = checks.digest(checks.crop(image, REGION))
    assert hidden(image, before, lambda _: []) == 0


def test_a_changed_region_is_not_hidden_when_there_is_no_reader(image):
    before = checks.digest(checks.crop(image, REGION))
    image[0, 2, 2] += 1
    assert hidden(image, before, None) == 0


@pytest.mark.parametrize(
    ("seen", "passed"),
    [([], 1), (["MI 0.8"], 1), (["De1acroix"], 0), (["ID:70006559"], 0), (["Delacroix,Ann"], 0), (["acro"], 1)],
)
def test_a_changed_region_is_hidden_when_nothing_like_a_token_is_read(image, seen, passed):
    before = checks.digest(checks.crop(image, REGION))
    image[0, 2, 2] += 1
    assert hidden(image, before, lambda _: seen) == passed


def test_colours_are_read_as_one_gray_picture_of_the_full_range():
    frame = np.zeros((2, 2, 3), "uint8")
    frame[0, 0] = (10, 0, 40)
    assert checks.to_gray(frame).tolist() == [[255, 0], [0, 0]]


def test_a_colour_region_that_differs_in_one_sample_is_not_of_one_colour():
    image = np.zeros((1, 8, 12, 3), "uint8")
    image[0, 3, 3, 2] = 1
    assert checks.pixels_hidden(image, "x", REGION, "", None) == 0
    assert checks.pixels_hidden(np.full((1, 8, 12, 3), 5), "x", REGION, "", None) == 1
