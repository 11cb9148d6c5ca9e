import io
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames, parse_basic_offsets
from pydicom.pixels import get_encoder
from pydicom.uid import (
    HTJ2K,
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.boxes import Box
from emulator.deidentify.pixels.codestream import parse
from emulator.deidentify.pixels.syntaxes import Coding

LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91"}
PIXEL_TAGS = {0x00280004, 0x00280006, 0x00280106, 0x00280107, 0x00282110, 0x00282112, 0x00282114, 0x7FE00010}


def content_of(name):
    path = get_testdata_file(name, download=False)
    assert path is not None
    return Path(path).read_bytes()


def samples(whole):
    """As pydicom shows them, shaped (frames, rows, columns, samples)."""
    shape = (int(whole.get("NumberOfFrames") or 1), whole.Rows, whole.Columns, whole.SamplesPerPixel)
    return whole.pixel_array.reshape(shape)


def others(whole):
    """The encoded elements that have nothing to do with the pixels."""
    return {tag: whole.get_item(tag).value for tag in whole.keys() if tag not in PIXEL_TAGS}  # noqa: SIM118


@pytest.mark.parametrize(
    "name",
    [
        "693_J2KI.dcm",
        "GDCMJ2K_TextGBR.dcm",
        "J2K_pixelrep_mismatch.dcm",
        "JPEGLSNearLossless_08.dcm",
        "JPEGLSNearLossless_16.dcm",
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "SC_jpeg_no_color_transform.dcm",
        "SC_jpeg_no_color_transform_2.dcm",
        "SC_rgb_dcmtk_+eb+cr.dcm",
        "SC_rgb_dcmtk_+eb+cy+np.dcm",
        "SC_rgb_dcmtk_+eb+cy+s4.dcm",
        "SC_rgb_gdcm_KY.dcm",
        "SC_rgb_jls_lossy_line.dcm",
        "SC_rgb_jls_lossy_sample.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "SC_rgb_rle_16bit_2frame.dcm",
        "SC_rgb_rle_32bit_2frame.dcm",
        "SC_rgb_small_odd_jpeg.dcm",
        "rtdose_rle.dcm",
    ],
)
def test_a_real_file_keeps_its_pixels_outside_the_box_and_all_its_other_elements(redact, outside, name):
    content = content_of(name)
    before = pydicom.dcmread(io.BytesIO(content))
    box = Box(1, 1, min(before.Columns, 9) - 1, 2)
    after = redact(content, find=lambda view: [box])
    syntax = before.file_meta.TransferSyntaxUID
    expected = ExplicitVRLittleEndian if syntax in LOSSY else syntax
    assert after.file_meta.TransferSyntaxUID == expected
    assert np.array_equal(outside(samples(after), box), outside(samples(before), box))
    blanked = samples(after)[(slice(None), *box.slices)]
    assert (blanked == min(samples(before).min(), 0)).all()
    assert others(after) == others(before)


def coded_as(syntax, cells, bits):
    """One codestream a frame, by coders other than those under test where there are any."""
    frames = []
    for frame in cells:
        plain = frame[..., 0] if frame.shape[2] == 1 else frame
        if syntax in {JPEGLossless, JPEGLosslessSV1}:
            space = "RGB" if frame.shape[2] == 3 else None
            predictor = 1 if syntax == JPEGLosslessSV1 else 4
            options = {"bitspersample": bits, "colorspace": space, "outcolorspace": space}
            frames.append(imagecodecs.jpeg8_encode(plain, lossless=True, predictor=predictor, **options))
        elif syntax == JPEGLSLossless and bits in {8, 16}:
            frames.append(imagecodecs.jpegls_encode(plain))
        elif syntax == JPEG2000Lossless:
            frames.append(
                imagecodecs.jpeg2k_encode(plain, codecformat="J2K", reversible=True, bitspersample=bits, mct=False)
            )
        elif syntax in {HTJ2KLossless, HTJ2KLosslessRPCL}:
            frames.append(imagecodecs.htj2k_encode(plain, reversible=True, rgb=False, tlm=True))
        else:
            rows, columns, samples_per_pixel = frame.shape
            described = {"rows": rows, "columns": columns, "samples_per_pixel": samples_per_pixel, "bits_stored": bits}
            described |= {"bits_allocated": frame.dtype.itemsize * 8, "number_of_frames": 1, "pixel_representation": 0}
            described["photometric_interpretation"] = "RGB" if samples_per_pixel == 3 else "MONOCHROME2"
            described["planar_configuration"] = 0
            plugin = "pydicom" if syntax == RLELossless else ""
            frames.append(get_encoder(UID(syntax)).encode(frame.tobytes(), encoding_plugin=plugin, **described))
    return [bytes(frame) for frame in frames]


LOSSLESS = [
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    RLELossless,
]


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize(("dtype", "bits", "number"), [("u1", 8, 1), ("u2", 12, 1), ("u2", 16, 1), ("u1", 8, 3)])
def test_lossless_frames_go_back_into_their_own_syntax(
    compressed, redact, noise, outside, box, syntax, dtype, bits, number
):
    before = noise(dtype, (2, 40, 48, number), bits)
    whole = compressed(before, coded_as(syntax, before, bits), BitsStored=bits)
    assert np.array_equal(samples_of(whole, syntax), before)
    after = redact(whole, syntax)
    assert after.file_meta.TransferSyntaxUID == syntax
    assert after.PhotometricInterpretation == ("RGB" if number == 3 else "MONOCHROME2")
    assert np.array_equal(outside(samples(after)), outside(before))
    assert not samples(after)[(slice(None), *box.slices)].any()


def samples_of(whole, syntax):
    whole.file_meta = pydicom.dataset.FileMetaDataset()
    whole.file_meta.TransferSyntaxUID = syntax
    return samples(whole)


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, RLELossless, JPEGLossless])
@pytest.mark.parametrize("bits", [12, 16])
def test_signed_samples_go_back_into_their_own_syntax(compressed, redact, noise, outside, box, syntax, bits):
    before = noise("i2", (1, 40, 48, 1), bits)
    coded = before if syntax == JPEG2000Lossless else before.view("u2") & np.uint16((1 << bits) - 1)
    whole = compressed(before, coded_as(syntax, coded, bits), BitsStored=bits)
    after = redact(whole, syntax)
    assert after.file_meta.TransferSyntaxUID == syntax
    assert np.array_equal(outside(samples(after)), outside(before))
    assert (samples(after)[(slice(None), *box.slices)] == before.min()).all()


