"""tables.insert, get, list, patch and delete, and tabledata.list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from emulator.bigquery import bodies, catalog, wire
from emulator.bigquery.calls import Call, check_match
from emulator.bigquery.catalog import StoredTable
from emulator.bigquery.database import Cursor, Database
from emulator.bigquery.evolve import evolve
from emulator.bigquery.layout import check_layout
from emulator.bigquery.names import DatasetRef, TableRef
from emulator.bigquery.schema import Schema, parse_schema, schema_as_api
from emulator.bigquery.sizes import Sizes
from emulator.errors import GoogleError

# Kept and shown; nothing expires.
_KEPT = {
    "tableReference", "schema", "description", "friendlyName", "labels", "timePartitioning", "clustering", "view",
    "expirationTime", "resourceTags", "location",
}  # fmt: skip
_VIEW_KEPT = {"query", "useLegacySql"}

ViewSchema = Callable[[Cursor, str, str], Schema]
"""(cursor, project, SQL) -> the columns that a view's query answers; raises GoogleError 400 for one that fails."""


class TableMethods:
    """The methods of tables."""

    def __init__(self, database: Database, view_schema: ViewSchema, sizes: Sizes) -> None:
        self._database = database
        self._view_schema = view_schema
        self._sizes = sizes

    def insert(self, call: Call) -> dict[str, Any]:
        """tables.insert."""
        body = bodies.checked("Table", call.body)
        bodies.implemented(body, _KEPT, "table")
        bodies.labels(body)
        ref = TableRef.from_api(body.pop("tableReference", None), call.path["project"], call.path["dataset"])
        if (ref.project, ref.dataset) != (call.path["project"], call.path["dataset"]):
            raise GoogleError(400, "The dataset in the request body must be the one in the URL.")
        body.pop("location", None)
        given = body.pop("schema", None)
        with self._database.write() as cursor:
            catalog.get_dataset(cursor, ref.parent)
            if catalog.find_table(cursor, ref):
                raise GoogleError(409, f"Already Exists: Table {ref}", reason="duplicate")
            if "view" in body:
                schema = self._checked_view(cursor, ref, body)
            else:
                schema = parse_schema(given) if given is not None else ()
                check_layout(body, schema)
            table = catalog.create_table(cursor, ref, body, schema)
            return self._resource(cursor, table, call)

    def get(self, call: Call) -> dict[str, Any]:
        """tables.get."""
        if call.query.get("selectedFields"):
            raise GoogleError(501, "selectedFields of tables.get is not implemented.")
        with self._database.read() as cursor:
            return self._resource(cursor, catalog.get_table(cursor, _ref(call)), call)

    def list(self, call: Call) -> dict[str, Any]:
        """tables.list."""
        parent = DatasetRef.of(call.path["project"], call.path["dataset"])
        with self._database.read() as cursor:
            catalog.get_dataset(cursor, parent)
            found = catalog.list_tables(cursor, parent)
        page, more = call.page(found, 50)
        answer = {
            "kind": "bigquery#tableList",
            "etag": catalog.etag({"n": len(found)}),
            "totalItems": len(found),
            **more,
        }
        if page:
            answer["tables"] = [_list_item(table) for table in page]
        return answer

    def patch(self, call: Call) -> dict[str, Any]:
        """tables.patch: null clears a property; a schema may only grow."""
        changes = bodies.checked("Table", call.body, keep_null=True)
        bodies.implemented(changes, _KEPT, "table")
        bodies.labels(changes)
        for fixed in ("tableReference", "location"):
            changes.pop(fixed, None)
        if call.flag("autodetect_schema"):
            raise GoogleError(501, "autodetect_schema is not implemented.")
        with self._database.write() as cursor:
            table = catalog.get_table(cursor, _ref(call))
            check_match(call, catalog.etag(table.body))
            table = self._patched(cursor, table, changes)
            return self._resource(cursor, catalog.put_table(cursor, table), call)

    def delete(self, call: Call) -> None:
        """tables.delete."""
        with self._database.write() as cursor:
            table = catalog.get_table(cursor, _ref(call))
            check_match(call, catalog.etag(table.body))
            catalog.remove_table(cursor, table)

    def list_rows(self, call: Call) -> dict[str, Any]:
        """tabledata.list: rows in the order in which they were written."""
        int64_timestamp = timestamp_option(call)
        with self._database.read() as cursor:
            table = catalog.get_table(cursor, _ref(call))
            if table.is_view:
                raise GoogleError(400, "Cannot list a table of type VIEW.")
            total = catalog.count_rows(cursor, table)
            names = call.query.get("selectedFields")
            schema = wire.select_fields(table.schema, names.split(",")) if names else table.schema
            offset = call.offset() or call.number("startIndex", 0)
            page = rows_page(cursor, table.physical, schema, call, offset, total, int64_timestamp)
            return {
                "kind": "bigquery#tableDataList",
                "etag": catalog.etag(table.body),
                "totalRows": str(total),
                **page,
            }

    def _resource(self, cursor: Cursor, table: StoredTable, call: Call) -> dict[str, Any]:
        """The Table resource."""
        ref = table.ref
        body = {**table.body}
        if not body["schema"]["fields"]:
            del body["schema"]
        answer = {
            "kind": "bigquery#table",
            "etag": catalog.etag(table.body),
            "id": str(ref),
            "selfLink": call.url(f"projects/{ref.project}/datasets/{ref.dataset}/tables/{ref.table}"),
            "tableReference": ref.as_api(),
            "type": "VIEW" if table.is_view else "TABLE",
            "location": catalog.get_dataset(cursor, ref.parent).location,
            **body,
        }
        if not table.is_view:
            answer["numRows"] = str(catalog.count_rows(cursor, table))
            answer["numBytes"] = str(self._sizes.of(cursor, table))
        return answer

    def _checked_view(self, cursor: Cursor, ref: TableRef, body: dict[str, Any]) -> Schema:
        view = body["view"]
        bodies.implemented(view, _VIEW_KEPT, "table.view")
        if view.get("useLegacySql", True):
            raise GoogleError(501, "Legacy SQL is not implemented; set view.useLegacySql to false.")
        for name in ("timePartitioning", "clustering"):
            if name in body:
                raise GoogleError(400, f"A view has no {name}.")
        return self._view_schema(cursor, ref.project, str(view.get("query", "")))

    def _patched(self, cursor: Cursor, table: StoredTable, changes: dict[str, Any]) -> StoredTable:
        wanted = changes.pop("schema", None)
        body = {key: value for key, value in {**table.body, **changes}.items() if value is not None}
        if table.is_view != ("view" in body):
            raise GoogleError(400, "A table cannot become a view, nor a view a table.")
        if table.is_view:
            if "view" in changes:
                body["schema"] = schema_as_api(self._checked_view(cursor, table.ref, body))
            elif wanted is not None:
                body["schema"] = _described(table.schema, parse_schema(wanted))
        else:
            if body.get("timePartitioning", {}).get("field") != table.body.get("timePartitioning", {}).get("field"):
                raise GoogleError(400, "Cannot convert between partitionings of a table.")
            schema = evolve(cursor, table, parse_schema(wanted)) if wanted is not None else table.schema
            body["schema"] = schema_as_api(schema)
            check_layout(body, schema)
        return replace(table, body=body)


