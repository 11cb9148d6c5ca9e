import json

import pytest

from emulator.errors import GoogleError
from emulator.healthcare.discovery import parse_json
from emulator.healthcare.single_quotes import in_double_quotes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': ['b', \"c\", 1]}", {"a": ["b", "c", 1]}),
        (r"""{'it\'s "quoted"': 'back\\slash\n\u00e9'}""", {'it\'s "quoted"': "back\\slash\né"}),
        (r"""{"it's": "'\"'"}""", {"it's": "'\"'"}),
        ("'\\\\'", "\\"),
        ("{'': ''}", {"": ""}),
    ],
)
def test_strings_in_single_quotes_are_read(text, value):
    assert json.loads(in_double_quotes(text)) == value
    assert parse_json(text.encode()) == value


@pytest.mark.parametrize(
    "text",
    ["{'a': 'b}", "{a: 1}", "{'a': 1,}", "{'a': 1, 'a': 2}", "{'a': '\\x'}", "'a' 'b'", "{'a': NaN}", "'\\ud800'"],
)
def test_what_is_no_json_even_so_is_refused(text):
    with pytest.raises(GoogleError) as refused:
        parse_json(text.encode())
    assert refused.value.http_status == 400


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(GoogleError) as refused:
        parse_json(b"{'a': '\xff'}")
    assert refused.value.http_status == 400


def test_json_proper_is_not_touched():
    text = json.dumps({"a'b": ["it's", '"', "\\'", "\\"], "c": "'"})
    assert in_double_quotes(text) == text
