import struct

import numpy as np
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.boxes import Box

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]


def pixels(whole, like):
    """All samples as they are stored, in the shape and type of `like`."""
    return np.frombuffer(whole.PixelData[: like.nbytes], like.dtype).reshape(like.shape)


def inside(cells, box):
    return np.unique(cells[(slice(None), *box.slices)].reshape(-1, cells.shape[3]), axis=0).tolist()


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"])
def test_samples_of_every_size_are_blanked_in_the_box_and_nowhere_else(
    picture, redact, noise, outside, box, syntax, dtype
):
    before = noise(dtype)
    result = redact(picture(before), syntax)
    after = pixels(result, before)
    assert result.file_meta.TransferSyntaxUID == syntax
    assert np.array_equal(outside(after), outside(before))
    assert inside(after, box) == [[before.min() if dtype.startswith("i") else 0]]


@pytest.mark.parametrize(
    ("photometric", "stored", "black"),
    [
        ("MONOCHROME2", 12, [0]),
        ("MONOCHROME1", 12, [4095]),
        ("RGB", 8, [0, 0, 0]),
        ("YBR_FULL", 8, [0, 128, 128]),
        ("YBR_FULL", 16, [0, 32768, 32768]),
    ],
)
def test_black_is_what_the_photometric_interpretation_calls_black(
    picture, redact, noise, box, photometric, stored, black
):
    before = noise("u1" if stored == 8 else "u2", (2, 20, 24, len(black)), stored)
    result = redact(picture(before, PhotometricInterpretation=photometric, BitsStored=stored))
    assert inside(pixels(result, before), box) == [black]


@pytest.mark.parametrize(
    ("photometric", "low", "high", "black"),
    [("MONOCHROME2", -1024, 900, -1024), ("MONOCHROME2", 40, 900, 0), ("MONOCHROME1", -50, 900, 900)],
)
def test_black_of_signed_grey_is_zero_or_the_darkest_sample(picture, redact, box, photometric, low, high, black):
    before = np.full((1, 20, 24, 1), low, "i2")
    before[0, 3:9] = high
    result = redact(picture(before, PhotometricInterpretation=photometric))
    assert inside(pixels(result, before), box) == [[black]]


def test_samples_in_the_middle_of_their_cells_are_found_and_blanked_there(picture, redact, noise, outside, box):
    before = noise("u2") | 1
    seen = []

    def find(view):
        seen.append(view)
        return [box]

    result = redact(picture(before, BitsStored=10, HighBit=12, PhotometricInterpretation="MONOCHROME1"), find=find)
    after = pixels(result, before)
    assert np.array_equal(outside(after), outside(before))
    assert inside(after, box) == [[1023 << 3]]
    values = (before[0, ..., 0] >> 3 & 1023).astype("f4")
    expected = 255 * (1 - (values - values.min()) / (values.max() - values.min()))
    assert np.abs(seen[0] - expected).max() < 1.5


def test_a_negative_black_fills_the_unused_bits_with_its_sign(picture, redact, noise, box):
    before = noise("i2", bits=12)
    result = redact(picture(before, BitsStored=12))
    assert inside(pixels(result, before), box) == [[-2048]]


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("columns", [23, 24])
def test_both_planar_configurations_keep_their_layout(picture, redact, noise, outside, box, planar, columns):
    before = noise("u1", (3, 19, columns, 3))
    stored = before.transpose(0, 3, 1, 2) if planar else before
    value = stored.tobytes() + b"\0" * (stored.size % 2)
    result = redact(picture(before, PlanarConfiguration=planar, PixelData=value))
    after = pixels(result, np.ascontiguousarray(stored))
    after = after.transpose(0, 2, 3, 1) if planar else after
    assert result.PlanarConfiguration == planar
    assert np.array_equal(outside(after), outside(before))
    assert inside(after, box) == [[0, 0, 0]]


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4"])
@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_big_endian_pixels_stay_big_endian(picture, redact, noise, outside, box, dtype, vr):
    before = noise(dtype, (3, 19, 23, 1))
    big = before.astype(before.dtype.newbyteorder(">")).tobytes()
    big += b"\0" * (len(big) % 2)
    swapped = vr == "OW" and dtype == "u1"
    if swapped:
        big = np.frombuffer(big, "u2").byteswap().tobytes()
    whole = picture(before)
    whole.add_new(0x7FE00010, vr, big)
    result = redact(whole, ExplicitVRBigEndian)
    value = result.PixelData
    if swapped:
        value = np.frombuffer(value, "u2").byteswap().tobytes()
    after = np.frombuffer(value[: before.nbytes], before.dtype.newbyteorder(">")).reshape(before.shape)
    written = result["PixelData"].VR
    assert written == vr
    assert np.array_equal(outside(after), outside(before))
    assert inside(after, box) == [[0]]


