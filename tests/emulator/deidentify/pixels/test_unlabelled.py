"""Values of a banner that no label explains."""

import pytest

from emulator.deidentify.pixels.unlabelled import unlabelled
from emulator.deidentify.text.phrase import Phrase

PHRASES = (Phrase("A^C", "PERSON_NAME"), Phrase("Quillfeather^Anna", "PERSON_NAME"), Phrase("US", "ORGANIZATION_NAME"))


def found(text: str) -> list[tuple[str, str]]:
    return [(text[finding.start : finding.end], finding.info_type) for finding in unlabelled(text, PHRASES)]


@pytest.mark.parametrize("number", ["0001128201", "E20202020202", "OO47431395", "1048291", "ABC1234567", "04829I736"])
def test_a_long_number_is_an_id(number: str) -> None:
    assert found(f"x {number} y") == [(number, "MEDICAL_RECORD_NUMBER")]


@pytest.mark.parametrize(
    "text",
    ["123456", "0.0012345", "12345678.5", "3850Hz", "WL 40 WW 400", "SOLIB BOSS", "05:24:57", "2017-03-02", "BOSSSOLO"],
)
def test_parameters_and_words_are_no_ids(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["AC", "a c", "A.C.", "QUILLFEATHER, ANNA"])
def test_a_line_that_is_a_name_of_the_header_is_a_name(text: str) -> None:
    assert found(text) == [(text, "PERSON_NAME")]


@pytest.mark.parametrize("text", ["ACE", "US", "A", "", "AC 20"])
def test_a_line_that_is_more_or_less_than_a_name_is_none(text: str) -> None:
    assert found(text) == []
