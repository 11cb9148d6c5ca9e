"""Manifests as files: plain and gzip, well and badly encoded, empty and missing."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apache_beam.pvalue import TaggedOutput

from pipeline.model.errors import Refused
from pipeline.model.instance_path import DicomPath, LineProblem, UnreadableLine
from pipeline.model.names import DicomStoreName
from pipeline.sources.manifest import REJECTED, ReadLinesFn, matching_manifests, numbered_lines, read_line

ONE = "/studies/1.2/series/1.3/instances/1.4"
TWO = "/studies/1.2/series/1.3/instances/1.5"
BOM = "\ufeff".encode()


@pytest.fixture
def read(tmp_path: Path, source: DicomStoreName) -> Callable[..., tuple[list[Any], list[Any]]]:
    """Reads bytes as a manifest: what it accepts, and what it rejects as (digest, problem, line number)."""

    def run(data: bytes, name: str = "manifest.txt") -> tuple[list[Any], list[Any]]:
        path = tmp_path / name
        path.write_bytes(data)
        accepted, rejected = [], []
        for item in ReadLinesFn(source).process(str(path)):
            if isinstance(item, TaggedOutput):
                assert item.tag == REJECTED
                digest, problem_and_place = item.value
                problem, place = problem_and_place.split("\t")
                assert place.startswith(f"{path}:")
                rejected.append((digest, problem, int(place.removeprefix(f"{path}:"))))
            else:
                accepted.append(item)
        return accepted, rejected

    return run


Read = Callable[..., tuple[list[Any], list[Any]]]
BOTH = [("1.2", "1.3/1.4"), ("1.2", "1.3/1.5")]


def digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


# Encodings of a good manifest.


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(f"{ONE}\n{TWO}\n".encode(), id="plain"),
        pytest.param(f"{ONE}\n{TWO}".encode(), id="no line end at the end"),
        pytest.param(f"{ONE}\r\n{TWO}\r\n".encode(), id="CRLF"),
        pytest.param(BOM + f"{ONE}\n{TWO}\n".encode(), id="byte order mark"),
        pytest.param(BOM + f"{ONE}\r\n{TWO}\r\n".encode(), id="byte order mark and CRLF"),
        pytest.param(f"\n# instances\n{ONE}\n\n   \n{TWO}\n\n".encode(), id="blank lines and comments"),
        pytest.param(gzip.compress(f"{ONE}\n{TWO}\n".encode()), id="gzip"),
        pytest.param(gzip.compress(BOM + f"{ONE}\r\n{TWO}\r\n".encode()), id="gzip of a file with byte order mark"),
        pytest.param(gzip.compress(f"{ONE}\n".encode()) + gzip.compress(f"{TWO}\n".encode()), id="gzip in two members"),
    ],
)
def test_the_same_lines_are_read_from_every_encoding(read: Read, data: bytes) -> None:
    assert read(data) == (BOTH, [])


@pytest.mark.parametrize("name", ["manifest", "manifest.txt", "manifest.txt.gz"])
@pytest.mark.parametrize("compress", [False, True])
def test_a_manifest_is_gzip_by_its_content_not_its_name(read: Read, name: str, compress: bool) -> None:
    data = f"{ONE}\n{TWO}\n".encode()
    assert read(gzip.compress(data) if compress else data, name) == (BOTH, [])


def test_wider_lines_are_passed_on_unexpanded(read: Read) -> None:
    assert read(b"studies/1.2\nstudies/1.2/series/1.3\n") == ([("1.2", ""), ("1.2", "1.3")], [])


def test_an_empty_file_among_others_has_no_lines(read: Read) -> None:
    assert read(b"") == ([], [])


def test_a_file_of_one_byte_is_one_bad_line(read: Read) -> None:
    assert read(b"x") == ([], [(digest("x"), "NOT_A_PATH", 1)])


def test_the_last_line_of_a_large_gzip_manifest_is_read(read: Read) -> None:
    lines = "".join(f"/studies/1.{number}\n" for number in range(20_000))
    accepted, _ = read(gzip.compress(lines.encode()))
    assert (len(accepted), accepted[-1]) == (20_000, ("1.19999", ""))


# Bad lines.


def test_a_bad_line_stops_nothing(read: Read) -> None:
    assert read(f"{ONE}\ngarbage\n{TWO}\n".encode()) == (BOTH, [(digest("garbage"), "NOT_A_PATH", 2)])


def test_a_repeated_bad_line_has_one_digest_and_each_place(read: Read) -> None:
    _, rejected = read(b"garbage\n\n  garbage\r\n")
    assert rejected == [(digest("garbage"), "NOT_A_PATH", 1), (digest("garbage"), "NOT_A_PATH", 3)]


def test_a_line_that_is_not_utf_8_is_rejected_alone(read: Read) -> None:
    data = "größe\n".encode("latin-1") + f"{ONE}\n{TWO}\n".encode()
    accepted, rejected = read(data)
    assert accepted == BOTH
    assert [(problem, number) for _, problem, number in rejected] == [("NOT_UTF8", 1)]


def test_a_manifest_in_utf_16_has_no_usable_line(read: Read) -> None:
    accepted, rejected = read(f"{ONE}\n{TWO}\n".encode("utf-16"))
    assert accepted == []
    assert rejected


def test_a_byte_order_mark_in_the_middle_makes_its_line_bad(read: Read) -> None:
    accepted, rejected = read(f"{ONE}\n".encode() + BOM + f"{TWO}\n".encode())
    assert accepted == BOTH[:1]
    assert [problem for _, problem, _ in rejected] == ["NOT_A_PATH"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("/studies/1.2.", "BAD_UID"),
        (f"/studies/{'1' * 65}", "UID_TOO_LONG"),
        ("projects/p/locations/us-central1/datasets/d/dicomStores/other/dicomWeb/studies/1.2", "OTHER_STORE"),
        ("canary^name", "NOT_A_PATH"),
    ],
)
def test_each_problem_is_told_by_its_code_and_not_by_the_line(read: Read, line: str, problem: str) -> None:
    assert read(f"{line}\n".encode()) == ([], [(digest(line), problem, 1)])


# Damaged files.


def damaged_gzips() -> list[Any]:
    whole = gzip.compress("".join(f"{ONE}{number}\n" for number in range(500)).encode())
    middle = len(whole) // 2
    return [
        pytest.param(whole[:middle], id="cut in the middle"),
        pytest.param(whole[:-4], id="cut before its length"),
        pytest.param(whole[:5], id="cut in its header"),
        pytest.param(whole[:-8] + b"\0\0\0\0" + whole[-4:], id="wrong checksum"),
        pytest.param(whole[:20] + b"\xff" * 40 + whole[60:], id="bytes overwritten"),
        pytest.param(whole + b"trailing", id="something behind it"),
        pytest.param(whole[:2] + b"\x63" + whole[3:], id="unknown compression"),
    ]


@pytest.mark.parametrize("data", damaged_gzips())
def test_a_damaged_gzip_manifest_is_refused_whole(read: Read, data: bytes) -> None:
    with pytest.raises(Refused, match="damaged"):
        read(data)


def test_no_flipped_bit_of_a_gzip_manifest_changes_what_is_read(read: Read) -> None:
    rng = random.Random(3)
    whole = gzip.compress("".join(f"/studies/1.{rng.random()}\n" for _ in range(50)).encode(), mtime=0)
    undamaged = read(whole)
    refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[rng.randrange(2, len(whole))] ^= 1 << rng.randrange(8)
        try:
            assert read(bytes(damaged)) == undamaged
        except Refused:
            refused += 1
    assert refused > 150


def test_a_damaged_manifest_is_refused_without_naming_a_line(read: Read) -> None:
    with pytest.raises(Refused) as caught:
        read(gzip.compress(f"{ONE}\n".encode())[:-4])
    assert "1.2" not in str(caught.value)


def test_a_manifest_that_vanished_is_not_called_damaged(source: DicomStoreName, tmp_path: Path) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - the file system's own error, whatever its text
        list(ReadLinesFn(source).process(str(tmp_path / "gone.txt")))


# The two plain functions.


def test_lines_are_numbered_from_one_without_their_ends() -> None:
    assert list(numbered_lines(io.BytesIO(b"a\r\n\nb"))) == [(1, b"a"), (2, b""), (3, b"b")]


def test_lines_of_a_gzip_file_are_numbered_alike() -> None:
    assert list(numbered_lines(io.BytesIO(gzip.compress(b"a\nb\n")))) == [(1, b"a"), (2, b"b")]


def test_a_raw_zlib_stream_is_not_taken_for_gzip() -> None:
    raw = zlib.compress(b"a\n")
    assert b"".join(line for _, line in numbered_lines(io.BytesIO(raw))) == raw.replace(b"\n", b"")


def test_a_line_is_read_as_the_path_it_names(source: DicomStoreName) -> None:
    assert read_line(ONE.encode(), 2, source) == DicomPath("1.2", "1.3", "1.4")


def test_a_comment_after_a_byte_order_mark_is_a_comment(source: DicomStoreName) -> None:
    assert read_line(BOM + b"# comment", 1, source) is None


def test_bytes_that_are_no_text_are_not_utf_8(source: DicomStoreName) -> None:
    with pytest.raises(UnreadableLine) as caught:
        read_line(b"\xff\xfe", 5, source)
    assert caught.value.problem is LineProblem.NOT_UTF8


# Globs.


def test_a_glob_matches_its_manifests(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.csv"):
        (tmp_path / name).write_text(f"{ONE}\n")
    found = [Path(file.path).name for file in matching_manifests(f"{tmp_path}/*.txt")]
    assert sorted(found) == ["a.txt", "b.txt"]


def test_a_glob_that_matches_nothing_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"--input .*/\*\.txt: no manifest matches"):
        matching_manifests(f"{tmp_path}/*.txt")


def test_a_missing_folder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no manifest matches"):
        matching_manifests(f"{tmp_path}/nowhere/*.txt")


def test_a_manifest_without_a_byte_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with pytest.raises(Refused, match=r"--input .*empty\.txt: every manifest that matches is empty"):
        matching_manifests(str(tmp_path / "empty.txt"))


def test_one_empty_manifest_beside_a_full_one_is_fine(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "full.txt").write_text(f"{ONE}\n")
    assert len(matching_manifests(f"{tmp_path}/*.txt")) == 2


def test_an_unknown_scheme_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"--input nowhere://b/\*: could not be listed"):
        matching_manifests("nowhere://b/*")


def test_a_file_without_line_ends_is_one_bad_line_and_not_held_in_memory() -> None:
    lines = list(numbered_lines(io.BytesIO(b"x" * 5_000_000 + b"\n/studies/1.2\n")))
    assert [number for number, _ in lines] == [1, 2]
    assert len(lines[0][1]) < 10_000
    assert lines[1][1] == b"/studies/1.2"