def test_pixels_of_ges_private_syntax_are_big_endian_in_a_little_endian_file(
    picture, encoded, redact, noise, outside, box
):
    before = noise("u2")
    whole = picture(before, PhotometricInterpretation="MONOCHROME1", BitsStored=12)
    whole.PixelData = before.astype(">u2").tobytes()
    content = encoded(whole, ImplicitVRLittleEndian)
    result = redact(content.replace(b"1.2.840.10008.1.2\0", b"1.2.840.113619.5.2"))
    after = np.frombuffer(result.PixelData, ">u2").reshape(before.shape)
    assert np.array_equal(outside(after), outside(before))
    assert inside(after, box) == [[4095]]


def test_frames_of_single_bits_need_not_begin_with_a_byte(picture, redact, noise, outside, box):
    before = noise("u1", (5, 7, 9, 1), 1)
    packed = np.packbits(before.reshape(-1), bitorder="little").tobytes()
    result = redact(picture(before, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=packed))
    bits = np.unpackbits(np.frombuffer(result.PixelData, "u1"), bitorder="little")[: before.size]
    after = bits.reshape(before.shape)
    assert len(result.PixelData) == len(packed)
    assert np.array_equal(outside(after), outside(before))
    assert inside(after, box) == [[0]]


@pytest.mark.parametrize(("photometric", "luminance"), [("YBR_FULL_422", 0), ("YBR_PARTIAL_422", 16)])
def test_pairs_of_pixels_that_share_their_colour_are_blanked_whole(picture, redact, noise, photometric, luminance):
    before = noise("u1", (2, 10, 12, 2))  # Y Y Cb Cr for every two pixels
    whole = picture(before, PhotometricInterpretation=photometric, SamplesPerPixel=3, PlanarConfiguration=0)
    seen = []

    def find(view):
        seen.append(view.shape)
        return [Box(3, 1, 6, 4)]

    result = redact(whole, find=find)
    after = pixels(result, before).reshape(2, 10, 6, 4)
    old = before.reshape(2, 10, 6, 4)
    assert seen == [(10, 12, 3)] * 2
    assert np.array_equal(after[:, 1:4, 1:3], np.broadcast_to(np.array([luminance, luminance, 128, 128]), (2, 3, 2, 4)))
    assert np.array_equal(after[:, :, 3:], old[:, :, 3:])
    assert np.array_equal(after[:, :, :1], old[:, :, :1])


@pytest.mark.parametrize(("keyword", "dtype"), [("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")])
def test_floating_point_pixels_are_blanked_with_their_smallest_number(picture, redact, outside, box, keyword, dtype):
    before = np.random.default_rng(1).normal(0, 100, (2, 20, 24, 1)).astype(dtype)
    before[0, 0, 0], before[1, 9, 9] = np.nan, np.inf
    whole = picture(before)
    del whole.PixelData, whole.BitsStored, whole.HighBit, whole.PixelRepresentation
    setattr(whole, keyword, before.tobytes())
    result = redact(whole)
    after = np.frombuffer(result[keyword].value, dtype).reshape(before.shape)
    assert np.array_equal(outside(after), outside(before), equal_nan=True)
    assert inside(after, box) == [[before[np.isfinite(before)].min()]]


def test_black_of_a_palette_is_its_darkest_entry(picture, redact, noise, box):
    palette = np.full(256, 40000, "<u2")
    palette[77] = 300
    descriptor = struct.pack("<HHH", 256, 0, 16)
    lookup = {}
    for colour in ("Red", "Green", "Blue"):
        lookup[f"{colour}PaletteColorLookupTableDescriptor"] = list(struct.unpack("<HHH", descriptor))
        lookup[f"{colour}PaletteColorLookupTableData"] = palette.tobytes()
    before = noise("u1")
    result = redact(picture(before, PhotometricInterpretation="PALETTE COLOR", **lookup))
    assert inside(pixels(result, before), box) == [[77]]


def test_an_image_without_its_palette_is_refused(picture, redact, noise):
    with pytest.raises(InstanceError, match="palette is missing"):
        redact(picture(noise("u1"), PhotometricInterpretation="PALETTE COLOR"))


def test_padding_after_the_last_frame_stays(picture, redact, noise):
    before = noise("u2")
    result = redact(picture(before, PixelData=before.tobytes() + b"PAD " * 8))
    assert result.PixelData.endswith(b"PAD " * 8)


def test_the_range_of_values_on_record_takes_in_black(picture, redact):
    before = np.full((1, 20, 24, 1), 500, "u2")
    before[0, 0] = 900
    result = redact(picture(before, SmallestImagePixelValue=500, LargestImagePixelValue=900))
    assert (result.SmallestImagePixelValue, result.LargestImagePixelValue) == (0, 900)
