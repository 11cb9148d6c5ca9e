import json
from collections import Counter
from pathlib import Path

import pydicom.datadict
import pytest

import emulator.deidentify.tables
from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import tag_of
from emulator.deidentify.options import EDITIONS
from emulator.deidentify.rules import basic, cleaned_descriptors, header_tags
from emulator.deidentify.tables.generate import render, table
from emulator.deidentify.tables.rows import rows

CODES = {
    "2018e": {"X": 212, "U": 36, "X/D": 14, "Z": 13, "D": 8, "X/Z": 7, "X/Z/D": 7, "Z/D": 4, "X/Z/U*": 2},
    "2024b": {"X": 383, "D": 92, "U": 54, "Z": 42, "X/D": 22, "X/Z": 11, "X/Z/D": 8, "Z/D": 6, "X/Z/U*": 2},
    "2026c": {"X": 415, "D": 93, "U": 55, "Z": 42, "X/D": 23, "X/Z": 11, "X/Z/D": 8, "Z/D": 6, "X/Z/U*": 2},
}
NEWER_THAN_THE_DICTIONARY = 25
"""Rows of 2026c whose attributes pydicom 3.0.2 does not know; all have code X, which needs no VR."""


def content(edition):
    path = Path(emulator.deidentify.tables.__file__).parent / f"e1_{edition}.json"
    return json.loads(path.read_text(encoding="utf-8")), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_edition_has_its_known_number_of_rows_of_each_code(edition):
    assert Counter(row[3] for row in content(edition)[0]["rows"]) == CODES[edition]


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_file_names_its_source_and_each_row_its_provenance(edition):
    data, _text = content(edition)
    assert data["edition"] == edition
    assert len(data["source"]) > 80
    assert all(row[5] for row in data["rows"])


def test_the_edition_that_was_put_together_says_so():
    assert "NOT copied from a 2018e text" in content("2018e")[0]["source"]
    assert "Clean Descriptors Option: 2024b" in content("2026c")[0]["source"]


@pytest.mark.parametrize("edition", EDITIONS)
def test_keywords_and_vrs_are_those_of_the_dictionary(edition):
    unknown = [row for row in rows(edition) if not row.keyword]
    for row in set(rows(edition)) - set(unknown):
        known = (pydicom.datadict.keyword_for_tag(row.tag), pydicom.datadict.dictionary_VR(row.tag))
        assert known == (row.keyword, row.vr)
    assert all((row.code, row.vr) == ("X", "") for row in unknown)
    assert len(unknown) == (NEWER_THAN_THE_DICTIONARY if edition == "2026c" else 0)


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_row_of_one_tag_has_an_action(edition):
    single = [row for row in content(edition)[0]["rows"] if "x" not in row[0]]
    assert len(rows(edition)) == len(single)
    assert {row.tag for row in rows(edition)} == basic(edition).tags.keys() - {tag_of("ResponsiblePersonRole")}
    assert {row[0] for row in content(edition)[0]["rows"] if row not in single} == {
        "50xx,xxxx",
        "60xx,3000",
        "60xx,4000",
    }


def test_a_newer_edition_drops_no_row():
    tags = [{row.tag for row in rows(edition)} for edition in EDITIONS]
    assert tags[0] < tags[1] < tags[2]


@pytest.mark.parametrize(("edition", "number"), [("2018e", 52), ("2024b", 125), ("2026c", 125)])
def test_descriptors_are_what_the_option_column_says(edition, number):
    cleaned = cleaned_descriptors(edition)
    assert len(cleaned) == number
    assert {tag_of("StudyDescription"), tag_of("ImageComments")} < cleaned
    assert not {tag_of("PatientName"), tag_of("StudyDate"), tag_of("PatientID")} & cleaned
    assert cleaned < header_tags(edition)


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_identifies_is_every_row(edition):
    assert header_tags(edition) == {row.tag for row in rows(edition)}


@pytest.mark.parametrize(("group", "kept"), [(0x5000, False), (0x60FE, False), (0x5100, True)])
def test_curve_and_overlay_groups_go_and_their_neighbours_do_not(group, kept):
    hit = [action for mask, action in basic().masks if mask.matches(group << 16 | 0x0010)]
    assert hit == ([] if kept else [Action.DELETE])


def test_an_edition_that_is_not_there_is_an_error():
    with pytest.raises(FileNotFoundError):
        rows("1066a")


def source_of(edition, options=True):
    """An editions file that the committed table could have been made from."""
    data, _text = content(edition)
    made = []
    for tag, keyword, vr, code, clean, provenance in reversed(data["rows"]):
        row = {"tag": f"({tag})", "keyword": keyword or None, "vr": vr or None, "basic": code}
        if options:
            row |= {"options": {"clean_desc": clean} if clean else {}, "provenance": provenance}
        made.append(row)
    made.append({"tag": "(gggg,eeee) where gggg is odd", "keyword": None, "vr": None, "basic": "X", "options": {}})
    return made, data["source"]


@pytest.mark.parametrize("edition", ["2018e", "2024b"])
def test_the_generator_writes_what_is_committed(edition):
    made, source = source_of(edition)
    editions = {"_meta": {"sources": {"x": source}}, "editions": {"x": made}}
    assert render(table(editions, "x", edition)) == content(edition)[1]


def test_the_generator_takes_options_from_another_edition_where_the_source_has_none():
    made, source = source_of("2026c", options=False)
    other, other_source = source_of("2024b")
    own_source, _, named = source.partition("; Clean Descriptors Option: ")
    assert named == f"2024b, {other_source}"
    editions = {
        "_meta": {"sources": {"x": own_source, "2024b": other_source}},
        "editions": {"x": made, "2024b": other},
    }
    assert render(table(editions, "x", "2026c", "2024b")) == content("2026c")[1]
