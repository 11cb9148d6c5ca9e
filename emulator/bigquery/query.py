"""Query jobs: one GoogleSQL statement, run and remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlglot import exp

from emulator.bigquery import bodies, catalog, statements
from emulator.bigquery.binding import Binding, Parameter, invalid_query, parse
from emulator.bigquery.database import Cursor
from emulator.bigquery.datasets import ensure_hidden
from emulator.bigquery.ddl import Create, Drop, prepare_create, prepare_drop
from emulator.bigquery.destination import Destination
from emulator.bigquery.duckdb_errors import query_error
from emulator.bigquery.names import DatasetRef, TableRef
from emulator.bigquery.parameters import read_parameters
from emulator.bigquery.schema import Schema, schema_as_api
from emulator.bigquery.statements import Dml, Select, Truncate
from emulator.errors import GoogleError

_KEPT = {
    "query", "useLegacySql", "defaultDataset", "destinationTable", "createDisposition", "writeDisposition",
    "timePartitioning", "clustering", "queryParameters", "parameterMode",
    # What these ask for makes no difference here: there is no cache, no queue, no bill and no size limit.
    "useQueryCache", "priority", "allowLargeResults", "maximumBytesBilled", "maximumBillingTier", "flattenResults",
}  # fmt: skip
_RESULT = "result"  # the temporary table of a session's query
_DIALECT = "#standardsql"

Prepared = Select | Dml | Truncate | Create | Drop


@dataclass(frozen=True)
class QuerySpec:
    """What a query configuration asks for."""

    sql: str
    project: str
    default_dataset: DatasetRef | None
    parameters: Mapping[str | int, Parameter]
    destination: Destination | None

    @classmethod
    def from_api(cls, config: Mapping[str, Any], project: str) -> QuerySpec:
        """Read and check a JobConfigurationQuery.

        Raises:
            GoogleError: 400 for what is wrong, 501 for legacy SQL and options that are not implemented.
        """
        bodies.implemented(config, _KEPT, "configuration.query")
        sql = config.get("query") or ""
        if config.get("useLegacySql", True) and not sql.lstrip().lower().startswith(_DIALECT):
            raise GoogleError(501, "Legacy SQL is not implemented; set useLegacySql to false.")
        default = config.get("defaultDataset")
        return cls(
            sql,
            project,
            DatasetRef.from_api(default, project) if default else None,
            read_parameters(config.get("parameterMode"), config.get("queryParameters") or []),
            Destination.from_api(config, project, "WRITE_EMPTY") if config.get("destinationTable") else None,
        )


@dataclass(frozen=True)
class Plan:
    """A statement whose names are resolved.

    Attributes:
        statement: what to run.
        kind: `statementType`.
        location: of the datasets it touches; None when it touches none.
        referenced: the tables and views it reads, each once.
    """

    statement: Prepared
    kind: str
    location: str | None
    referenced: list[catalog.StoredTable]


@dataclass(frozen=True)
class Outcome:
    """What a query left: more of `statistics.query`, and where its rows are (`jobs.Job.result`)."""

    statistics: dict[str, Any]
    result: dict[str, Any]


def plan(cursor: Cursor, spec: QuerySpec, location: str | None) -> Plan:
    """Read the statement and resolve its names on the cursor's snapshot.

    Raises:
        GoogleError: 400 invalidQuery, 404 notFound, 501 for what is not implemented.
    """
    binding = Binding(lambda ref: _lookup(cursor, ref, location), spec.project, spec.default_dataset, spec.parameters)
    statement, kind = _prepare(parse(spec.sql), binding)
    if spec.destination and not isinstance(statement, Select):
        raise GoogleError(400, f"Cannot set destination table in jobs with {kind} statements", reason="invalidQuery")
    places = [table.ref.parent for table in binding.referenced]
    if isinstance(statement, (Create, Drop)):
        places.append(statement.target.parent)
    if spec.destination:
        places.append(spec.destination.ref.parent)
    found = [catalog.get_dataset(cursor, place, location).location for place in places]
    if len({one.lower() for one in found}) > 1:
        raise GoogleError(400, "The tables of a query must be in one location.", reason="invalidQuery")
    referenced = list({table.ref: table for table in binding.referenced}.values())
    return Plan(statement, kind, found[0] if found else None, referenced)


def described(planned: Plan, bytes_processed: int) -> dict[str, Any]:
    """`statistics.query` of any query: what it is and what it reads."""
    statistics: dict[str, Any] = {
        "statementType": planned.kind,
        "cacheHit": False,
        "totalBytesProcessed": str(bytes_processed),
    }
    if planned.referenced:
        statistics["referencedTables"] = catalog.names_of(planned.referenced)
    return statistics


def check(cursor: Cursor, planned: Plan) -> Schema | None:
    """Hold a plan against the tables without running it; the columns of a SELECT; raises GoogleError."""
    try:
        if isinstance(planned.statement, Select):
            return planned.statement.describe(cursor)
        if isinstance(planned.statement, Dml):
            planned.statement.check(cursor)
        if isinstance(planned.statement, Create) and planned.statement.query:
            planned.statement.query.describe(cursor)
    except duckdb.Error as error:
        raise query_error(error) from None
    return None


def compute(cursor: Cursor, planned: Plan) -> None:
    """Run a SELECT into the session's temporary table; nothing for other statements.

    Raises:
        GoogleError: what becomes the job's error.
    """
    if not isinstance(planned.statement, Select):
        return
    try:
        planned.statement.into(cursor, _RESULT)
    except duckdb.Error as error:
        raise query_error(error) from None


def finish(
    cursor: Cursor, spec: QuerySpec, planned: Plan, schema: Schema | None, job: TableRef, location: str
) -> Outcome:
    """Write what the statement leaves, inside the job's transaction.

    Args:
        cursor: the session of `compute`, in the writing transaction.
        spec: the query.
        planned: its plan.
        schema: what `check` answered.
        job: the table for a result that has no destination.
        location: the job's.

    Raises:
        GoogleError: what becomes the job's error.
    """
    try:
        if schema is not None:
            return Outcome({}, _store(cursor, spec, schema, job, location))
        return Outcome(_change(cursor, planned.statement), {})
    except duckdb.Error as error:
        raise query_error(error) from None


def result_table(project: str, location: str, job_id: str) -> TableRef:
    """Where a result without a destination is kept: a table of a dataset that lists leave out."""
    place = hashlib.sha256(f"{project}:{location.lower()}".encode()).hexdigest()[:40]
    name = hashlib.sha256(job_id.encode()).hexdigest()[:40]
    return TableRef(project, f"_{place}", f"anon{name}")


def view_schema(cursor: Cursor, project: str, sql: str) -> Schema:
    """The columns of a view's query; raises GoogleError 400 for one that is none or fails."""
    planned = plan(cursor, QuerySpec(sql, project, None, {}, None), None)
    schema = check(cursor, planned)
    if schema is None:
        raise GoogleError(400, "A view's query must be a SELECT.", reason="invalidQuery")
    return schema


