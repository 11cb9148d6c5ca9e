import contextlib
import io

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image, ImageDraw, ImageFont
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.instance import Instance
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.clean import clean_pixels
from emulator.deidentify.pixels.config import ImagePlan


def nothing(view):
    return []


def test_an_instance_without_pixels_is_left_alone(instance, redact):
    assert redact(instance(PatientName="JANE")) is None


def test_an_image_without_text_is_left_alone(picture, redact, noise):
    assert redact(picture(noise("u1")), find=nothing) is None


@pytest.mark.parametrize("mime", ["application/pdf", "text/XML", ""])
def test_a_document_is_refused(instance, redact, mime):
    document = instance(EncapsulatedDocument=b"%PDF-1.4", MIMETypeOfEncapsulatedDocument=mime)
    with pytest.raises(InstanceError, match="encapsulated document"):
        redact(document)


def test_a_model_for_printing_is_left_alone(instance, redact):
    model = instance(EncapsulatedDocument=b"solid ", MIMETypeOfEncapsulatedDocument="model/stl")
    assert redact(model) is None


def test_pixels_that_lie_elsewhere_are_refused(instance, redact):
    with pytest.raises(InstanceError, match="elsewhere"):
        redact(instance(PixelDataProviderURL="https://example.org/1"))


def test_every_element_that_describes_no_pixels_keeps_its_bytes(picture, encoded, noise, box):
    whole = picture(noise("u2"), SpecificCharacterSet="ISO_IR 6")
    whole.add_new(0x00091001, "UN", b"\xff\xfe\0\1CANARY")
    whole.add_new(0x00100010, "PN", b"J\xf6rg^\xff\xfe")  # not legal in its character set
    whole.add_new(0x00181000, "LO", "X" * 70)
    whole.add_new(0x7FE10001, "OB", b"after the pixels")
    content = encoded(whole)
    result = clean_pixels(content, ImagePlan("all"), Instance("", ""), EngineOptions(), lambda *_: [box])
    assert result is not None
    old, new = (data[data.index(b"\x08\x00\x05\x00CS") :] for data in (content, result))  # without file meta
    start = old.index(b"\xe0\x7f\x10\x00OW") + 12
    stop = start + noise("u2").nbytes
    assert new[:start] == old[:start]
    assert new[stop:] == old[stop:]
    assert new[start:stop] != old[start:stop]


def test_the_new_transfer_syntax_is_in_the_file_meta_information_and_all_else_there_stays(
    compressed, encoded, redact, noise
):
    cells = noise("u1")
    frame = bytes(imagecodecs.jpeg8_encode(cells[0, ..., 0]))
    content = encoded(compressed(cells, [frame]), JPEGBaseline8Bit, SourceApplicationEntityTitle="AE")
    after = redact(content)
    assert after.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert after.file_meta.SourceApplicationEntityTitle == "AE"
    assert after.preamble == content[:128]
    written = after.file_meta.FileMetaInformationGroupLength
    again = io.BytesIO()
    pydicom.dcmwrite(again, after)
    assert written == after.file_meta.FileMetaInformationGroupLength


@pytest.mark.parametrize(("find", "expected"), [(None, "NO"), (nothing, "NO")])
@pytest.mark.parametrize("before", ["YES", "NO", None])
def test_burned_in_annotation_is_written_on_demand(picture, redact, noise, find, expected, before):
    whole = picture(noise("u1"), **({"BurnedInAnnotation": before} if before else {}))
    options = {"find": find} if find else {}
    after = redact(whole, mark_deidentified=True, **options)
    if before == "NO" and find:
        assert after is None
    else:
        assert after.BurnedInAnnotation == expected


def test_burned_in_annotation_stays_as_it_is_otherwise(picture, redact, noise):
    assert redact(picture(noise("u1"), BurnedInAnnotation="YES")).BurnedInAnnotation == "YES"


def test_burned_in_annotation_is_not_written_where_there_are_no_pixels(instance, redact):
    assert redact(instance(), mark_deidentified=True) is None


@pytest.mark.parametrize("option", ["max_redaction_bytes", "max_uncompressed_bytes"])
def test_an_instance_over_a_limit_is_refused(compressed, redact, noise, option):
    cells = noise("u1", (3, 200, 200, 1))
    frames = [bytes(imagecodecs.jpeg8_encode(frame[..., 0])) for frame in cells]
    with pytest.raises(InstanceError, match=r"50000 bytes, the limit"):
        redact(compressed(cells, frames), JPEGBaseline8Bit, **{option: 50000})


