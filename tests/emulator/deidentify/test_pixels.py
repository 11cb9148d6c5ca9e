import io
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_fragments

CONFIGS = [
    {"dicomTagConfig": {}},
    {"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}},
    {"dicom": {}},
]


def raw_pixels(content):
    return pydicom.dcmread(io.BytesIO(content)).get_item("PixelData").value


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "SC_rgb_small_odd_jpeg.dcm",
        "JPEG2000-embedded-sequence-delimiter.dcm",
        "examples_ybr_color.dcm",
        "image_dfl.dcm",
        "SC_rgb_rle_2frame.dcm",
    ],
)
@pytest.mark.parametrize("rewriter", [None, "dataset"])
def test_pixel_data_is_the_same_bytes(run, config, name, rewriter):
    path = get_testdata_file(name, download=False)
    assert path is not None
    content = Path(path).read_bytes()
    assert raw_pixels(run(content, config, rewriter)) == raw_pixels(content)


def test_fragments_stay_as_they_are_even_when_they_look_like_a_delimiter(instance, encoded, run):
    fragments = [b"\xfe\xff\xdd\xe0\0\0\0\0", b"", b"\xfe\xff\x00\xe0CANARY"]
    value = b"\xfe\xff\x00\xe0\0\0\0\0" + b"".join(
        b"\xfe\xff\x00\xe0" + len(fragment).to_bytes(4, "little") + fragment for fragment in fragments
    )
    whole = instance(BitsAllocated=8, PatientName="JANE")
    whole.add_new(0x7FE00010, "OB", value)
    whole["PixelData"].is_undefined_length = True
    content = encoded(whole, "1.2.840.10008.1.2.4.50")
    result = run(content, rewriter="bytes")
    assert value in result
    assert b"JANE" not in result
    start = result.index(value) + 8
    assert list(generate_fragments(result[start:][: len(value) - 8]))[-1].endswith(b"CANARY")


def test_elements_after_the_pixels_are_deidentified(instance, encoded, deidentified):
    whole = instance(BitsAllocated=8, PixelData=b"\1\2")
    whole.add_new(0xFFFCFFFC, "OB", b"CANARY")
    content = encoded(whole)
    assert 0xFFFCFFFC not in deidentified(content)
    assert deidentified(content).PixelData == b"\1\2"


def test_pixels_can_be_deleted(instance, deidentified):
    whole = instance(BitsAllocated=8, PixelData=b"\1\2")
    config = {"dicomTagConfig": {"actions": [{"queries": ["PixelData"], "deleteTag": {}}]}}
    assert "PixelData" not in deidentified(whole, config)


def test_overlay_groups_go_as_a_whole_unless_they_are_kept(instance, deidentified):
    whole = instance()
    for group in (0x6000, 0x6002):
        whole.add_new(group << 16 | 0x0010, "US", 1)
        whole.add_new(group << 16 | 0x3000, "OW", b"\1\2")
        whole.add_new(group << 16 | 0x4000, "LT", "comment")
    assert not any(tag.group & 0xFF00 == 0x6000 for tag in deidentified(whole)._dict)
    keeping = {"dicomTagConfig": {"actions": [{"queries": ["60003000"], "keepTag": {}}]}}
    kept = {int(tag) for tag in deidentified(whole, keeping)._dict if tag.group & 0xFF00 == 0x6000}
    assert kept == {0x60000010, 0x60003000}


def test_an_icon_in_a_sequence_with_dummies_leaves_nothing(instance, dataset, encoded, run):
    icon = dataset(Rows=1, Columns=2, BitsAllocated=8)
    icon.add_new(0x7FE00010, "OB", b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\6\0\0\0CANARY")
    icon["PixelData"].is_undefined_length = True
    content = encoded(instance(ContentSequence=[icon]), "1.2.840.10008.1.2.4.50")
    for rewriter in ("bytes", "dataset"):
        assert b"CANARY" not in run(content, rewriter=rewriter)