def _prepare(tree: exp.Expression, binding: Binding) -> tuple[Prepared, str]:
    if statements.is_query(tree):
        return statements.prepare_select(tree, binding), "SELECT"
    if statements.is_dml(tree):
        dml = statements.prepare_dml(tree, binding)
        return dml, dml.kind
    if isinstance(tree, exp.TruncateTable):
        return statements.prepare_truncate(tree, binding), "TRUNCATE_TABLE"
    if isinstance(tree, exp.Create):
        created = prepare_create(tree, binding)
        return created, created.kind
    if isinstance(tree, exp.Drop):
        dropped = prepare_drop(tree, binding)
        return dropped, dropped.kind
    if isinstance(tree, (exp.Condition, exp.Alias, exp.Identifier)):
        raise invalid_query("Syntax error: Unexpected beginning of the statement")
    raise GoogleError(501, "This kind of statement is not implemented by the embedded BigQuery.")


def _lookup(cursor: Cursor, ref: TableRef, location: str | None) -> catalog.StoredTable:
    catalog.get_dataset(cursor, ref.parent, location)
    return catalog.get_table(cursor, ref)


def _store(cursor: Cursor, spec: QuerySpec, schema: Schema, job: TableRef, location: str) -> dict[str, Any]:
    if spec.destination:
        table = spec.destination.open(cursor, schema, location)
    else:
        ensure_hidden(cursor, job.parent, location)
        table = catalog.create_table(cursor, job, {}, schema)
    before = catalog.count_rows(cursor, table)
    statements.copy_rows(cursor, _RESULT, schema, table.physical)
    if spec.destination:
        catalog.touch_table(cursor, table)
    total = catalog.count_rows(cursor, table) - before
    return {"table": table.ref.as_api(), "schema": schema_as_api(schema), "totalRows": total, "first": before}


def _change(cursor: Cursor, statement: Prepared) -> dict[str, Any]:
    if isinstance(statement, Dml):
        count = statement.run(cursor)
        kind = {"INSERT": "insertedRowCount", "DELETE": "deletedRowCount", "UPDATE": "updatedRowCount"}
        stats = {kind[statement.kind]: str(count)} if statement.kind in kind else None
        return {"numDmlAffectedRows": str(count), **({"dmlStats": stats} if stats else {})}
    if isinstance(statement, Truncate):
        return {"numDmlAffectedRows": str(statement.run(cursor))}
    if isinstance(statement, (Create, Drop)):
        return {"ddlOperationPerformed": statement.run(cursor), "ddlTargetTable": statement.target.as_api()}
    return {}