def test_a_deflated_data_set_over_the_limit_is_refused(picture, redact):
    bomb = picture(np.zeros((1, 2000, 2000, 1), "u1"))
    with pytest.raises(InstanceError, match="too large"):
        redact(bomb, DeflatedExplicitVRLittleEndian, max_uncompressed_bytes=10**6)


@pytest.mark.parametrize(
    "elements",
    [
        {"Rows": 0},
        {"Columns": 0},
        {"Rows": 65535, "Columns": 65535},
        {"Rows": 9000, "Columns": 9000},
        {"NumberOfFrames": 10**9},
        {"NumberOfFrames": 0},
        {"BitsAllocated": 24},
        {"BitsAllocated": 16, "BitsStored": 17},
        {"BitsStored": 8, "HighBit": 6},
        {"SamplesPerPixel": 3},
        {"SamplesPerPixel": 60000},
        {"PhotometricInterpretation": "CMYK"},
        {"PhotometricInterpretation": "HSV", "SamplesPerPixel": 3},
        {"PhotometricInterpretation": ""},
    ],
)
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless])
def test_a_description_that_cannot_be_true_is_refused(picture, compressed, redact, noise, elements, syntax):
    cells = noise("u1")
    if syntax == ExplicitVRLittleEndian:
        whole = picture(cells, **elements)
    else:
        frame = imagecodecs.jpeg2k_encode(cells[0, ..., 0]) if syntax == JPEG2000Lossless else bytes(64) + b"\x81\0"
        whole = compressed(cells, [bytes(frame)], **elements)
    with pytest.raises(InstanceError):
        redact(whole, syntax)


@pytest.mark.parametrize("missing", ["Rows", "Columns", "BitsAllocated", "PhotometricInterpretation"])
def test_a_description_that_is_incomplete_is_refused(picture, redact, noise, missing):
    whole = picture(noise("u1"))
    whole["PixelData"].VR = "OB"
    delattr(whole, missing)
    with pytest.raises(InstanceError):
        redact(whole)


def test_pixels_that_hold_more_frames_than_said_are_refused(picture, redact, noise):
    with pytest.raises(InstanceError, match="more than"):
        redact(picture(noise("u1", (2, 20, 24, 1)), NumberOfFrames=1))


@pytest.mark.parametrize("frames", [1, 3])
def test_fragments_that_are_not_as_many_frames_as_said_are_refused(compressed, redact, noise, frames):
    cells = noise("u1", (2, 20, 24, 1))
    coded = [bytes(imagecodecs.jpegls_encode(frame[..., 0])) for frame in cells]
    with pytest.raises(InstanceError):
        redact(compressed(cells, coded, NumberOfFrames=frames), JPEGLSLossless)


@pytest.mark.parametrize("keep", [0, 1, 10, 30, 0.5, 0.9])
@pytest.mark.parametrize("coding", ["jpeg", "jpegls", "jpeg2k", "htj2k", "ljpeg"])
def test_a_truncated_frame_gives_an_error_or_its_decoder_makes_do(compressed, redact, noise, coding, keep):
    cells = noise("u1")
    plain = cells[0, ..., 0]
    frame, syntax = {
        "jpeg": lambda: (imagecodecs.jpeg8_encode(plain), JPEGBaseline8Bit),
        "jpegls": lambda: (imagecodecs.jpegls_encode(plain), JPEGLSLossless),
        "jpeg2k": lambda: (imagecodecs.jpeg2k_encode(plain, codecformat="J2K", reversible=True), JPEG2000Lossless),
        "htj2k": lambda: (imagecodecs.htj2k_encode(plain, reversible=True), "1.2.840.10008.1.2.4.201"),
        "ljpeg": lambda: (imagecodecs.jpeg8_encode(plain, lossless=True), "1.2.840.10008.1.2.4.57"),
    }[coding]()
    length = int(len(frame) * keep) if isinstance(keep, float) else keep
    whole = compressed(cells, [bytes(frame)[:length] or b"\0\0"])
    if isinstance(keep, float):  # long enough for its header: the decoder may fill up what is missing
        with contextlib.suppress(InstanceError):
            assert redact(whole, syntax).pixel_array.shape == (20, 24)
    else:
        with pytest.raises(InstanceError, match="frame"):
            redact(whole, syntax)


def test_a_frame_of_another_size_than_said_is_refused(compressed, redact, noise):
    frame = bytes(imagecodecs.jpegls_encode(noise("u1")[0, ..., 0]))
    with pytest.raises(InstanceError, match="another size"):
        redact(compressed(noise("u1"), [frame], Rows=24, Columns=20), JPEGLSLossless)