def _described(old: Schema, new: Schema) -> dict[str, Any]:
    """A view's schema with new descriptions; nothing else of it can be changed."""
    if [(field.name, field.type) for field in old] != [(field.name, field.type) for field in new]:
        raise GoogleError(400, "The schema of a view follows from its query; only descriptions can be changed.")
    return schema_as_api(new)


def timestamp_option(call: Call) -> bool:
    """Whether TIMESTAMP is answered as integer microseconds; raises GoogleError 501 for other formats."""
    form = call.query.get("formatOptions.timestampOutputFormat", "TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED")
    if form not in {"TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED", "FLOAT64", "INT64"}:
        raise GoogleError(501, "formatOptions.timestampOutputFormat is implemented for FLOAT64 and INT64 only.")
    return form == "INT64" or call.flag("formatOptions.useInt64Timestamp")


def rows_page(
    cursor: Cursor,
    physical: str,
    schema: Schema,
    call: Call,
    offset: int,
    total: int,
    int64_timestamp: bool,
    *,
    base: int = 0,
) -> dict[str, Any]:
    """`{"rows": [...], "pageToken"?}` from row `offset` on, at most `maxResults` of them.

    Args:
        cursor: on the snapshot of `total`.
        physical: the DuckDB table.
        schema: the columns wanted.
        call: for `maxResults`; 0 answers no rows, a missing one as many as a page takes.
        offset: the first row.
        total: the row after the last.
        int64_timestamp: TIMESTAMP as integer microseconds.
        base: the row that page tokens count from.
    """
    limit = min(call.number("maxResults", wire.MAX_PAGE_ROWS), wire.MAX_PAGE_ROWS, total - offset)
    if limit <= 0:
        return {}
    rows = wire.read_page(cursor, physical, schema, offset=offset, limit=limit, int64_timestamp=int64_timestamp)
    following = offset + len(rows)
    return {"rows": rows, **({"pageToken": wire.page_token(following - base)} if following < total else {})}


def _list_item(table: StoredTable) -> dict[str, Any]:
    shown = ("labels", "friendlyName", "timePartitioning", "clustering", "creationTime", "expirationTime")
    item = {
        "kind": "bigquery#table",
        "id": str(table.ref),
        "tableReference": table.ref.as_api(),
        "type": "VIEW" if table.is_view else "TABLE",
        **{key: table.body[key] for key in shown if key in table.body},
    }
    if table.is_view:
        item["view"] = {"useLegacySql": False}
    return item


def _ref(call: Call) -> TableRef:
    return TableRef.of(call.path["project"], call.path["dataset"], call.path["table"])
