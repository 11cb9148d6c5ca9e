"""Phrases of the instance's own header, found again."""

import pytest

from emulator.deidentify.text.finding import CONTEXT, DEFAULT_INFO_TYPES, HeaderWords, find
from emulator.deidentify.text.phrase import Phrase

HEADER = HeaderWords.of(
    [
        Phrase("Wall^Anna Maria", "PERSON_NAME"),
        Phrase("Li^Wei", "PERSON_NAME"),
        Phrase("Müller^Jürgen", "PERSON_NAME"),
        Phrase("Anne-Marie^O'Brien^^Dr", "PERSON_NAME"),
        Phrase("王^小东", "PERSON_NAME"),
        Phrase("Pine^Sue", "PERSON_NAME"),
        Phrase("S1214223-1", "MEDICAL_RECORD_NUMBER"),
        Phrase("C232215", "MEDICAL_RECORD_NUMBER"),
        Phrase("004-345-67", "MEDICAL_RECORD_NUMBER"),
        Phrase("400", "MEDICAL_RECORD_NUMBER"),
        Phrase("(312) 555-0142", "PHONE_NUMBER"),
        Phrase("19880812", "DATE_OF_BIRTH"),
        Phrase("Springfield General Hospital, Radiology", "ORGANIZATION_NAME"),
        Phrase("Evergreen Terrace 742", "LOCATION"),
        Phrase("CTSCANNER7", ""),
        Phrase("YES", ""),
        Phrase("M", ""),
    ]
)


def found(text, **kwargs):
    findings = find(text, info_types=DEFAULT_INFO_TYPES, header=HEADER, **kwargs)
    return [(text[one.start : one.end], one.info_type) for one in findings]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Motion of the Wall is normal", "Wall"),
        ("motion of the WALL is normal", "WALL"),
        ("anna's report", "anna's"),
        ("report of Anna Wall.", "Anna Wall"),
        ("WALL,ANNA", "WALL,ANNA"),
        ("Wall-Anna_Maria", "Wall-Anna_Maria"),
        ("Wei Li came", "Wei Li"),
        ("Herr Muller", "Muller"),
        ("HERR MÜLLER", "MÜLLER"),
        ("id S1214223-1 here", "S1214223-1"),
        ("s12142231", "s12142231"),
        ("12.08.1988", "12.08.1988"),
        ("August 12, 1988", "August 12, 1988"),
        ("12 aug 1988", "12 aug 1988"),
        ("8/12/88", "8/12/88"),
        ("17th, 12th of August 1988", "12th of August 1988"),
        ("am 12. August 1988", "12. August 1988"),
        ("le 12 août 1988", "12 août 1988"),
        ("b. 12081988", "12081988"),
        ("880812_axial", "880812"),
        ("CT_WALL_AX", "WALL"),
        ("Wall2 left", "Wall"),
        ("AnnaWall", "AnnaWall"),
        ("login awall", "awall"),
        ("by A. Wall", "A. Wall"),
        ("Wall A M, left", "Wall A M"),
        ("wall's", "wall's"),
        ("Frau Mueller", "Mueller"),
        ("Mu\u0308ller links", "Mu\u0308ller"),
        ("Jürgen  \u2018Müller\u2019", "Jürgen  \u2018Müller"),
        ("OBrien, right", "OBrien"),
        ("O brien", "O brien"),
        ("KNEE o'brien LEFT", "o'brien"),
        ("MarieO'Brien", "MarieO'Brien"),
        ("x Anne-MarieOBrien_2", "Anne-MarieOBrien"),
        ("Anne Marie", "Anne Marie"),
        ("检查王小东的头", "王小东"),
        ("小东", "小东"),
        ("C23 2215", "C23 2215"),
        ("c-232215", "c-232215"),
        ("MRN00434567", "00434567"),
        ("434567", "434567"),
        ("004 345 67", "004 345 67"),
        ("CT_00434567_AX", "00434567"),
        ("size 400", "400"),
        ("call 312.555.0142", "312.555.0142"),
        ("+1 312 555 0142", "312 555 0142"),
        ("in Springfield", "Springfield"),
        ("Evergreen 742", "Evergreen"),
        ("from CTSCANNER7", "CTSCANNER7"),
    ],
)
def test_a_phrase_is_found_in_every_way_it_is_written(text, phrase):
    assert (phrase, CONTEXT) in found(text, contextual=True)


@pytest.mark.parametrize(
    "text",
    [
        *("Wallpaper", "Annapolis", "YES", "5 M", "General condition", "left hospital", "Li", "S121422"),
        *("WW400", "3.400", "400.5", "a m", "A. M.", "1434567", "12 1988 08 13", "Dr", "Mullers", "spine"),
    ],
)
def test_parts_of_words_and_words_that_say_nothing_are_not(text):
    assert found(text, contextual=True) == []


def test_without_the_option_names_and_ids_are_found_as_what_they_are():
    assert found("Wall, S1214223-1") == [("Wall", "PERSON_NAME"), ("S1214223-1", "MEDICAL_RECORD_NUMBER")]
    assert found("from CTSCANNER7") == []


def test_the_header_goes_before_forms():
    assert found("Patient: Anna Wall", contextual=True) == [("Anna Wall", CONTEXT)]


@pytest.mark.parametrize("text", ["ANNAWALL", "WA11 ANNA", "S12I4223-1", "S1214 223 1", "JURGFN", "MULLER"])
def test_text_read_from_pixels_is_compared_with_what_readers_confuse(text):
    assert found(text, contextual=True, ocr=True)


@pytest.mark.parametrize("text", ["LIVER LONG", "GAIN 52", "MI 1.2", "FR 33Hz", "Female"])
def test_text_of_the_device_is_not_taken_for_a_phrase(text):
    assert found(text, contextual=True, ocr=True) == []


def test_header_words_say_nothing_about_the_patient():
    assert "Wall" not in repr(HEADER) + repr(HEADER._fuzzy)
