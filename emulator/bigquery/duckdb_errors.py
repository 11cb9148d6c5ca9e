"""DuckDB's errors -> BigQuery's, without the values that DuckDB's messages quote."""

from __future__ import annotations

import re

import duckdb

from emulator.bigquery.binding import invalid_query
from emulator.errors import GoogleError

_COLUMN = re.compile(r'Referenced (?:column|table) "(\w{1,300})" (?:was )?not found')
_AMBIGUOUS = re.compile(r'Ambiguous reference to column name "(\w{1,300})"')
_GROUP_BY = re.compile(r'column "(\w{1,300})" must appear in the GROUP BY clause')
_FUNCTION = re.compile(r"Function with name (\w{1,100}) does not exist")
_SIGNATURE = re.compile(r"No function matches the given name and argument types '([\w\[\](), .*\"]{1,300})'")
_NOT_NULL = re.compile(r"NOT NULL constraint failed: \w+\.(\w{1,300})")


def query_error(error: duckdb.Error) -> GoogleError:
    """The error a query answers when DuckDB refuses or fails it."""
    text = str(error)
    if match := _COLUMN.search(text):
        return invalid_query(f"Unrecognized name: {match[1]}")
    if match := _AMBIGUOUS.search(text):
        return invalid_query(f"Column name {match[1]} is ambiguous")
    if match := _GROUP_BY.search(text):
        return invalid_query(
            f"SELECT list expression references column {match[1]} which is neither grouped nor aggregated"
        )
    if match := _FUNCTION.search(text):
        return GoogleError(501, f"Function {match[1].upper()} is not implemented by the embedded BigQuery.")
    if match := _SIGNATURE.search(text):
        return invalid_query(f"No matching signature for {match[1]}")
    if match := _NOT_NULL.search(text):
        return invalid_query(f"Required field {match[1]} cannot be null")
    if isinstance(error, duckdb.OutOfMemoryException):
        return GoogleError(400, "Resources exceeded during query execution.", reason="resourcesExceeded")
    for kind, message in _BY_KIND:
        if isinstance(error, kind):
            return invalid_query(message)
    raise error


_BY_KIND: tuple[tuple[type[duckdb.Error], str], ...] = (
    (duckdb.ConversionException, "Bad value: a value cannot be converted to the type that is needed."),
    (duckdb.OutOfRangeException, "A number is out of the range of its type."),
    (duckdb.PermissionException, "The query asks for something outside its tables."),
    (duckdb.InvalidInputException, "The query failed: a function was given a value that it does not take."),
    (duckdb.ParserException, "The query's translation cannot be read; the embedded BigQuery does not take its form."),
    (duckdb.BinderException, "The query does not fit its tables' columns and types."),
    (duckdb.CatalogException, "The query names something that does not exist."),
    (duckdb.NotSupportedError, "The embedded BigQuery does not take the query's form."),
    (duckdb.ProgrammingError, "The embedded BigQuery cannot run the query."),
    (duckdb.DataError, "Bad value: a value does not fit."),
    (duckdb.IntegrityError, "The rows do not keep to what the table demands."),
)
