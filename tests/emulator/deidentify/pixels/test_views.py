import numpy as np
import pytest
from pydicom.dataset import Dataset


def views_of(redact, whole, **kwargs):
    """The pictures that are searched; nothing is found in them."""
    seen = []

    def find(view):
        seen.append(view)
        return []

    assert redact(whole, find=find, **kwargs) is None
    return seen


def shows(view, cells):
    """Whether a picture tells these pixels from all others."""
    level = np.unique(view[cells])
    return level.size == 1 and (np.abs(view[~cells].astype(int) - int(level[0])) > 60).all()


@pytest.fixture
def scene():
    """A dark and a bright half with a square of text in each, and where those squares are."""
    cells = np.zeros((1, 20, 24, 1), "i2")
    cells[0, :, 12:] = 3000
    dark, bright = np.zeros((20, 24), bool), np.zeros((20, 24), bool)
    dark[5:8, 3:6], bright[5:8, 15:18] = True, True
    cells[0, dark, 0], cells[0, bright, 0] = 40, 3040
    return cells, dark, bright


def test_text_that_only_a_window_shows_is_in_one_of_the_pictures(picture, redact, scene):
    cells, dark, bright = scene
    whole = picture(cells, WindowCenter=[20, 3020], WindowWidth=[40, 40])
    views = views_of(redact, whole)
    assert len(views) == 3
    assert shows(views[0][:, :12], dark[:, :12])
    assert shows(views[1][:, 12:], bright[:, 12:])


def test_windows_are_of_rescaled_values(picture, redact, scene):
    cells, dark, _ = scene
    whole = picture(cells, WindowCenter=-960, WindowWidth=80, RescaleSlope=2, RescaleIntercept=-1000)
    assert shows(views_of(redact, whole)[0][:, :12], dark[:, :12])


def test_text_beyond_the_window_is_in_the_picture_of_the_full_range(picture, redact, scene):
    cells, dark, _ = scene
    cells[0, dark, 0] = 2000
    views = views_of(redact, picture(cells, WindowCenter=100, WindowWidth=50))
    assert any(shows(view[:, :12], dark[:, :12]) for view in views)
    whole_range = views[-1]
    assert (whole_range.min(), whole_range.max()) == (0, 255)


def test_a_few_outliers_do_not_hide_the_text(picture, redact):
    cells = np.full((1, 40, 48, 1), 1000, "u2")
    text = np.zeros((40, 48), bool)
    text[5:9, 3:20] = True
    cells[0, text, 0] = 1200
    cells[0, 0, 0] = 65535
    assert any(shows(np.delete(view, 0, 0), text[1:]) for view in views_of(redact, picture(cells)))


def test_floating_point_text_shows_in_spite_of_numbers_that_are_none(picture, redact):
    cells = np.zeros((1, 20, 24, 1), "f4")
    text = np.zeros((20, 24), bool)
    text[5:8, 3:20] = True
    cells[0, text, 0] = 1e-3
    cells[0, 0, 0], cells[0, 0, 1] = np.nan, -np.inf
    whole = picture(cells, FloatPixelData=cells.tobytes())
    del whole.PixelData
    assert any(shows(view[1:], text[1:]) for view in views_of(redact, whole))


def test_each_frame_is_shown_through_its_own_window(picture, redact, scene):
    cells, dark, bright = scene
    groups = []
    for center in (20, 3020):
        group, voi = Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = center, 40
        group.FrameVOILUTSequence = [voi]
        groups.append(group)
    whole = picture(np.concatenate([cells, cells]), PerFrameFunctionalGroupsSequence=groups)
    first, _, second, _ = views_of(redact, whole)
    assert shows(first[:, :12], dark[:, :12])
    assert shows(second[:, 12:], bright[:, 12:])


def test_a_window_shared_by_all_frames_counts(picture, redact, scene):
    cells, dark, _ = scene
    shared, voi, rescale = Dataset(), Dataset(), Dataset()
    voi.WindowCenter, voi.WindowWidth = 520, 40
    rescale.RescaleSlope, rescale.RescaleIntercept = 1, 500
    shared.FrameVOILUTSequence, shared.PixelValueTransformationSequence = [voi], [rescale]
    whole = picture(cells, SharedFunctionalGroupsSequence=[shared])
    assert shows(views_of(redact, whole)[0][:, :12], dark[:, :12])


def test_text_that_a_voi_table_shows_is_in_one_of_the_pictures(picture, redact, scene):
    cells, dark, _ = scene
    table = Dataset()
    table.LUTDescriptor = [64, 0, 8]
    table.add_new(0x00283006, "US", [0] * 32 + [255] * 32)
    assert shows(views_of(redact, picture(cells, VOILUTSequence=[table]))[0][:, :12], dark[:, :12])


