import io

import numpy as np
import pydicom
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from emulator.deidentify.instance import Instance
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.boxes import Box
from emulator.deidentify.pixels.clean import clean_pixels
from emulator.deidentify.pixels.config import ImagePlan

QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def images(draw):
    """Cells, bits stored, and boxes inside them or not."""
    dtype = np.dtype(draw(st.sampled_from(["u1", "i1", "u2", "i2", "u4", "i4"])))
    samples = draw(st.sampled_from([1, 3])) if dtype.kind == "u" else 1
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 12)), draw(st.integers(1, 12)), samples)
    stored = draw(st.integers(dtype.itemsize * 8 - 7, dtype.itemsize * 8))
    half = 1 << (stored - 1)
    limits = st.integers(-half, half - 1) if dtype.kind == "i" else st.integers(0, 2 * half - 1)
    cells = draw(arrays(dtype, shape, elements=limits))
    edges = st.integers(-2, 14)
    boxes = draw(st.lists(st.tuples(edges, edges, edges, edges), max_size=3))
    return cells, stored, [Box(*box) for box in boxes]


def redacted(content, boxes):
    result = clean_pixels(content, ImagePlan("all"), Instance("", ""), EngineOptions(), lambda *_: list(boxes))
    return None if result is None else pydicom.dcmread(io.BytesIO(result))


@QUICK
@given(images(), st.sampled_from([ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless]))
def test_whatever_the_image_only_the_boxes_change_and_become_black(picture, encoded, image, syntax):
    cells, stored, boxes = image
    whole = picture(cells, BitsStored=stored)
    if syntax == ExplicitVRBigEndian:
        value = cells.astype(cells.dtype.newbyteorder(">")).tobytes()
        whole.add_new(0x7FE00010, "OB" if cells.dtype.itemsize == 1 else "OW", value + b"\0" * (len(value) % 2))
    if syntax == RLELossless:
        if cells.dtype.itemsize > 2:
            return
        whole.file_meta = pydicom.dataset.FileMetaDataset()
        whole.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        whole.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    after = redacted(encoded(whole, syntax), boxes)
    inside = np.zeros(cells.shape[1:3], bool)
    for box in boxes:
        inside[box.clip(cells.shape[2], cells.shape[1]).slices] = True
    varied = any((frame != frame[0, 0]).any() for frame in cells)
    if not inside.any() or not varied:
        assert after is None
        return
    assert after.file_meta.TransferSyntaxUID == syntax
    found = after.pixel_array.reshape(cells.shape)
    black = min(cells.min(), 0) if cells.dtype.kind == "i" else 0
    assert np.array_equal(found[:, ~inside], cells[:, ~inside])
    assert (found[:, inside] == black).all()
