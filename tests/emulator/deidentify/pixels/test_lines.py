"""Where the characters of a line lie, and which lines are read together."""

import pytest

from emulator.deidentify.pixels.boxes import Box
from emulator.deidentify.pixels.lines import Line
from emulator.deidentify.pixels.passages import passages


def line(text: str, left: int, top: int, right: int, bottom: int, score: float = 1.0) -> Line:
    quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    centres = tuple((index + 0.5) / len(text) for index in range(len(text)))
    return Line(quad, text, score, centres)


def texts(*lines: Line) -> list[str]:
    return [passage.text for passage in passages(lines)]


def test_a_part_of_a_line_is_where_its_characters_are() -> None:
    assert line("abcdefghij", 100, 50, 200, 60).part(2, 4, spare=0) == Box(120, 50, 140, 60)


def test_a_part_has_room_to_spare_on_both_sides() -> None:
    assert line("abcdefghij", 100, 50, 200, 60).part(2, 4) == Box(115, 50, 145, 60)


def test_a_part_does_not_leave_its_line() -> None:
    assert line("abcdefghij", 100, 50, 200, 60).part(0, 10, spare=3) == Box(100, 50, 200, 60)


def test_a_part_of_a_line_that_runs_downwards_is_below() -> None:
    downwards = Line(
        ((60, 100), (60, 200), (50, 200), (50, 100)), "abcdefghij", 1.0, line("abcdefghij", 0, 0, 1, 1).centres
    )
    assert downwards.part(2, 4, spare=0) == Box(50, 120, 60, 140)
    assert not downwards.upright


def test_lines_far_apart_are_read_alone() -> None:
    assert texts(line("one", 0, 0, 30, 10), line("two", 300, 0, 330, 10), line("three", 0, 90, 30, 100)) == [
        *("one", "two", "three")
    ]


def test_a_name_in_three_boxes_of_a_row_is_read_as_one() -> None:
    boxes = [line("NAME:", 0, 0, 50, 10), line("ANNA", 90, 2, 130, 12), line("DOE", 55, 1, 85, 11)]
    assert "NAME: DOE ANNA" in texts(*boxes)


def test_a_label_and_the_value_below_it_are_read_as_one() -> None:
    assert "DOB:\n12/08/1988" in texts(line("DOB:", 0, 0, 40, 10), line("12/08/1988", 0, 14, 100, 24))


def test_lines_below_each_other_that_share_no_columns_are_not_read_together() -> None:
    assert texts(line("DOB:", 0, 0, 40, 10), line("L12-5", 200, 14, 250, 24)) == ["DOB:", "L12-5"]


def test_lines_without_text_are_left_out() -> None:
    assert texts(line("", 0, 0, 40, 10), line(" ", 50, 0, 90, 10), line("a", 95, 0, 99, 10)) == ["a"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 3, [(1, 0, 3)]), (2, 6, [(1, 2, 3), (0, 0, 2)]), (3, 4, []), (5, 7, [(0, 1, 3)])],
)
def test_a_span_of_a_passage_leads_back_to_its_lines(
    start: int, end: int, expected: list[tuple[int, int, int]]
) -> None:
    row = passages([line("def", 35, 0, 60, 10), line("abc", 0, 0, 30, 10)])[-1]
    assert row.text == "abc def"
    assert list(row.spans(start, end)) == expected
