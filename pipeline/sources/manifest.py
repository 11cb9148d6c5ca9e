"""gs:// (or local) text manifests, plain or gzip -> (study, rest of the path) and rejected lines."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystem import CompressionTypes, FileMetadata
from apache_beam.io.filesystems import FileSystems
from apache_beam.metrics import Metrics

from pipeline.model.errors import Refused
from pipeline.model.instance_path import MAX_LINE_LENGTH, DicomPath, LineProblem, UnreadableLine, parse_line
from pipeline.model.names import DicomStoreName

REJECTED = "rejected"
_GZIP_MAGIC = b"\x1f\x8b"
_BUFFER_BYTES = 1 << 20
_LONGEST_LINE_BYTES = 4 * MAX_LINE_LENGTH + 2  # UTF-8 takes four bytes for a character at most


def matching_manifests(pattern: str) -> list[FileMetadata]:
    """Files that match a glob; raises Refused, naming it, when there is none or all are empty."""
    cure = "Check --input (quote the pattern, so that the shell leaves it alone) and list the objects it should match."
    try:
        found = [metadata for result in FileSystems.match([pattern]) for metadata in result.metadata_list]
    except Exception as error:  # noqa: BLE001 - Beam's file systems raise what their clients raise
        raise Refused(f"--input {pattern}: could not be listed ({type(error).__name__}). {cure}") from None
    if not found:
        raise Refused(f"--input {pattern}: no manifest matches. {cure}")
    if not any(metadata.size_in_bytes for metadata in found):
        raise Refused(f"--input {pattern}: every manifest that matches is empty. {cure}")
    return found


def numbered_lines(stream: Any) -> Iterator[tuple[int, bytes]]:
    """The lines of a manifest, gzip or plain by its first bytes, numbered from 1, without line ends.

    Of a line longer than any path only the beginning is kept: a file without line ends must not fill the memory.
    Raises EOFError, gzip.BadGzipFile or zlib.error for a damaged gzip file: half a manifest must not pass for all.
    """
    # Cloud Storage's reader has no readline of its own: unbuffered it would be asked for one byte at a time.
    buffered = io.BufferedReader(stream, _BUFFER_BYTES)
    compressed = buffered.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
    lines: Any = gzip.GzipFile(fileobj=buffered) if compressed else buffered
    number = 0
    while line := lines.readline(_LONGEST_LINE_BYTES):
        number += 1
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = lines.readline(_LONGEST_LINE_BYTES)
        yield number, line.rstrip(b"\r\n")


def read_line(raw: bytes, number: int, source_store: DicomStoreName) -> DicomPath | None:
    """One raw line of a manifest; a byte order mark before the first is ignored. Raises UnreadableLine."""
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise UnreadableLine(LineProblem.NOT_UTF8) from None
    return parse_line(text, source_store)


class ReadLinesFn(beam.DoFn):
    """One manifest -> `(study, inside_study)`; lines that cannot be used go to the output `REJECTED`.

    A rejected line becomes `(digest of its bytes, "problem<TAB>manifest:line number")`, so that repeats count once and
    the line itself, which may be anything, goes nowhere.
    """

    def __init__(self, source_store: DicomStoreName) -> None:
        self._source_store = source_store
        self._accepted = Metrics.counter("sources", "lines_accepted")
        self._rejected = Metrics.counter("sources", "lines_rejected")

    def process(self, path: str) -> Iterator[Any]:
        """Read the manifest once, line by line."""
        with FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED) as stream:
            try:
                for number, raw in numbered_lines(stream):
                    try:
                        found = read_line(raw, number, self._source_store)
                    except UnreadableLine as error:
                        self._rejected.inc()
                        digest = hashlib.sha256(raw.strip()).hexdigest()
                        yield beam.pvalue.TaggedOutput(REJECTED, (digest, f"{error.problem}\t{path}:{number}"))
                    else:
                        if found is not None:
                            self._accepted.inc()
                            yield found.study, found.inside_study
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise Refused(f"a manifest of --input is damaged ({type(error).__name__}): write it again") from None


@dataclass
class ReadManifests(beam.PTransform):
    """Read every manifest of a glob.

    Outputs: main (study, inside_study); `REJECTED` (digest, problem and place); both `tuple[str, str]`.
    """

    pattern: str
    source_store: DicomStoreName

    def expand(self, pbegin: Any) -> Any:
        """Match on a worker, spread the files, read each."""
        return (
            pbegin
            | "Manifest pattern" >> beam.Create([self.pattern])
            | "Match manifests" >> beam.FlatMap(lambda pattern: [file.path for file in matching_manifests(pattern)])
            | "Spread manifests" >> beam.Reshuffle()
            | "Read lines" >> beam.ParDo(ReadLinesFn(self.source_store)).with_outputs(REJECTED, main="paths")
        )
