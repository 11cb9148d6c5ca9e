"""Elements are known by the names of PS3.6."""

import pytest
from pydicom.datadict import dictionary_VR, keyword_dict, tag_for_keyword

from pipeline.config.tags import REQUIRED_KEYWORDS, VALUE_REPRESENTATIONS, SelectorError, parse_selector


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


def test_elements_of_commands_are_not_known():
    with pytest.raises(SelectorError):
        parse_selector("AffectedSOPClassUID", allow_vr=True)


def test_a_repeating_group_is_known_by_its_mask():
    assert parse_selector("OverlayData", allow_vr=False).tag == "60xx3000"


@pytest.mark.parametrize("keyword", sorted(REQUIRED_KEYWORDS))
def test_required_keyword_is_a_keyword(keyword):
    assert tag_for_keyword(keyword) is not None


def test_value_representations_are_the_34_of_the_standard():
    assert len(VALUE_REPRESENTATIONS) == 34
