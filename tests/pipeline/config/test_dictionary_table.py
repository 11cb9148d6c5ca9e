"""The table of PS3.6 that ships with the pipeline says what pydicom's dictionary says."""

import importlib.util
from pathlib import Path

import pytest
from pydicom.datadict import dictionary_VR, keyword_dict, tag_for_keyword

from pipeline.config import dictionary_table
from pipeline.config.tags import REQUIRED_KEYWORDS, VALUE_REPRESENTATIONS, parse_selector


def _generator():
    path = Path(__file__).with_name("generate_dictionary_table.py")
    spec = importlib.util.spec_from_file_location("generate_dictionary_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_table_is_what_its_generator_writes():
    assert Path(dictionary_table.__file__).read_text(encoding="utf-8") == _generator().render()


def test_every_keyword_of_a_data_element_is_known_with_its_tag_and_vr():
    known = 0
    for keyword, tag in keyword_dict.items():
        if not keyword or tag >> 16 in {0x0000, 0xFFFE} or dictionary_VR(tag) == "NONE":
            continue
        known += 1
        selector = parse_selector(keyword, allow_vr=True)
        assert selector.tag == f"{tag:08X}"
        assert selector.vrs == frozenset(dictionary_VR(tag).split(" or "))
        assert parse_selector(selector.tag.lower(), allow_vr=False) == selector
    assert known > 4900


def test_no_keyword_reads_as_a_tag_id_or_value_representation():
    lines = [line.split(" ") for line in dictionary_table.TABLE.split("\n")]
    assert all(parse_selector(keyword, allow_vr=True).keyword == keyword for _, _, keyword in lines)


@pytest.mark.parametrize("keyword", sorted(REQUIRED_KEYWORDS))
def test_required_keyword_is_a_keyword(keyword):
    assert tag_for_keyword(keyword) is not None


def test_value_representations_are_the_34_of_the_standard():
    assert len(VALUE_REPRESENTATIONS) == 34
