"""One manifest line, and the path or the problem it is read as."""

from __future__ import annotations

import pytest

from pipeline.model.instance_path import (
    MAX_LINE_LENGTH,
    MAX_UID_LENGTH,
    DicomPath,
    LineProblem,
    UnreadableLine,
    parse_line,
)
from pipeline.model.names import DicomStoreName

STORE = DicomStoreName("p", "us-central1", "d", "source")
OTHER = DicomStoreName("p", "us-central1", "d", "other")
INSTANCE = DicomPath("1.2.3", "1.2.4", "1.2.5")
PATH = "studies/1.2.3/series/1.2.4/instances/1.2.5"
UID_64 = "1." + "2" * 62
UID_65 = "1." + "2" * 63


def problem_of(line: str) -> LineProblem:
    with pytest.raises(UnreadableLine) as caught:
        parse_line(line, STORE)
    return caught.value.problem


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(PATH, id="path"),
        pytest.param(f"/{PATH}", id="path with leading slash"),
        pytest.param(f"  /{PATH}\t ", id="blanks around"),
        pytest.param(f"/{PATH}\r\n", id="line end of another system"),
        pytest.param(f"{STORE}/dicomWeb/{PATH}", id="resource name"),
        pytest.param(f"/{STORE}/dicomWeb/{PATH}", id="resource name with leading slash"),
        pytest.param(f"//healthcare.googleapis.com/{STORE}/dicomWeb/{PATH}", id="full resource name"),
        pytest.param(f"https://healthcare.googleapis.com/v1/{STORE}/dicomWeb/{PATH}", id="URL, v1"),
        pytest.param(f"https://healthcare.googleapis.com/v1beta1/{STORE}/dicomWeb/{PATH}", id="URL, v1beta1"),
        pytest.param(f"https://us-central1-healthcare.googleapis.com/v1/{STORE}/dicomWeb/{PATH}", id="regional URL"),
        pytest.param(f"http://127.0.0.1:8085/v1/{STORE}/dicomWeb/{PATH}", id="URL of the embedded server"),
    ],
)
def test_every_form_of_a_line_names_the_same_instance(line: str) -> None:
    assert parse_line(line, STORE) == INSTANCE


@pytest.mark.parametrize("lead", ["", "/", f"{STORE}/dicomWeb/", f"https://h/v1/{STORE}/dicomWeb/"])
def test_a_line_may_name_a_study_in_every_form(lead: str) -> None:
    assert parse_line(f"{lead}studies/1.2.3", STORE) == DicomPath("1.2.3")


@pytest.mark.parametrize("lead", ["", "/", f"{STORE}/dicomWeb/", f"https://h/v1/{STORE}/dicomWeb/"])
def test_a_line_may_name_a_series_in_every_form(lead: str) -> None:
    assert parse_line(f"{lead}studies/1.2.3/series/1.2.4", STORE) == DicomPath("1.2.3", "1.2.4")


@pytest.mark.parametrize("line", ["", " ", "\t", "\r\n", "# a comment", "  # studies/1.2.3", "#"])
def test_blank_lines_and_comments_are_ignored(line: str) -> None:
    assert parse_line(line, STORE) is None


def test_a_comment_may_be_longer_than_any_path() -> None:
    assert parse_line("#" + "x" * (2 * MAX_LINE_LENGTH), STORE) is None


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("garbage", id="a word"),
        pytest.param("1.2.3", id="a bare UID"),
        pytest.param("studies", id="a level without its UID"),
        pytest.param("studies/1.2.3/", id="trailing slash"),
        pytest.param("studies/1.2.3/series", id="second level without its UID"),
        pytest.param("studies/1.2.3/instances/1.2.5", id="a level left out"),
        pytest.param("series/1.2.4/instances/1.2.5", id="no study"),
        pytest.param("series/1.2.4/studies/1.2.3", id="levels in another order"),
        pytest.param("Studies/1.2.3", id="capital letters"),
        pytest.param(f"{PATH}/frames/1", id="a frame"),
        pytest.param(f"{PATH}/metadata", id="a view of an instance"),
        pytest.param(f"//{PATH}", id="two slashes"),
        pytest.param(f"{STORE}/{PATH}", id="no dicomWeb"),
        pytest.param(str(STORE), id="the store itself"),
        pytest.param(f"https://healthcare.googleapis.com/v2/{STORE}/dicomWeb/{PATH}", id="unknown API version"),
        pytest.param(f"ftp://h/v1/{STORE}/dicomWeb/{PATH}", id="unknown scheme"),
        pytest.param("{'studies': '1.2.3'}", id="JSON"),
        pytest.param("\x00\x01\x02", id="binary"),
        pytest.param(f"{PATH},{PATH}", id="two paths on one line"),
        pytest.param("gs://bucket/studies/1.2.3", id="an object's name"),
    ],
)
def test_what_is_no_path_is_refused_as_such(line: str) -> None:
    assert problem_of(line) is LineProblem.NOT_A_PATH


