"""Boxes of pixels."""

import numpy as np
import pytest

from emulator.deidentify.pixels.boxes import Box, coverage, merge


def test_a_box_covers_what_its_slices_select() -> None:
    image = np.zeros((20, 30))
    box = Box(3, 5, 10, 9)
    image[box.slices] = 1
    assert image.sum() == box.area == 28


def test_around_covers_every_point() -> None:
    assert Box.around([(1.2, 7.9), (4.0, 2.5)]) == Box(1, 2, 4, 8)


@pytest.mark.parametrize(
    ("box", "clipped"),
    [
        (Box(-3, -4, 5, 6), Box(0, 0, 5, 6)),
        (Box(8, 8, 50, 60), Box(8, 8, 20, 10)),
        (Box(30, 30, 40, 40), Box(20, 10, 20, 10)),
    ],
)
def test_clip_leaves_what_is_within_the_image(box: Box, clipped: Box) -> None:
    assert box.clip(columns=20, rows=10) == clipped


def test_pad_grows_in_all_directions() -> None:
    assert Box(5, 6, 7, 8).pad(2) == Box(3, 4, 9, 10)
    assert Box(5, 6, 7, 8).pad(2, 1) == Box(3, 5, 9, 9)


def test_scaling_down_never_covers_less() -> None:
    assert Box(5, 5, 7, 9).scale(0.5, 0.25) == Box(2, 1, 4, 3)


def test_boxes_that_do_not_meet_have_an_empty_intersection() -> None:
    assert Box(0, 0, 5, 5).intersection(Box(5, 0, 9, 5)).area == 0
    assert Box(0, 0, 5, 5).intersection(Box(8, 8, 9, 9)).area == 0


def test_union_covers_both() -> None:
    assert Box(0, 4, 5, 6).union(Box(3, 1, 9, 5)) == Box(0, 1, 9, 6)


def test_merge_drops_boxes_within_others_and_empty_ones() -> None:
    assert merge([Box(3, 3, 4, 4), Box(0, 0, 9, 9), Box(5, 5, 5, 9), Box(0, 0, 9, 9)]) == [Box(0, 0, 9, 9)]


def test_merge_covers_exactly_what_the_boxes_cover() -> None:
    random = np.random.default_rng(3)
    boxes = [Box(*sorted(random.integers(0, 40, 2)), 0, 0) for _ in range(40)]
    boxes = [Box(b.left, int(random.integers(0, 20)), b.top, int(random.integers(20, 40))) for b in boxes]

    def painted(some: list[Box]) -> np.ndarray:
        image = np.zeros((40, 40), bool)
        for box in some:
            image[box.slices] = True
        return image

    assert np.array_equal(painted(boxes), painted(merge(boxes)))


def test_coverage_counts_overlapping_boxes_once() -> None:
    assert coverage(Box(0, 0, 10, 10), [Box(0, 0, 5, 10), Box(2, 0, 6, 10), Box(20, 0, 30, 9)]) == pytest.approx(0.6)


def test_coverage_by_nothing_is_none() -> None:
    assert coverage(Box(0, 0, 10, 10), []) == 0


def test_what_covers_nothing_is_covered() -> None:
    assert coverage(Box(4, 4, 4, 9), []) == 1
