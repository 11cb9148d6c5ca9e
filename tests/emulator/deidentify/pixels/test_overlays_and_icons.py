import io
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.boxes import Box

TEXT = Box(3, 2, 9, 6)


def in_shape(*shapes):
    """Text in pictures of these (rows, columns), and nowhere else."""
    return lambda view: [TEXT] if view.shape[:2] in shapes else []


def plane(rows, columns, frames=1):
    return np.random.default_rng(3).integers(0, 2, (frames, rows, columns), "u1")


def add_overlay(whole, group, bits, vr="OW"):
    frames, rows, columns = bits.shape
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    packed += b"\0" * (len(packed) % 2)
    whole.add_new((group, 0x0010), "US", rows)
    whole.add_new((group, 0x0011), "US", columns)
    if frames > 1:
        whole.add_new((group, 0x0015), "IS", frames)
    whole.add_new((group, 0x0040), "CS", "G")
    whole.add_new((group, 0x0050), "SS", [1, 1])
    whole.add_new((group, 0x0100), "US", 1)
    whole.add_new((group, 0x0102), "US", 0)
    whole.add_new((group, 0x3000), vr, packed)


def bits_of(whole, group, shape):
    value = whole[(group, 0x3000)].value
    return np.unpackbits(np.frombuffer(value, "u1"), bitorder="little")[: np.prod(shape)].reshape(shape)


def test_text_in_an_overlay_is_cleared_there_and_only_there(picture, redact, noise):
    cells, bits, other = noise("u1"), plane(15, 17), plane(13, 11)
    whole = picture(cells)
    add_overlay(whole, 0x6000, bits)
    add_overlay(whole, 0x6002, other)
    after = redact(whole, find=in_shape((15, 17)))
    expected = bits.copy()
    expected[(slice(None), *TEXT.slices)] = 0
    assert np.array_equal(bits_of(after, 0x6000, bits.shape), expected)
    assert np.array_equal(bits_of(after, 0x6002, other.shape), other)
    assert np.array_equal(after.pixel_array, cells[0, ..., 0])


def test_text_in_one_frame_of_an_overlay_is_cleared_in_all(picture, redact, noise):
    bits = plane(15, 17, 3)
    whole = picture(noise("u1"))
    add_overlay(whole, 0x6000, bits)
    found = iter([[TEXT], [], []])
    after = redact(whole, find=lambda view: next(found) if view.shape == (15, 17) else [])
    expected = bits.copy()
    expected[(slice(None), *TEXT.slices)] = 0
    assert np.array_equal(bits_of(after, 0x6000, bits.shape), expected)


@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_an_overlay_in_a_big_endian_file_stays_so(picture, redact, encoded, noise, vr):
    bits = plane(15, 17)
    whole = picture(noise("u1"))
    add_overlay(whole, 0x6000, bits, vr)
    if vr == "OW":
        whole[0x60003000].value = np.frombuffer(whole[0x60003000].value, "u2").byteswap().tobytes()
    after = redact(whole, ExplicitVRBigEndian, find=in_shape((15, 17)))
    if vr == "OW":
        after[0x60003000].value = np.frombuffer(after[0x60003000].value, "u2").byteswap().tobytes()
    expected = bits.copy()
    expected[(slice(None), *TEXT.slices)] = 0
    assert np.array_equal(bits_of(after, 0x6000, bits.shape), expected)


def test_an_overlay_without_any_image_is_searched(instance, redact):
    whole = instance()
    add_overlay(whole, 0x6000, plane(15, 17))
    assert redact(whole, find=in_shape((15, 17))) is not None


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_an_overlay_in_unused_bits_of_the_pixels_is_cleared_there(picture, redact, noise, photometric):
    cells, bits = noise("u2", bits=12), plane(20, 24)
    together = cells | (bits[..., None].astype("u2") << 14)
    whole = picture(together, BitsStored=12, PhotometricInterpretation=photometric)
    whole.add_new(0x60000100, "US", 16)
    whole.add_new(0x60000102, "US", 14)
    shown = iter([[], [TEXT]])
    after = redact(whole, find=lambda view: next(shown))
    values = np.frombuffer(after.PixelData, "u2").reshape(20, 24)
    expected = bits[0].copy()
    expected[TEXT.slices] = 0
    assert np.array_equal(values & 0xFFF, cells[0, ..., 0])
    assert np.array_equal(values >> 14 & 1, expected)


def test_an_overlay_in_unused_bits_survives_outside_the_boxes_of_the_pixels(picture, redact, noise):
    cells, bits = noise("i2", bits=12), plane(20, 24)
    together = (cells.view("u2") & 0xFFF) | (bits[..., None].astype("u2") << 12)
    whole = picture(together, BitsStored=12, PixelRepresentation=1)
    whole.add_new(0x60000100, "US", 16)
    whole.add_new(0x60000102, "US", 12)
    shown = iter([[TEXT], []])
    after = redact(whole, find=lambda view: next(shown))
    values = np.frombuffer(after.PixelData, "u2").reshape(20, 24)
    assert np.unique(values[TEXT.slices]).tolist() == [0x800]
    kept = np.ones((20, 24), bool)
    kept[TEXT.slices] = False
    assert np.array_equal(values[kept], together[0, ..., 0][kept])


def test_an_overlay_with_too_few_bits_is_refused(picture, redact, noise):
    whole = picture(noise("u1"))
    add_overlay(whole, 0x6000, plane(15, 17))
    whole[0x60000010].value = 60000
    with pytest.raises(InstanceError, match="fewer bits"):
        redact(whole)


