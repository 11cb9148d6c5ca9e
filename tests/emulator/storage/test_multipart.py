"""The multipart reader, fed in pieces of any size."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import anyio
import pytest

from emulator.errors import GoogleError
from emulator.storage.multipart import MultipartReader, boundary_of


async def _pieces(data: bytes, sizes: list[int]) -> AsyncIterator[bytes]:
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


def _parts(data: bytes, sizes: list[int]) -> list[tuple[dict[str, str], bytes]]:
    async def read() -> list[tuple[dict[str, str], bytes]]:
        reader = MultipartReader(_pieces(data, sizes), b"B")
        parts = []
        while (headers := await reader.next_part()) is not None:
            parts.append((dict(headers), b"".join([piece async for piece in reader.body()])))
        return parts

    return anyio.run(read)


@pytest.mark.parametrize("line_break", [b"\r\n", b"\n"])
def test_parts_do_not_depend_on_how_the_bytes_arrive(line_break: bytes) -> None:
    source = random.Random(3)
    bodies = [b"", b"{}", bytes(source.choices(b"\r\n-B x", k=60)), b"--", line_break + b"--", b"-" * 30]
    bodies = [body.replace(line_break + b"--B", b"").replace(b"--B", b"") for body in bodies]
    data = b"preamble" + line_break
    for body in bodies:
        data += line_break.join([b"--B", b"Name: value", b"", body, b""])
    data += b"--B--" + line_break + b"epilogue"
    expected = [({"name": "value"}, body) for body in bodies]
    for _ in range(300):
        sizes = [source.randint(0, 9) for _ in range(len(data) // 4)]
        assert _parts(data, sizes) == expected
    assert _parts(data, [1] * len(data)) == expected


def test_an_empty_part_may_share_its_blank_line_with_the_boundary() -> None:
    assert _parts(b"--B\r\nA: 1\r\n\r\n--B\r\n\r\n--B--", []) == [({"a": "1"}, b""), ({}, b"")]


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_body_that_is_cut_anywhere_is_refused(cut: int) -> None:
    data = b"--B\r\nA: 1\r\n\r\nfirst\r\n--B\r\n\r\nsecond\r\n--B--"
    assert len(_parts(data, [])) == 2
    with pytest.raises(GoogleError) as refused:
        _parts(data[:-cut], [])
    assert refused.value.http_status == 400


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/related; boundary=abc", b"abc"),
        ('multipart/related; boundary="a b=c"', b"a b=c"),
        ("multipart/related; boundary='==1=='", b"==1=="),
        ("Multipart/Mixed;Boundary=abc; type=x", b"abc"),
    ],
)
def test_the_boundary_is_read(content_type: str, boundary: bytes) -> None:
    assert boundary_of(content_type) == boundary