@pytest.mark.parametrize(
    "header",
    [
        b"\xff\xd8\xff\xc0\x00\x0b\x08\x2c\x00\x2c\x00\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00",
        b"\xff\xd8\xff\xc3\x00\x0b\x08\x2c\x00\x2c\x00\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x01\x00\x00",
    ],
)
def test_a_short_frame_that_claims_a_huge_image_is_refused_before_memory_is_taken(compressed, redact, noise, header):
    whole = compressed(noise("u1"), [header + b"\xff\xd9"], Rows=0x2C00, Columns=0x2C00)
    syntax = JPEGBaseline8Bit if header[3] == 0xC0 else "1.2.840.10008.1.2.4.70"
    with pytest.raises(InstanceError, match="truncated"):
        redact(whole, syntax)


def test_pixels_in_fragments_under_an_uncompressed_syntax_are_refused(compressed, encoded, redact, noise):
    content = encoded(compressed(noise("u1"), [b"\1\2"]), RLELossless)
    with pytest.raises(InstanceError, match="fragments"):
        redact(content.replace(b"1.2.840.10008.1.2.5\0", b"1.2.840.10008.1.2.1\0"))


def test_no_message_quotes_the_file(picture, encoded, redact, noise):
    content = encoded(picture(noise("u1"), PatientName="CANARY", NumberOfFrames="1"))
    at = content.index(b"\x28\x00\x08\x00IS")
    with pytest.raises(InstanceError) as caught:
        redact(content[:at] + b"\x28\x00\x08\x00LO\x06\x00CANARY" + content[at + 10 :])
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEGLSLossless, JPEG2000Lossless, RLELossless])
def test_damaged_pixels_are_spoken_of_in_the_error_alone(compressed, encoded, noise, syntax, caplog, capsys, recwarn):
    cells = noise("u1")
    frame = {
        JPEGBaseline8Bit: imagecodecs.jpeg8_encode,
        JPEGLSLossless: imagecodecs.jpegls_encode,
        JPEG2000Lossless: imagecodecs.jpeg2k_encode,
        RLELossless: lambda plain: b"\2\0\0\0\x40" + bytes(59) + plain.tobytes(),
    }[syntax](cells[0, ..., 0])
    content = encoded(compressed(cells, [bytes(frame)[:100] + b"CANARY" + bytes(frame)[120:]]), syntax)
    caplog.set_level("DEBUG")
    caplog.clear()
    recwarn.clear()
    with pytest.raises(InstanceError):
        clean_pixels(content, ImagePlan("all"), Instance("", ""), EngineOptions(), lambda *_: [])
    assert (caplog.records, recwarn.list) == ([], [])
    assert capsys.readouterr() == ("", "")


def test_a_failure_of_the_finder_lets_nothing_pass(picture, redact, noise):
    def fail(view):
        raise RuntimeError("CANARY")

    with pytest.raises(InstanceError) as caught:
        redact(picture(noise("u1")), find=fail)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("position", range(0, 100, 7))
def test_a_damaged_file_gives_an_error_or_an_image(compressed, encoded, redact, noise, position):
    cells = noise("u1")
    frame = bytes(imagecodecs.jpegls_encode(cells[0, ..., 0]))
    content = bytearray(encoded(compressed(cells, [frame]), JPEGLSLossless))
    start = content.index(b"\x08\x00\x16\x00")
    at = start + (len(content) - start) * position // 100
    content[at : at + 2] = b"\xff\xff"
    with contextlib.suppress(InstanceError):
        result = redact(bytes(content))
        assert result is None or result.pixel_array.shape == (20, 24)


def test_text_is_read_and_blanked_in_pixels_beyond_their_window_and_in_an_overlay(picture, encoded):
    drawn = Image.new("L", (160, 160), 30)
    ImageDraw.Draw(drawn).text((20, 30), "SMITH", font=ImageFont.load_default(24), fill=240)
    pixels = np.asarray(drawn)
    bits = np.roll(pixels > 120, 80, axis=0)
    cells = pixels[None, :, :, None].astype("i2") * 16 - 1000
    whole = picture(cells, WindowCenter=-900, WindowWidth=100)
    for element, vr, value in ((0x10, "US", 160), (0x11, "US", 160), (0x100, "US", 1), (0x102, "US", 0)):
        whole.add_new(0x60000000 | element, vr, value)
    whole.add_new(0x60003000, "OW", np.packbits(bits.reshape(-1), bitorder="little").tobytes())
    result = clean_pixels(encoded(whole), ImagePlan("all"), Instance("", ""), EngineOptions())
    after = pydicom.dcmread(io.BytesIO(result))
    left = np.unpackbits(np.frombuffer(after[0x60003000].value, "u1"), bitorder="little")
    assert (after.pixel_array < 2000).all()
    assert (after.pixel_array[:20] == cells[0, :20, :, 0]).all()
    assert bits.any()
    assert not left.any()
