"""multipart/related bodies in pieces of any size, from clients of any quality."""

from __future__ import annotations

import random

import pytest

from emulator.healthcare.dicomweb.multipart import (
    MAX_HEADER_BYTES,
    MultipartError,
    MultipartParser,
    PartBegin,
    PartData,
    PartEnd,
)


def parse(body: bytes, boundary: str = "b", size: int | None = None) -> list[tuple[dict[str, str], bytes]]:
    """The complete parts of a body fed in pieces of `size`."""
    parser = MultipartParser(boundary)
    size = size or max(1, len(body))
    parts: list[tuple[dict[str, str], bytearray]] = []
    complete = 0
    for at in range(0, len(body), size):
        for event in parser.feed(body[at : at + size]):
            if isinstance(event, PartBegin):
                parts.append((event.headers, bytearray()))
            elif isinstance(event, PartData):
                assert event.data
                parts[-1][1].extend(event.data)
            elif isinstance(event, PartEnd):
                complete += 1
    parser.finish()
    assert complete == len(parts)
    return [(headers, bytes(data)) for headers, data in parts]


CT = {"content-type": "application/dicom"}

BODIES = [
    (b"--b\r\nContent-Type: application/dicom\r\n\r\none\r\n--b--", [(CT, b"one")]),
    # as dicomweb-client writes it: a line end before the first boundary, none after the last
    (b"\r\n--b\r\nContent-Type: application/dicom\r\n\r\none\r\n--b--", [(CT, b"one")]),
    (b"preamble\r\n--b\r\nContent-Type: application/dicom\r\n\r\none\r\n--b--\r\nepilogue", [(CT, b"one")]),
    (b"--b  \t\r\nCONTENT-TYPE:application/dicom\r\n\r\none\r\n--b--", [(CT, b"one")]),
    (b"--b\r\n\r\nno headers\r\n--b--", [({}, b"no headers")]),
    (b"--b\r\n\r\n\r\n--b--", [({}, b"")]),
    (b"--b\r\nA: b\r\n\r\n--b--", [({"a": "b"}, b"")]),
    (b"--b\r\n\r\n--b\r\n\r\ntwo\r\n--b--", [({}, b""), ({}, b"two")]),
    (b"--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--", [({}, b"one"), ({}, b"two")]),
    # what looks like a boundary and is none
    (b"--b\r\n\r\n\r\n--bc\r\n--b-\r\n\r\n--\r\r\n--b--", [({}, b"\r\n--bc\r\n--b-\r\n\r\n--\r")]),
    (b"--b\r\n\r\nx--b--\n--b--\r\n--b--", [({}, b"x--b--\n--b--")]),
    (b"--b\r\n\r\n\r\n\r\n\r\n--b--", [({}, b"\r\n\r\n")]),
    (b"--b\r\n\r\n\r\n--b " + b" " * 300 + b"\r\n--b--", [({}, b"\r\n--b " + b" " * 300)]),
]


@pytest.mark.parametrize(("body", "expected"), BODIES)
@pytest.mark.parametrize("size", [None, 1, 2, 3, 7])
def test_a_body_has_the_same_parts_in_pieces_of_any_size(body, expected, size):
    assert parse(body, size=size) == expected


def test_random_bytes_come_out_as_they_went_in():
    source = random.Random(7)
    for _round in range(200):
        # few different bytes, so that near-boundaries are frequent
        parts = [bytes(source.choices(b"\r\n-b\0", k=source.randrange(60))) for _ in range(source.randrange(1, 4))]
        if any(b"\r\n--b0" in b"\r\n" + part for part in parts):
            continue
        body = b"".join(b"\r\n--b0\r\n\r\n" + part for part in parts) + b"\r\n--b0--"
        assert [data for _, data in parse(body, "b0", source.randrange(1, 9))] == parts


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "does not contain the boundary"),
        (b"anything else", "does not contain the boundary"),
        (b"--other\r\n\r\none\r\n--other--", "does not contain the boundary"),
        (b"--b\r\nContent-Type: application/dicom\r\n\r\none", "before its closing boundary"),
        (b"--b\r\nContent-Type: application/dicom\r\n\r\none\r\n--b", "before its closing boundary"),
        (b"--b\r\n\r\none\r\n--b\r\n", "before its closing boundary"),
        (b"--b\r\nno colon\r\n\r\none\r\n--b--", "no colon"),
        (b"--b\r\n" + b"x" * (MAX_HEADER_BYTES + 1), "header block is longer"),
        (b"--b\r\nA: " + b"x" * MAX_HEADER_BYTES + b"\r\n\r\n", "header block is longer"),
    ],
)
def test_a_malformed_body_is_refused_with_its_reason(body, reason):
    with pytest.raises(MultipartError, match=reason):
        parse(body)


@pytest.mark.parametrize("boundary", ["", "x" * 201, "a\r\nb", "grenzä", "a\0"])
def test_an_impossible_boundary_is_refused(boundary):
    with pytest.raises(MultipartError, match="boundary parameter"):
        MultipartParser(boundary)


def test_the_parser_keeps_no_more_than_a_boundary_in_memory():
    parser = MultipartParser("b")
    parser.feed(b"--b\r\n\r\n")
    emitted = sum(len(event.data) for _ in range(100) for event in parser.feed(b"\r\n--" * 1000))
    assert 400_000 - 10 < emitted <= 400_000
