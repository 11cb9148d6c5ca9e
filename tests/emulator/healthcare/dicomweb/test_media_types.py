"""Content-Type and Accept headers."""

from __future__ import annotations

import pytest

from emulator.healthcare.dicomweb.media_types import BadMediaType, parse_accept, parse_media_type


def test_parameters_are_unquoted_and_their_names_in_lower_case():
    media_type = parse_media_type(r'Multipart/Related; TYPE="application/dicom"; boundary="a;b,c\"d"; q=1')
    assert media_type.name == "multipart/related"
    assert media_type.parameters == {"type": "application/dicom", "boundary": 'a;b,c"d', "q": "1"}


def test_accept_is_sorted_by_quality_and_drops_what_is_refused():
    header = 'a/b; q=0.2, multipart/related; type="x/y"; transfer-syntax=*, c/d;q=0, e/f;q=0.9'
    assert [item.name for item in parse_accept(header)] == ["multipart/related", "e/f", "a/b"]


@pytest.mark.parametrize("header", ["", "  "])
def test_no_accept_header_accepts_everything(header):
    assert [item.name for item in parse_accept(header)] == ["*/*"]


@pytest.mark.parametrize("header", ["x", "a/b c/d", "a/b;=", ",", "/", "a/b, ", "a" * 9000 + "/b", 'a/b; x="unclosed'])
def test_a_header_that_cannot_be_read_is_refused(header):
    with pytest.raises(BadMediaType):
        parse_accept(header)


def test_a_content_type_is_one_media_type():
    with pytest.raises(BadMediaType):
        parse_media_type("a/b, c/d")
