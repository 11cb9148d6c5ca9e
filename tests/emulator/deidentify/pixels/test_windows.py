"""Which parts of an image the detector sees, and how large."""

import itertools

import pytest

from emulator.deidentify.pixels.boxes import Box, coverage
from emulator.deidentify.pixels.reader import SIDE_LEN, THOROUGH_SIDE_LEN
from emulator.deidentify.pixels.windows import OVERLAP, TILE_SIDE, windows

SHAPES = [(8, 8), (64, 64), (512, 512), (1024, 768), (2000, 2000), (20000, 9), (9, 20000), (3000, 4000), (65535, 8)]


@pytest.mark.parametrize("side_len", [SIDE_LEN, THOROUGH_SIDE_LEN])
@pytest.mark.parametrize(("columns", "rows"), SHAPES)
def test_what_is_shown_is_bounded_and_fits_the_network(columns: int, rows: int, side_len: int) -> None:
    for window in windows(columns, rows, side_len):
        assert window.columns % 32 == window.rows % 32 == 0
        assert window.columns * window.rows <= 4.2e6
        assert min(window.columns, window.rows) >= 32


@pytest.mark.parametrize(("columns", "rows"), SHAPES)
def test_every_pixel_is_seen_at_its_full_size_or_larger(columns: int, rows: int) -> None:
    full = [window.box for window in windows(columns, rows, SIDE_LEN) if window.columns >= window.box.width * 0.96]
    assert coverage(Box(0, 0, columns, rows), full) == 1


def test_small_images_are_enlarged_to_the_side_asked_for() -> None:
    (window,) = windows(368, 368, SIDE_LEN)
    assert (window.columns, window.rows) == (736, 736)


def test_large_images_are_also_seen_whole() -> None:
    whole, *tiles = windows(4000, 3000, SIDE_LEN)
    assert whole.box == Box(0, 0, 4000, 3000)
    assert (whole.columns, whole.rows) == (1984, 1504)
    assert all(max(tile.box.width, tile.box.height) <= TILE_SIDE for tile in tiles)


def test_neighbouring_tiles_overlap() -> None:
    _, *tiles = windows(5000, 1000, SIDE_LEN)
    for left, right in itertools.pairwise(tiles):
        assert left.box.right - right.box.left >= OVERLAP - 1


@pytest.mark.parametrize(("columns", "rows"), [(7, 500), (500, 7), (0, 0), (1, 1)])
def test_nothing_is_looked_for_where_no_letter_fits(columns: int, rows: int) -> None:
    assert windows(columns, rows, SIDE_LEN) == []