def icon_of(cells, **elements):
    icon = Dataset()
    icon.SamplesPerPixel, icon.PhotometricInterpretation = 1, "MONOCHROME2"
    icon.Rows, icon.Columns = cells.shape
    icon.BitsAllocated, icon.BitsStored, icon.HighBit, icon.PixelRepresentation = 8, 8, 7, 0
    icon.PixelData = cells.tobytes()
    for keyword, value in elements.items():
        setattr(icon, keyword, value)
    return icon


@pytest.fixture
def small():
    """The cells of an icon."""
    return np.random.default_rng(5).integers(1, 256, (10, 12), "u1")


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
@pytest.mark.parametrize("undefined", [False, True])
def test_what_is_blanked_in_the_image_is_blanked_in_its_icon(picture, redact, noise, small, syntax, undefined):
    whole = picture(noise("u1"), IconImageSequence=[icon_of(small)])
    whole["IconImageSequence"].is_undefined_length = undefined
    whole.IconImageSequence[0].is_undefined_length_sequence_item = undefined
    after = redact(whole, syntax, find=in_shape((20, 24)))
    expected = small.copy()
    expected[1:3, 1:5] = 0  # half as many rows and columns as the image; edges go outwards
    assert np.array_equal(icon_cells(after), expected)


def icon_cells(whole):
    icon = whole.IconImageSequence[0]
    return np.frombuffer(icon.PixelData, "u1").reshape(icon.Rows, icon.Columns)


def test_text_in_an_icon_alone_leaves_the_image_alone(picture, redact, noise, small):
    cells = noise("u1")
    after = redact(picture(cells, IconImageSequence=[icon_of(small)]), find=in_shape((10, 12)))
    assert np.array_equal(after.pixel_array, cells[0, ..., 0])
    assert not icon_cells(after)[TEXT.slices].any()


def test_icons_of_other_images_are_searched_at_any_depth(picture, redact, noise, small):
    reference, series = Dataset(), Dataset()
    reference.IconImageSequence = [icon_of(small)]
    reference.PatientName = "NAME^IN^ITEM"
    series.ReferencedInstanceSequence = [reference]
    whole = picture(noise("u1"), ReferencedSeriesSequence=[series])
    after = redact(whole, find=in_shape((10, 12)))
    inner = after.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert not icon_cells(inner)[TEXT.slices].any()
    assert inner.PatientName == "NAME^IN^ITEM"


def test_an_icon_in_a_private_sequence_of_unknown_vr_is_searched(picture, redact, noise, small, encoded):
    outer = Dataset()
    outer.add_new(0x00091001, "SQ", [icon_of(small)])
    content = encoded(outer_file(outer), ImplicitVRLittleEndian)
    start = content.index(b"\x09\x00\x01\x10")
    length = int.from_bytes(content[start + 4 : start + 8], "little")
    whole = picture(noise("u1"))
    whole.add_new(0x00090010, "LO", "PRIVATE")
    whole.add_new(0x00091001, "UN", content[start + 8 : start + 8 + length])
    after = redact(whole, find=in_shape((10, 12)))
    value = after[0x00091001].value
    cells = small.copy()
    cells[TEXT.slices] = 0
    assert cells.tobytes() in value
    assert len(value) == length


def outer_file(outer):
    outer.SOPClassUID, outer.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    return outer


def test_a_compressed_icon_that_changes_becomes_uncompressed(compressed, redact, noise, small):
    cells = noise("u1")
    frame = bytes(imagecodecs.jpeg8_encode(small, level=100))
    icon = icon_of(small, PixelData=encapsulate([frame]))
    icon["PixelData"].VR, icon["PixelData"].is_undefined_length = "OB", True
    image = bytes(imagecodecs.jpeg8_encode(cells[0, ..., 0], level=100))
    whole = compressed(cells, [image], IconImageSequence=[icon])
    after = redact(whole, JPEGBaseline8Bit, find=in_shape((10, 12)))
    expected = imagecodecs.jpeg8_decode(frame)
    expected[TEXT.slices] = 0
    assert after.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    assert np.array_equal(icon_cells(after), expected)


def test_a_compressed_icon_becomes_uncompressed_with_its_image_even_when_nothing_is_found_in_it(
    compressed, redact, noise, small
):
    cells = noise("u1")
    frame = bytes(imagecodecs.jpeg8_encode(small, level=100))
    icon = icon_of(small, PixelData=encapsulate([frame]))
    icon["PixelData"].VR, icon["PixelData"].is_undefined_length = "OB", True
    reference = Dataset()
    reference.IconImageSequence = [icon]
    image = bytes(imagecodecs.jpeg8_encode(cells[0, ..., 0], level=100))
    whole = compressed(cells, [image], ReferencedImageSequence=[reference])
    after = redact(whole, JPEGBaseline8Bit, find=in_shape((20, 24)))
    assert after.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert np.array_equal(icon_cells(after.ReferencedImageSequence[0]), imagecodecs.jpeg8_decode(frame))


def test_a_real_file_with_overlay_and_icon_keeps_all_else(redact):
    path = get_testdata_file("examples_overlay.dcm", download=False)
    content = Path(path).read_bytes()
    before = pydicom.dcmread(io.BytesIO(content))
    after = redact(content, find=in_shape((300, 484)))
    assert bits_of(after, 0x6000, (1, 300, 484))[(0, *TEXT.slices)].sum() == 0
    image, old = after.pixel_array, before.pixel_array
    old = old.copy()
    old[TEXT.slices] = 0
    assert np.array_equal(image, old)
    assert {tag for tag in after.keys() if after.get_item(tag).value != before.get_item(tag).value} <= {  # noqa: SIM118
        0x00880200,
        0x60003000,
        0x7FE00010,
    }
