import json
from collections import Counter
from pathlib import Path

import pydicom.datadict
import pytest

import emulator.deidentify.tables
from emulator.deidentify.actions import Action
from emulator.deidentify.rules import basic
from emulator.deidentify.tables.generate import render, table

FILE = Path(emulator.deidentify.tables.__file__).parent / "e1_2018e.json"


@pytest.fixture
def content():
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_the_edition_has_its_known_number_of_rows_of_each_code(content):
    codes = Counter(row[3] for row in content["rows"])
    assert codes == {"X": 212, "U": 36, "X/D": 14, "Z": 13, "D": 8, "X/Z": 7, "X/Z/D": 7, "Z/D": 4, "X/Z/U*": 2}


def test_the_file_names_its_source_and_each_row_its_provenance(content):
    assert "NOT copied from a 2018e text" in content["source"]
    assert all(row[4] for row in content["rows"])


def test_keywords_and_vrs_are_those_of_the_dictionary(content):
    for tag, keyword, vr, _code, _provenance in content["rows"]:
        if "x" not in tag:
            number = int(tag.replace(",", ""), 16)
            assert (pydicom.datadict.keyword_for_tag(number), pydicom.datadict.dictionary_VR(number)) == (keyword, vr)


def test_every_row_of_one_tag_has_an_action(content):
    single = [row for row in content["rows"] if "x" not in row[0]]
    assert len(basic().tags) == len(single)


@pytest.mark.parametrize(("group", "kept"), [(0x5000, False), (0x60FE, False), (0x5100, True)])
def test_curve_and_overlay_groups_go_and_their_neighbours_do_not(group, kept):
    hit = [action for mask, action in basic().masks if mask.matches(group << 16 | 0x0010)]
    assert hit == ([] if kept else [Action.DELETE])


def test_the_generator_writes_what_is_committed(content):
    rows = [
        {"tag": f"({tag})", "keyword": keyword, "vr": vr or None, "basic": code, "provenance": provenance}
        for tag, keyword, vr, code, provenance in reversed(content["rows"])
    ]
    rows.append({"tag": "(gggg,eeee) where gggg is odd", "keyword": None, "vr": None, "basic": "X"})
    editions = {"_meta": {"sources": {"x": content["source"]}}, "editions": {"x": rows}}
    assert render(table(editions, "x", "2018e")) == FILE.read_text(encoding="utf-8")
