"""What holds for any data set under the Basic profile: any VR, rightly or wrongly given, any nesting, any encoding."""

import io
import struct
from typing import NamedTuple

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.datadict import DicomDictionary, dictionary_VR
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from emulator.deidentify import InstanceError, compile_config, regenerate_uid
from emulator.deidentify.attributes import LONG_VRS, VALUE_REPRESENTATIONS, dictionary_vr, is_structural
from emulator.deidentify.engine import deidentify_data
from emulator.deidentify.options import EDITIONS, EngineOptions
from emulator.deidentify.tables.rows import rows

pytestmark = pytest.mark.filterwarnings("ignore")

PROFILES = {
    edition: compile_config({"dicomTagConfig": {}}, options=EngineOptions(edition=edition)) for edition in EDITIONS
}
SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)
MARKS = (b"CANARY", b"17770707")
IDS = {0x00080016: b"1.2.840.10008.5.1.4.1.1.2\0", 0x00080018: b"1.2.3.30", 0x0020000D: b"1.2.3.10"}
IDS |= {0x0020000E: b"1.2.3.20"}

NAMED = {
    edition: {row.tag: row.vr or "LO" for row in rows(edition) if not is_structural(row.tag) and row.tag not in IDS}
    for edition in EDITIONS
}
KEPT = {
    0x00280010: "US",
    0x00281050: "DS",
    0x00080060: "CS",
    0x00180050: "DS",
    0x00080104: "LO",
    0x00081150: "UI",
}
WALKED = (0x52009229, 0x52009230, 0x00089215, 0x00400260, 0x00081115, 0x0040A168, 0x00081199)
SEQUENCES_OF_THE_TABLE = (0x0040A730, 0x00081140, 0x00700001, 0x00081111, 0x00081110, 0x0040A073, 0x00081120)


class Element(NamedTuple):
    """One element: its value's bytes, or the items of a sequence."""

    tag: int
    vr: str
    value: object
    undefined: bool = False


def marked(vr, number):
    """A value that must not survive: mostly legal for its VR."""
    return {
        "DA": b"17770707",
        "DT": b"17770707070707",
        "IS": b"17770707",
        "DS": b"17770707",
        "UI": b"1.2.17770707.%d" % (number % 900),
        "PN": b"CANARY^A=\x1b$B$%s=CANARY" % b"CANARY",
    }.get(vr, b"CANARY%02d" % (number % 90))


def even(value):
    return value + b"\0" * (len(value) % 2)


vrs = st.sampled_from(sorted(VALUE_REPRESENTATIONS - {"SQ"}))
numbers = st.integers(0, 999)


@st.composite
def identifying(draw, named):
    tag = draw(st.sampled_from(sorted(named)))
    right = named[tag] if named[tag] not in {"SQ", "OB or OW"} else "OB"
    vr = right if draw(st.integers(0, 3)) else draw(vrs)
    value = marked(vr, draw(numbers))
    kinds = [value, value, b"", value + b"\\" + value, value + b" ", value * 40]
    return Element(tag, vr, even(draw(st.sampled_from(kinds))))


@st.composite
def not_of_the_standard(draw):
    """Private elements, repeating groups, and tags that nobody knows."""
    tag = draw(
        st.sampled_from(
            [0x00090010, 0x00091001, 0x00291010, 0x500A0022, 0x60FE3000, 0x60001500, 0x00189999, 0x7FD11001]
        )
    )
    vr = draw(vrs)
    return Element(tag, vr, even(marked(vr, draw(numbers))))


harmless = st.sampled_from(sorted(KEPT)).map(
    lambda tag: Element(tag, KEPT[tag], IDS[0x00080016] if KEPT[tag] == "UI" else b"12")
)


@st.composite
def sequence(draw, items):
    tag = draw(st.sampled_from([*WALKED, *SEQUENCES_OF_THE_TABLE, 0x00091002, 0x00100010, 0x00200052]))
    return Element(tag, "SQ", draw(st.lists(items, max_size=2)), draw(st.booleans()))


def data_sets(edition):
    """Lists of elements in order of tags, each tag once."""
    leaf = identifying(NAMED[edition]) | not_of_the_standard() | harmless

    def ordered(elements):
        return sorted({element.tag: element for element in elements}.values())

    items = st.recursive(
        st.lists(leaf, max_size=4).map(ordered),
        lambda inner: st.lists(leaf | sequence(inner), max_size=4).map(ordered),
        max_leaves=6,
    )
    return st.lists(leaf | sequence(items), min_size=1, max_size=12).map(ordered)


def encode(elements, syntax):
    """The elements as bytes; sequences and items of either kind of length."""
    end = ">" if syntax == ExplicitVRBigEndian else "<"
    return b"".join(_encode(element, syntax, end) for element in elements)


