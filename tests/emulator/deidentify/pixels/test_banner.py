"""Values of a banner: unlabelled, cut off, abbreviated."""

import pytest

from emulator.deidentify.pixels.banner import find_in_banner
from emulator.deidentify.text.phrase import Phrase

PHRASES = (Phrase("A^C", "PERSON_NAME"), Phrase("Quillfeather^Anna", "PERSON_NAME"), Phrase("US", "ORGANIZATION_NAME"))
PLACES = (Phrase("^^^^BRMC^BR", "LOCATION"), Phrase("CCB BROOKHAVEN CLINIC", "ORGANIZATION_NAME"))


def found(text: str) -> list[tuple[str, str]]:
    return [
        (text[finding.start : finding.end], finding.info_type)
        for finding in find_in_banner(text, PHRASES, contextual=False)
    ]


@pytest.mark.parametrize("number", ["0001128201", "E20202020202", "OO47431395", "1048291", "ABC1234567", "04829I736"])
def test_a_long_number_is_an_id(number: str) -> None:
    assert found(f"x {number} y") == [(number, "MEDICAL_RECORD_NUMBER")]


@pytest.mark.parametrize(
    "text",
    ["123456", "0.0012345", "12345678.5", "3850Hz", "WL 40 WW 400", "SOLIB BOSS", "05:24:57", "BOSSSOLO"],
)
def test_parameters_and_words_are_no_ids(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("date", ["1087-06-05", "84/17/1962", "99/99/99", "1962/4/17"])
def test_what_has_the_form_of_a_date_is_one_even_if_misread(date: str) -> None:
    assert found(f"DOB {date}") == [(date, "DATE")]


@pytest.mark.parametrize("text", ["VE10B 1.5.6.850", "5.3.4", "10.1.20.130", "0.6/0.7", "11-05-25-142"])
def test_versions_and_values_are_no_dates(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["AC", "a c", "A.C.", "QUILLFEATHER, ANNA"])
def test_a_line_that_is_a_name_of_the_header_is_a_name(text: str) -> None:
    assert found(text) == [(text, "PERSON_NAME")]


@pytest.mark.parametrize("text", ["ACE", "US", "A", "", "AC 20"])
def test_a_line_that_is_more_or_less_than_a_name_is_none(text: str) -> None:
    assert found(text) == []


def places_in(text: str) -> list[str]:
    return [text[finding.start : finding.end] for finding in find_in_banner(text, PLACES, contextual=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M CCB BROOKHAV...", "CCB BROOKHAV"),
        ("BROOKHAVl...", "BROOKHAVl"),
        ("CCB BROOKH…", "CCB BROOKH"),
        ("BROO..", "BROO"),
    ],
)
def test_a_phrase_that_is_cut_off_is_found(text: str, expected: str) -> None:
    assert places_in(text) == [expected]


@pytest.mark.parametrize("text", ["BROOKHAV", "BRO...", "DEPTH...", "CCBX...", "..."])
def test_what_is_not_cut_or_no_beginning_of_a_phrase_is_not_found(text: str) -> None:
    assert places_in(text) == []


def test_a_place_is_found_by_its_letters() -> None:
    assert places_in("BRMC Sports Medicine") == ["BRMC"]


@pytest.mark.parametrize("text", ["BR", "Brmc", "BRMCA"])
def test_other_letters_are_not_found(text: str) -> None:
    assert places_in(text) == []


def test_what_the_header_tells_is_context_when_descriptors_are_cleaned() -> None:
    (finding,) = find_in_banner("AC", PHRASES, contextual=True)
    assert finding.info_type == "CTX"
