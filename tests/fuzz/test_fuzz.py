"""Data sets nobody would write, and damaged files: refused, or de-identified without a canary in the result."""

import importlib.util
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.datadict import DicomDictionary
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from emulator.deidentify import compile_config
from emulator.deidentify.attributes import LONG_VRS, VALUE_REPRESENTATIONS
from emulator.deidentify.engine import deidentify_data
from emulator.deidentify.tables.rows import rows

CANARY = b"CANARY"
CI = settings(max_examples=100, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
BASIC = compile_config({"dicomTagConfig": {}})
SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)
IDS = {
    0x00080016: b"1.2.840.10008.5.1.4.1.1.2\0",
    0x00080018: b"1.2.3.30",
    0x0020000D: b"1.2.3.10",
    0x0020000E: b"1.2.3.20",
}
FORBIDDEN = [row.tag for row in rows("2018e") if row.tag >> 16 > 2 and row.tag not in IDS and row.vr != "SQ"]
KEPT = [
    tag for tag, entry in DicomDictionary.items() if entry[0] in {"US", "CS", "DS", "SH"} and tag >> 16 in {0x18, 0x28}
]
KEPT = [tag for tag in KEPT if tag not in set(FORBIDDEN)]
SEQUENCES = [0x52009229, 0x00081140, 0x00400275, 0x00089215, 0x0040A730]
"""Kept and walked, references, removed, kept and walked, structured content."""


class Encoder:
    """Writes elements in one of the encodings."""

    def __init__(self, syntax):
        self.implicit = syntax == ImplicitVRLittleEndian
        self.order = ">" if syntax == ExplicitVRBigEndian else "<"

    def pack(self, layout, *values):
        return struct.pack(self.order + layout, *values)

    def element(self, tag, vr, value, length=None):
        length = len(value) if length is None else length
        group, number = tag >> 16, tag & 0xFFFF
        if self.implicit:
            return self.pack("HHI", group, number, length) + value
        if vr in LONG_VRS:
            return self.pack("HH2sHI", group, number, vr.encode(), 0, length) + value
        return self.pack("HH2sH", group, number, vr.encode(), length & 0xFFFF) + value

    def delimiter(self, number, length=0):
        return self.pack("HHI", 0xFFFE, number, length)

    def item(self, content, undefined):
        if undefined:
            return self.delimiter(0xE000, 0xFFFFFFFF) + content + self.delimiter(0xE00D)
        return self.delimiter(0xE000, len(content)) + content

    def data_set(self, tree):
        """The bytes of what `data_sets` draws."""
        return b"".join(self.one(*node) for node in tree)

    def one(self, tag, vr, value, undefined=False, items_undefined=False):
        if isinstance(value, bytes):
            return self.element(tag, vr, value)
        content = b"".join(self.item(self.data_set(item), items_undefined) for item in value)
        if undefined:
            return self.element(tag, "SQ", content + self.delimiter(0xE0DD), 0xFFFFFFFF)
        return self.element(tag, "SQ", content)


tags_with_canary = st.one_of(
    st.sampled_from(FORBIDDEN),
    st.integers(0, 0xFFFF).map(lambda number: 0x00290000 | number),
    st.integers(0x10, 0xFF).map(lambda block: 0x00110000 | block),
    st.builds(lambda plane, number: 0x60000000 | plane << 17 | number, st.integers(0, 15), st.integers(1, 0xFFFF)),
    st.builds(lambda curve, number: 0x50000000 | curve << 17 | number, st.integers(0, 15), st.integers(1, 0xFFFF)),
)
values_with_canary = st.builds(
    lambda before, times, after: before + CANARY * times + after,
    st.sampled_from([b"", b"1.2.840.10008.", b"\\", b"\0", b"2020", b"\x1b$B", b"\xfe\xff\x0d\xe0\0\0\0\0"]),
    st.integers(1, 3),
    st.sampled_from([b"", b"\\", b"\0", b"^", b"=", b" "]),
).map(lambda value: value + b" " * (len(value) % 2))
canaries = st.tuples(tags_with_canary, st.sampled_from(sorted(VALUE_REPRESENTATIONS - {"SQ"})), values_with_canary)
harmless = st.tuples(st.sampled_from(KEPT), st.sampled_from(["US", "CS", "DS", "SH", "LO"]), st.just(b"1 "))
elements = st.recursive(
    st.lists(canaries | harmless, max_size=5),
    lambda data_sets: st.lists(
        canaries
        | harmless
        | st.tuples(
            st.sampled_from([*SEQUENCES, 0x00291040]),
            st.just("SQ"),
            st.lists(data_sets, max_size=3),
            st.booleans(),
            st.booleans(),
        ),
        max_size=5,
    ),
    max_leaves=12,
)


def file_of(tree, syntax, *, in_order):
    """The content of an instance with these elements besides its ids; out of order unless told."""
    nodes = [*((tag, "UI", value) for tag, value in IDS.items()), *tree]
    if in_order:
        nodes = sort(nodes)
    content = Encoder(syntax).data_set(nodes)
    if syntax == DeflatedExplicitVRLittleEndian:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        content = packer.compress(content) + packer.flush()
    meta = Encoder(ExplicitVRLittleEndian)
    named = syntax.encode() + b"\0" * (len(syntax) % 2)
    return bytes(128) + b"DICM" + meta.element(0x00020010, "UI", named) + content


def sort(nodes):
    """In order of tags, without repeated ones, at every depth."""
    by_tag = {}
    for tag, vr, value, *how in nodes:
        by_tag[tag] = (tag, vr, value if isinstance(value, bytes) else [sort(item) for item in value], *how)
    return [by_tag[tag] for tag in sorted(by_tag)]


@pytest.fixture(scope="module")
def judge():
    """`judge(number of a configuration, content)`, as the coverage-guided fuzzer has it."""
    path = Path(__file__).with_name("fuzz_engine.py")
    spec = importlib.util.spec_from_file_location("fuzz_engine", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.judge()


@CI
@given(tree=elements, syntax=st.sampled_from(SYNTAXES), in_order=st.booleans())
def test_a_well_formed_data_set_loses_every_canary(tree, syntax, in_order):
    pieces, _outcome = deidentify_data(file_of(tree, syntax, in_order=in_order), BASIC)
    result = b"".join(pieces)
    if syntax == DeflatedExplicitVRLittleEndian:
        result = zlib.decompress(result[result.index(b"DEIDENTIFY_1") + 12 :], -zlib.MAX_WBITS)
    assert CANARY not in result


@CI
@given(number=st.integers(0, 4), tree=elements, syntax=st.sampled_from(SYNTAXES), in_order=st.booleans())
def test_what_is_de_identified_can_be_read_and_both_rewriters_agree(judge, number, tree, syntax, in_order):
    judge(number, file_of(tree, syntax, in_order=in_order))