def _encode(element, syntax, end):
    value, length = element.value, None
    if element.vr == "SQ":
        value = b"".join(_item(item, syntax, end, element.undefined) for item in element.value)
        if element.undefined:
            value += struct.pack(end + "HHI", 0xFFFE, 0xE0DD, 0)
            length = 0xFFFFFFFF
    length = len(value) if length is None else length
    head = struct.pack(end + "HH", element.tag >> 16, element.tag & 0xFFFF)
    if syntax == ImplicitVRLittleEndian:
        return head + struct.pack("<I", length) + value
    if element.vr in LONG_VRS:
        return head + element.vr.encode() + struct.pack(end + "HI", 0, length) + value
    return head + element.vr.encode() + struct.pack(end + "H", length) + value


def _item(elements, syntax, end, undefined):
    inner = encode(elements, syntax)
    if not undefined:
        return struct.pack(end + "HHI", 0xFFFE, 0xE000, len(inner)) + inner
    stop = struct.pack(end + "HHI", 0xFFFE, 0xE00D, 0)
    return struct.pack(end + "HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + inner + stop


def read_by_the_dictionary(elements):
    """The elements without those that Implicit VR makes corrupt: no sequence where there is to be one, or one else."""
    for one in elements:
        known = dictionary_vr(one.tag)
        if one.vr == "SQ" and known in {"SQ", None}:
            yield one._replace(value=[list(read_by_the_dictionary(item)) for item in one.value])
        elif one.vr != "SQ" and known != "SQ":
            yield one


def file_of(elements, syntax):
    """A DICOM file with the ids of an instance and these elements."""
    whole = {tag: Element(tag, "UI", value) for tag, value in IDS.items()} | {one.tag: one for one in elements}
    if syntax == ImplicitVRLittleEndian:
        whole = {one.tag: one for one in read_by_the_dictionary(whole.values())}
    meta = encode([Element(0x00020010, "UI", even(syntax.encode()))], ExplicitVRLittleEndian)
    return b"\0" * 128 + b"DICM" + meta + encode([whole[tag] for tag in sorted(whole)], syntax)


def deidentified(content, edition, rewriter=None):
    return b"".join(deidentify_data(content, PROFILES[edition], rewriter)[0])


def leaves(data_set, path=()):
    """Raw value and VR of each element that is no sequence, by path."""
    for tag in data_set.keys():  # noqa: SIM118 - a data set decodes what is iterated
        element = data_set[tag]
        if element.VR != "SQ":
            yield (*path, int(tag)), element.VR, element.value
            continue
        for number, item in enumerate(element.value):
            yield from leaves(item, (*path, int(tag), number))


def in_order(data_set):
    tags = [int(tag) for tag in data_set.keys()]  # noqa: SIM118
    return tags == sorted(tags) and all(
        in_order(item) for tag in tags if data_set[tag].VR == "SQ" for item in data_set[tag].value
    )


@pytest.mark.parametrize("edition", EDITIONS)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data(), syntax=st.sampled_from(SYNTAXES))
def test_nothing_marked_survives_and_both_rewriters_agree_on_what_does(edition, data, syntax):
    content = file_of(data.draw(data_sets(edition)), syntax)
    after = deidentified(content, edition)
    assert not [mark for mark in MARKS if mark in after]
    tolerant = deidentified(content, edition, "dataset")
    try:
        assert deidentified(content, edition, "bytes") == tolerant
    except InstanceError as declined:
        assert "declines" in str(declined)  # noqa: PT017 - the other outcome is asserted above
    result = pydicom.dcmread(io.BytesIO(after))
    assert in_order(result)
    assert result.SOPInstanceUID == result.file_meta.MediaStorageSOPInstanceUID == regenerate_uid("1.2.3.30")
    again = pydicom.dcmread(io.BytesIO(deidentified(after, edition)))
    first, second = ([leaf for leaf in leaves(one) if leaf[1] != "UI"] for one in (result, again))
    assert first == second


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(elements=data_sets("2026c"), syntax=st.sampled_from(SYNTAXES))
def test_a_uid_becomes_the_same_wherever_it_stands(elements, syntax):
    reference = Element(0x00081199, "SQ", [[Element(0x00081155, "UI", b"1.2.3.30")]])
    content = file_of([*(one for one in elements if one.tag != 0x00081199), reference], syntax)
    result = pydicom.dcmread(io.BytesIO(deidentified(content, "2026c")))
    (item,) = result.ReferencedSOPSequence
    assert item.ReferencedSOPInstanceUID == result.SOPInstanceUID


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_sequence_of_the_dictionary_loses_names_that_are_nested_in_it(edition):
    sequences = sorted(tag for tag in DicomDictionary if dictionary_VR(tag) == "SQ" and not is_structural(tag))
    item = [
        Element(0x00080080, "LO", b"CANARY"),
        Element(0x00100010, "PN", b"CANARY^A"),
        Element(0x00091001, "UN", b"CANARY"),
    ]
    content = file_of(
        [Element(tag, "SQ", [item], undefined=bool(tag & 8)) for tag in sequences], ExplicitVRLittleEndian
    )
    assert content.count(b"CANARY") > 3000
    assert b"CANARY" not in deidentified(content, edition)