def test_garbage_is_not_a_path() -> None:
    assert problem_of("patient 42, please") is LineProblem.NOT_A_PATH


def test_a_line_longer_than_any_legal_one_is_not_a_path() -> None:
    longest = "studies/".ljust(MAX_LINE_LENGTH, "1")
    assert problem_of(longest) is LineProblem.UID_TOO_LONG
    assert problem_of(longest + "1") is LineProblem.NOT_A_PATH


def test_the_longest_legal_line_is_read() -> None:
    store = DicomStoreName("p" * 256, "us-central1", "d" * 256, "s" * 256)
    path = f"studies/{UID_64}/series/{UID_64}/instances/{UID_64}"
    url = f"https://us-central1-healthcare.googleapis.com/v1beta1/{store}/dicomWeb/{path}"
    assert parse_line(url, store) == DicomPath(UID_64, UID_64, UID_64)


def test_paths_sort_study_by_study() -> None:
    paths = [DicomPath("2"), DicomPath("1", "3", "1"), DicomPath("1", "2", "9"), DicomPath("1")]
    assert sorted(paths) == [DicomPath("1"), DicomPath("1", "2", "9"), DicomPath("1", "3", "1"), DicomPath("2")]


@pytest.mark.parametrize(
    "uid",
    [
        pytest.param("1.2.840.", id="truncated after a dot"),
        pytest.param("", id="empty"),
        pytest.param(".1.2", id="leading dot"),
        pytest.param("1..2", id="empty component"),
        pytest.param("1.2.x", id="a letter"),
        pytest.param("1.2 3", id="a blank"),
        pytest.param("1.2.3?includefield=all", id="a query"),
        pytest.param("1.2.3%2F4", id="percent encoding"),
        pytest.param("1.2.\u0663", id="a digit of another script"),
        pytest.param("1.2.-3", id="a sign"),
        pytest.param("*", id="a wildcard"),
        pytest.param("..", id="dots"),
        pytest.param("1.2.3\x00", id="padded with NUL as in a file"),
    ],
)
@pytest.mark.parametrize("form", ["studies/{}", "studies/1.2/series/{}", "studies/1.2/series/1.3/instances/{}"])
def test_a_uid_that_is_not_digits_and_dots_is_bad_at_every_level(form: str, uid: str) -> None:
    assert problem_of(form.format(uid)) is LineProblem.BAD_UID


@pytest.mark.parametrize("form", ["studies/{}", "studies/1.2/series/{}", "studies/1.2/series/1.3/instances/{}"])
def test_a_uid_of_64_characters_is_read_at_every_level(form: str) -> None:
    assert len(UID_64) == MAX_UID_LENGTH
    assert parse_line(form.format(UID_64), STORE) is not None


@pytest.mark.parametrize("form", ["studies/{}", "studies/1.2/series/{}", "studies/1.2/series/1.3/instances/{}"])
def test_a_uid_of_65_characters_is_too_long_at_every_level(form: str) -> None:
    assert problem_of(form.format(UID_65)) is LineProblem.UID_TOO_LONG


def test_leading_zeros_in_a_uid_component_are_kept_as_the_store_has_them() -> None:
    assert parse_line("studies/1.02.003", STORE) == DicomPath("1.02.003")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"{OTHER}/dicomWeb/{PATH}", id="resource name"),
        pytest.param(f"//healthcare.googleapis.com/{OTHER}/dicomWeb/{PATH}", id="full resource name"),
        pytest.param(f"https://healthcare.googleapis.com/v1/{OTHER}/dicomWeb/{PATH}", id="URL"),
        pytest.param(f"{STORE}x/dicomWeb/{PATH}", id="a store whose name begins alike"),
        pytest.param(f"{str(STORE).replace('/d/', '/D/')}/dicomWeb/{PATH}", id="another dataset by its case"),
    ],
)
def test_a_full_name_in_another_store_is_refused(line: str) -> None:
    assert problem_of(line) is LineProblem.OTHER_STORE


@pytest.mark.parametrize("line", [f"{OTHER}/dicomWeb/{PATH}", f"studies/{UID_65}", "studies/1.2.", "Doe^Jane"])
def test_the_line_is_not_in_the_message(line: str) -> None:
    with pytest.raises(UnreadableLine) as caught:
        parse_line(line, STORE)
    assert str(caught.value) == caught.value.problem.value


@pytest.mark.parametrize("path", [DicomPath("1.2"), DicomPath("1.2", "1.3"), DicomPath("1.2", "1.3", "1.4")])
def test_a_path_as_text_is_read_back(path: DicomPath) -> None:
    assert parse_line(str(path), STORE) == path


@pytest.mark.parametrize("path", [DicomPath("1.2"), DicomPath("1.2", "1.3"), DicomPath("1.2", "1.3", "1.4")])
def test_what_follows_the_study_leads_back_to_the_path(path: DicomPath) -> None:
    assert DicomPath.of(path.study, path.inside_study) == path