def test_colour_that_jpeg_2000_transformed_is_transformed_again(compressed, redact, noise, outside):
    before = noise("u1", (1, 40, 48, 3))
    coded = bytes(imagecodecs.jpeg2k_encode(before[0], codecformat="J2K", reversible=True, mct=True))
    after = redact(compressed(before, [coded], PhotometricInterpretation="YBR_RCT"), JPEG2000Lossless)
    assert after.PhotometricInterpretation == "YBR_RCT"
    assert np.array_equal(outside(samples(after)), outside(before))
    assert (
        imagecodecs.jpeg2k_decode(next(generate_frames(after.PixelData, number_of_frames=1)))[2, 3].tolist() == [0] * 3
    )


@pytest.mark.parametrize(
    ("lossy_output", "expected", "photometric"),
    [
        ("explicit", ExplicitVRLittleEndian, "RGB"),
        ("jpeg2000-lossless", JPEG2000Lossless, "YBR_RCT"),
        ("jpeg-ls-lossless", JPEGLSLossless, "RGB"),
    ],
)
def test_a_lossy_image_is_stored_without_further_loss_and_stays_on_record_as_lossy(
    redact, outside, lossy_output, expected, photometric
):
    content = content_of("SC_rgb_dcmtk_+eb+cy+np.dcm")
    before = pydicom.dcmread(io.BytesIO(content))
    after = redact(content, lossy_output=lossy_output)
    assert after.file_meta.TransferSyntaxUID == expected
    assert (after.PhotometricInterpretation, after.PlanarConfiguration) == (photometric, 0)
    assert np.array_equal(outside(samples(after)), outside(samples(before)))
    assert after.LossyImageCompression == "01"
    assert after.LossyImageCompressionMethod == "ISO_10918_1"
    assert float(after.LossyImageCompressionRatio) > 1


def test_the_record_of_lossy_compression_that_is_there_stays(compressed, redact, noise):
    before = noise("u1", (1, 40, 48, 1))
    frame = bytes(imagecodecs.jpeg8_encode(before[0, ..., 0], level=90))
    record = {"LossyImageCompressionRatio": [3, 7], "LossyImageCompressionMethod": ["ISO_15444_1", "ISO_10918_1"]}
    after = redact(compressed(before, [frame], LossyImageCompression="01", **record), JPEGBaseline8Bit)
    assert after.LossyImageCompressionRatio == [3, 7]
    assert after.LossyImageCompressionMethod == ["ISO_15444_1", "ISO_10918_1"]


def test_a_syntax_that_may_lose_but_did_not_leaves_no_record_of_loss(compressed, redact, noise, outside):
    before = noise("u2", (1, 40, 48, 1))
    frame = bytes(imagecodecs.htj2k_encode(before[0, ..., 0], reversible=True))
    after = redact(compressed(before, [frame]), HTJ2K)
    assert after.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert np.array_equal(outside(samples(after)), outside(before))
    assert "LossyImageCompression" not in after


@pytest.mark.parametrize("name", ["JPEG-lossy.dcm", "JPGExtended.dcm"])
def test_jpeg_of_12_bits_is_read(redact, outside, box, name):
    content = content_of(name)
    whole = pydicom.dcmread(io.BytesIO(content))
    before = imagecodecs.jpeg8_decode(next(generate_frames(whole.PixelData, number_of_frames=1)))
    after = redact(content)
    assert whole.file_meta.TransferSyntaxUID == JPEGExtended12Bit
    assert after.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert np.array_equal(outside(samples(after)), outside(before.reshape(samples(after).shape)))
    assert not samples(after)[(slice(None), *box.slices)].any()


