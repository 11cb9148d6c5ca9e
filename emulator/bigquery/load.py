"""Load jobs: newline-delimited JSON from gs:// objects or an upload, all rows or none."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.bigquery import bodies, catalog
from emulator.bigquery.database import Cursor
from emulator.bigquery.destination import Destination
from emulator.bigquery.schema import Schema, parse_schema
from emulator.bigquery.values import RowError, canonical_row
from emulator.bigquery.wire import insert_rows
from emulator.errors import GoogleError
from emulator.objects import ObjectNotFound

_KEPT = {
    "sourceUris", "destinationTable", "schema", "writeDisposition", "createDisposition", "sourceFormat",
    "maxBadRecords", "ignoreUnknownValues", "timePartitioning", "clustering", "encoding", "autodetect",
}  # fmt: skip
_LISTED_ERRORS = 5
_INSERT_ROWS = 20_000  # rows handed to DuckDB at once


class LoadFailure(Exception):
    """A load job that ends with an error: nothing of it is in the table.

    Attributes:
        error: `status.errorResult`.
        errors: `status.errors`.
    """

    def __init__(self, error: dict[str, Any], errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(error["message"])
        self.error = error
        self.errors = errors or [error]


@dataclass(frozen=True)
class LoadSpec:
    """What a load configuration asks for."""

    destination: Destination
    uris: list[str]
    schema: Schema | None
    autodetect: bool
    ignore_unknown: bool
    max_bad: int

    @classmethod
    def from_api(cls, config: Mapping[str, Any], project: str, *, upload: bool) -> LoadSpec:
        """Read and check a JobConfigurationLoad.

        Raises:
            GoogleError: 400 for what is wrong, 501 for formats and options that are not implemented.
        """
        bodies.implemented(config, _KEPT, "configuration.load")
        source_format = config.get("sourceFormat") or "CSV"
        if source_format != "NEWLINE_DELIMITED_JSON":
            raise GoogleError(
                501, f"Loading {source_format[:50]} is not implemented; load NEWLINE_DELIMITED_JSON (sourceFormat)."
            )
        if config.get("encoding", "UTF-8") not in {"UTF-8", ""}:
            raise GoogleError(501, "Encodings other than UTF-8 are not implemented.")
        uris = config.get("sourceUris") or []
        if bool(uris) == upload:
            raise GoogleError(400, "A load job takes sourceUris or an upload, not both." if upload else
                              "Required parameter is missing: sourceUris", reason="required")  # fmt: skip
        for uri in uris:
            if not uri.startswith("gs://") or uri.count("*") > 1 or "/" not in uri[5:]:
                raise GoogleError(400, "Invalid source URI: use gs://bucket/object with at most one *.")
        return cls(
            Destination.from_api(config, project, "WRITE_APPEND"),
            list(uris),
            parse_schema(config["schema"]) if config.get("schema") else None,
            bool(config.get("autodetect")),
            bool(config.get("ignoreUnknownValues")),
            int(config.get("maxBadRecords") or 0),
        )


@dataclass(frozen=True)
class Source:
    """Bytes to load and where they come from; "" for an upload."""

    uri: str
    data: bytes


@dataclass
class Loader:
    """Reads sources and writes their rows."""

    read_object: Callable[[str], bytes]
    list_objects: Callable[[str], list[str]]

    def sources(self, spec: LoadSpec) -> list[Source]:
        """The objects of a load job, unpacked when they are gzip; raises LoadFailure."""
        found: list[Source] = []
        for uri in spec.uris:
            try:
                names = self.list_objects(uri) if "*" in uri else [uri]
                found += [Source(name, _unpacked(self.read_object(name), name)) for name in names]
            except ObjectNotFound:
                names = []
            if not names:
                raise LoadFailure(
                    {"reason": "notFound", "location": uri, "message": "Not found: URI; no object has this name."}
                )
        return found

    def run(self, cursor: Cursor, spec: LoadSpec, sources: list[Source], location: str | None) -> dict[str, Any]:
        """Write the rows inside the job's transaction; `statistics` and `errors` of rows that were left out.

        Raises:
            LoadFailure: the job fails; the transaction must not be committed.
            GoogleError: 501, the job cannot be done here.
        """
        found = catalog.find_table(cursor, spec.destination.ref)
        if spec.autodetect and spec.schema is None and not (found and not found.is_view and found.schema):
            raise GoogleError(501, "Detecting a schema is not implemented; give the job a schema.")
        try:
            table = spec.destination.open(cursor, spec.schema, location)
        except GoogleError as error:
            raise LoadFailure({"reason": error.reason, "message": error.message}) from None
        tally = _Tally(spec.max_bad)
        rows: list[dict[str, Any]] = []
        for source in sources:
            for row in _rows(source, table.schema, spec.ignore_unknown, tally):
                rows.append(row)
                if len(rows) >= _INSERT_ROWS:
                    insert_rows(cursor, table.physical, table.schema, rows)
                    rows = []
        tally.check()
        insert_rows(cursor, table.physical, table.schema, rows)
        catalog.touch_table(cursor, table)
        statistics = {
            "inputFiles": str(len(sources)),
            "inputFileBytes": str(sum(len(source.data) for source in sources)),
            "outputRows": str(tally.good),
            "badRecords": str(tally.bad),
        }
        return {"statistics": statistics, "errors": tally.listed}


@dataclass
class _Tally:
    """Good and bad rows of a job."""

    max_bad: int
    good: int = 0
    bad: int = 0
    listed: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, uri: str, position: int, message: str) -> None:
        """Count a bad row; raises LoadFailure when there are too many."""
        self.bad += 1
        if len(self.listed) < _LISTED_ERRORS:
            text = (
                f"Error while reading data, error message: JSON parsing error in row starting at position {position}: "
            )
            self.listed.append(_proto(uri, text + message))

    def check(self) -> None:
        """Raise LoadFailure when there are more bad rows than allowed."""
        if self.bad <= self.max_bad:
            return
        location = self.listed[0].get("location", "")
        counts = f"Rows: {self.good + self.bad}; errors: {self.bad}"
        summary = _proto(
            location,
            "Error while reading data, error message: JSON table encountered too many errors, giving up. "
            f"{counts}. Please look into the errors[] collection for more details.",
        )
        limits = _proto(
            "",
            "Error while reading data, error message: JSON processing encountered too many errors, giving up. "
            f"{counts}; max bad: {self.max_bad}; error percent: 0",
        )
        raise LoadFailure(summary, [summary, limits, *self.listed])


def _rows(source: Source, schema: Schema, ignore_unknown: bool, tally: _Tally) -> Iterator[dict[str, Any]]:
    position = 0
    for line in source.data.split(b"\n"):
        start, position = position, position + len(line) + 1
        if not line.strip():
            continue
        try:
            parsed = json.loads(line, parse_constant=_refuse)
            row = canonical_row(schema, parsed, ignore_unknown=ignore_unknown, json_text=False)
        except RowError as error:
            message = error.message
            if message.startswith("no such field: "):
                message = f"No such field: {error.location}."
            tally.refuse(source.uri, start, message)
        except (ValueError, RecursionError):
            tally.refuse(source.uri, start, "The row is not a JSON object.")
        else:
            tally.good += 1
            yield row


def _proto(location: str, message: str) -> dict[str, Any]:
    proto = {"reason": "invalid", "message": message}
    return {**proto, "location": location} if location else proto


def _unpacked(data: bytes, uri: str) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        unpacked = bytearray()
        while data:  # a gzip file may hold several members
            member = zlib.decompressobj(wbits=31)
            unpacked += member.decompress(data) + member.flush()
            if not member.eof:
                raise zlib.error("cut short")  # noqa: TRY301
            data = member.unused_data
    except zlib.error:
        raise LoadFailure(_proto(uri, "Error while reading data, error message: the gzip file is damaged.")) from None
    return bytes(unpacked)


def _refuse(_name: str) -> Any:
    raise ValueError