def test_text_that_a_modality_table_brings_out_is_in_one_of_the_pictures(picture, redact, scene):
    cells, dark, _ = scene
    table = Dataset()
    table.LUTDescriptor = [64, 0, 16]
    table.ModalityLUTType = "US"
    table.add_new(0x00283006, "US", [0] * 32 + [500] * 32)
    whole = picture(cells, ModalityLUTSequence=[table], WindowCenter=250, WindowWidth=500)
    assert shows(views_of(redact, whole)[0][:, :12], dark[:, :12])


@pytest.mark.parametrize("center", ["", "CANARY", "1e400"])
def test_a_damaged_window_is_passed_over(picture, redact, encoded, scene, center):
    cells, _, _ = scene
    whole = picture(cells, WindowWidth=40)
    whole.add_new(0x00281050, "LO", center)
    content = encoded(whole).replace(b"\x28\x00\x50\x10LO", b"\x28\x00\x50\x10DS")
    assert len(views_of(redact, content)) >= 1


def test_small_values_of_monochrome1_are_bright(picture, redact, noise):
    cells = noise("u1")
    view = views_of(redact, picture(cells, PhotometricInterpretation="MONOCHROME1"))[0]
    assert np.array_equal(view, 255 - cells[0, ..., 0])


def test_a_frame_of_one_value_is_not_searched(picture, redact):
    assert views_of(redact, picture(np.full((2, 20, 24, 1), 9, "u2"))) == []


def test_windows_that_show_the_same_are_searched_once(picture, redact, noise):
    views = views_of(redact, picture(noise("u1"), WindowCenter=[128, 128], WindowWidth=[256, 255]))
    assert len(views) == 1


def test_rgb_is_shown_as_it_is(picture, redact, noise):
    cells = noise("u1", (1, 20, 24, 3))
    (view,) = views_of(redact, picture(cells))
    assert np.array_equal(view, cells[0])


def test_rgb_of_16_bits_that_uses_8_of_them_is_shown_bright(picture, redact, noise):
    cells = noise("u1", (1, 20, 24, 3)).astype("u2")
    (view,) = views_of(redact, picture(cells))
    assert np.array_equal(view, cells[0])


def test_ybr_is_shown_in_its_colours(picture, redact):
    cells = np.zeros((1, 20, 24, 3), "u1")
    cells[...] = [76, 85, 255]  # red
    cells[0, :5] = [255, 128, 128]
    (view,) = views_of(redact, picture(cells, PhotometricInterpretation="YBR_FULL"))
    assert np.abs(view[0, 0].astype(int) - 255).max() <= 1
    assert np.abs(view[9, 0].astype(int) - [255, 0, 0]).max() <= 2


@pytest.mark.parametrize("segmented", [False, True])
def test_palette_indices_are_shown_in_their_colours(picture, redact, noise, segmented):
    lookup = {}
    for colour, entry in (("Red", 65535), ("Green", 0), ("Blue", 32768)):
        lookup[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        entries = [0] * 200 + [entry] * 56
        if segmented:
            value = np.array([0, 1, 0, 1, 199, 0, 0, 1, entry, 1, 55, entry], "<u2")
            lookup[f"Segmented{colour}PaletteColorLookupTableData"] = value.tobytes()
        else:
            lookup[f"{colour}PaletteColorLookupTableData"] = np.array(entries, "<u2").tobytes()
    cells = noise("u1")
    (view,) = views_of(redact, picture(cells, PhotometricInterpretation="PALETTE COLOR", **lookup))
    high = cells[0, ..., 0] >= 201
    assert np.abs(view[high].astype(int) - [255, 0, 127]).max() <= 1


def test_equal_frames_are_searched_once(picture, redact, noise):
    one = noise("u1")
    views = views_of(redact, picture(np.concatenate([one, one, one[:, ::-1], one])))
    assert len(views) == 2


def test_what_is_found_in_one_frame_is_blanked_in_all(picture, redact, noise, outside, box):
    before = noise("u1", (4, 20, 24, 1))
    other = type(box)(12, 9, 20, 14)
    found = iter([[], [box], [], [other]])
    after = redact(picture(before), find=lambda view: next(found)).pixel_array[..., None]
    assert not after[(slice(None), *box.slices)].any()
    assert not after[(slice(None), *other.slices)].any()
    kept = np.ones((20, 24), bool)
    kept[box.slices], kept[other.slices] = False, False
    assert np.array_equal(after[:, kept], before[:, kept])


def test_boxes_are_clipped_to_the_image(picture, redact, noise, box):
    before = noise("u1")
    huge = type(box)(-5, -5, 3, 2)
    after = redact(picture(before), find=lambda view: [huge]).pixel_array
    assert not after[:2, :3].any()
    assert np.array_equal(after[2:], before[0, 2:, :, 0])


def test_a_box_outside_the_image_is_none(picture, redact, noise, box):
    assert redact(picture(noise("u1")), find=lambda view: [type(box)(30, 30, 40, 40)]) is None