@pytest.mark.parametrize("transform", [None, "YCBCR"])
def test_jpeg_that_names_its_own_colour_is_believed(compressed, redact, noise, outside, transform):
    smooth = np.broadcast_to(np.linspace(0, 255, 48, dtype="u1")[None, None, :, None], (1, 40, 48, 3)).copy()
    smooth[..., 1:] //= 3
    frame = bytes(
        imagecodecs.jpeg8_encode(smooth[0], level=100, colorspace="RGB", outcolorspace=transform, subsampling="444")
    )
    after = redact(compressed(smooth, [frame], PhotometricInterpretation="YBR_FULL"), JPEGBaseline8Bit)
    assert after.PhotometricInterpretation == "RGB"
    assert np.abs(outside(samples(after)).astype(int) - outside(smooth)).max() <= 4


def test_deflated_frames_are_read_and_written(compressed, redact, noise, outside, encoded):
    before = noise("u2", (2, 40, 48, 1))
    frames = []
    for frame in before:
        coder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        frames.append(coder.compress(frame.tobytes()) + coder.flush())
    content = encoded(compressed(before, frames), JPEGBaseline8Bit)
    after = redact(content.replace(b"1.2.840.10008.1.2.4.50", b"1.2.840.10008.1.2.8.1\0"))
    assert after.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.8.1"
    coded = generate_frames(after.PixelData, number_of_frames=2)
    cells = [np.frombuffer(zlib.decompress(frame, -zlib.MAX_WBITS), "u2") for frame in coded]
    assert np.array_equal(outside(np.reshape(cells, before.shape)), outside(before))


def test_offset_tables_fit_the_new_frames(compressed, redact, noise):
    before = noise("u1", (3, 40, 48, 1))
    before[1] = 7
    whole = compressed(before, coded_as(RLELossless, before, 8))
    after = redact(whole, RLELossless)
    offsets = parse_basic_offsets(io.BytesIO(after.PixelData))
    frames = list(generate_frames(after.PixelData, number_of_frames=3))
    assert offsets == [0, len(frames[0]) + 8, len(frames[0]) + len(frames[1]) + 16]


def test_an_extended_offset_table_fits_the_new_frames(compressed, redact, noise, outside):
    before = noise("u1", (3, 40, 48, 1))
    whole = compressed(before, [b"\0\0"])
    value, offsets, lengths = pydicom.encaps.encapsulate_extended(coded_as(JPEGLSLossless, before, 8))
    whole.PixelData = value
    whole.ExtendedOffsetTable, whole.ExtendedOffsetTableLengths = offsets, lengths
    after = redact(whole, JPEGLSLossless)
    assert after.ExtendedOffsetTable != offsets
    assert np.array_equal(outside(samples(after)), outside(before))


def test_an_extended_offset_table_goes_when_the_image_becomes_uncompressed(compressed, redact, noise):
    before = noise("u1", (2, 40, 48, 1))
    whole = compressed(before, [b"\0\0"])
    frames = [bytes(imagecodecs.jpeg8_encode(frame[..., 0])) for frame in before]
    whole.PixelData, whole.ExtendedOffsetTable, whole.ExtendedOffsetTableLengths = pydicom.encaps.encapsulate_extended(
        frames
    )
    after = redact(whole, JPEGBaseline8Bit)
    assert after.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert "ExtendedOffsetTable" not in after
    assert "ExtendedOffsetTableLengths" not in after


def test_what_cannot_be_coded_in_its_syntax_becomes_uncompressed(compressed, redact, noise, outside):
    before = noise("u1", (1, 3, 3, 1))
    frame = bytes(imagecodecs.jpeg2k_encode(before[0, ..., 0], codecformat="J2K", reversible=True, resolutions=1))
    box = Box(0, 0, 1, 1)
    after = redact(compressed(before, [frame]), JPEG2000Lossless, find=lambda view: [box])
    assert after.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert np.array_equal(outside(samples(after), box), outside(before, box))


def test_near_lossless_frames_are_not_coded_near_lossless_again(compressed, redact, noise, outside):
    before = noise("u1", (1, 40, 48, 1))
    frame = bytes(imagecodecs.jpegls_encode(before[0, ..., 0], level=3))
    after = redact(compressed(before, [frame]), JPEGLSNearLossless)
    assert not parse(frame, Coding.JPEG_LS).reversible
    assert np.array_equal(outside(samples(after))[..., 0].ravel(), outside(imagecodecs.jpegls_decode(frame)[None]))
    assert after.LossyImageCompressionMethod == "ISO_14495_1"


@pytest.mark.parametrize(
    ("syntax", "reason"),
    [
        ("1.2.840.10008.1.2.4.103", "is a video"),
        ("1.2.840.10008.1.2.4.100.1", "is a video"),
        ("1.2.840.10008.1.2.7.1", "is a video"),
        ("1.2.840.10008.1.2.4.94", "transfer syntax is none"),
        ("1.2.840.10008.1.2.4.93", "transfer syntax is none"),
    ],
)
def test_what_cannot_be_searched_is_refused(compressed, redact, noise, syntax, reason):
    with pytest.raises(InstanceError, match=reason):
        redact(compressed(noise("u1"), [b"\0\0\1\xba"]), syntax)
