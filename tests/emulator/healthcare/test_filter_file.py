import pytest

from emulator.healthcare.filter_file import FilterFileError, FilterPath, parse_filter_file
from emulator.settings import Settings

DEFAULT = Settings()


def test_levels_are_mixed_and_lines_end_by_lf_or_crlf():
    raw = b"/studies/1.2\r\n/studies/1.3/series/4\n/studies/1.3/series/4/instances/5"
    assert parse_filter_file(raw, DEFAULT) == [
        FilterPath("1.2"),
        FilterPath("1.3", "4"),
        FilterPath("1.3", "4", "5"),
    ]


def test_the_leading_slash_may_be_left_out():
    assert parse_filter_file(b"studies/1.2\n", DEFAULT) == [FilterPath("1.2")]


def test_an_empty_file_names_nothing():
    assert parse_filter_file(b"", DEFAULT) == []


@pytest.mark.parametrize(
    "line",
    [
        "StudyInstanceUID",
        "/studies/",
        "/studies/1.2/",
        "/studies/1.2 ",
        "/studies/1.2\\n",
        "/studies/1.2/instances/3",
        "/studies/1.2/series/3/instances",
        "/studies/" + "1" * 65,
        "/studies/canary",
        "projects/p/locations/l/datasets/d/dicomStores/s/dicomWeb/studies/1",
        "/studies/1.2\r",
        "\ufeff/studies/1.2",
        "# comment",
    ],
)
def test_a_line_of_another_form_is_named_by_its_number_alone(line):
    with pytest.raises(FilterFileError) as refused:
        parse_filter_file(f"/studies/9\n{line}\r\n".encode(), DEFAULT)
    assert "line 2 " in str(refused.value)
    assert "canary" not in str(refused.value)
    assert "1.2" not in str(refused.value)


def test_text_that_is_not_utf8_is_refused():
    with pytest.raises(FilterFileError, match="UTF-8"):
        parse_filter_file(b"/studies/1\xff", DEFAULT)


def test_blank_lines_are_ignored_by_default():
    assert parse_filter_file(b"\n/studies/1\n\r\n\n", DEFAULT) == [FilterPath("1")]


def test_blank_lines_are_refused_when_set():
    with pytest.raises(FilterFileError, match=r"line 2 .*blank"):
        parse_filter_file(b"/studies/1\n\n/studies/2\n", Settings(filter_blank_line="refuse"))


def test_the_last_newline_is_no_blank_line():
    settings = Settings(filter_blank_line="refuse")
    assert parse_filter_file(b"/studies/1\r\n", settings) == [FilterPath("1")]


def test_a_header_is_ignored_when_set_and_on_the_first_line_only():
    settings = Settings(filter_header_line="ignore")
    assert parse_filter_file(b"path\n/studies/1\n", settings) == [FilterPath("1")]
    with pytest.raises(FilterFileError, match="line 2"):
        parse_filter_file(b"/studies/1\npath\n", settings)


def test_a_repeated_line_counts_once_by_default():
    assert parse_filter_file(b"/studies/1\nstudies/1\n", DEFAULT) == [FilterPath("1")]


def test_a_repeated_line_is_refused_when_set():
    with pytest.raises(FilterFileError, match=r"line 2 .*repeats"):
        parse_filter_file(b"/studies/1\nstudies/1\n", Settings(filter_duplicate_line="refuse"))
