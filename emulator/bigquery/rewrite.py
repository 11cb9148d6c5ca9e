"""Where sqlglot's translation of GoogleSQL to DuckDB's dialect would mean something else: the tree is changed before.

Each rule is a function of one node; the tests of queries hold each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from emulator.errors import GoogleError

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.IntDiv, exp.Neg)
# Functions that sqlglot does not know and DuckDB answers as BigQuery does.
_SAME_IN_DUCKDB = {"ERROR"}


def rewrite(tree: exp.Expression) -> exp.Expression:
    """The tree with every rule applied; raises GoogleError 501 for what has no translation."""
    refuse_unknown(tree)
    tree = tree.transform(_apply, copy=False)
    name_columns(tree)
    return tree


def refuse_unknown(tree: exp.Expression) -> None:
    """Refuse functions and constructs that are not translated; raises GoogleError 501."""
    for function in tree.find_all(exp.Anonymous):
        if function.name.upper() not in _SAME_IN_DUCKDB:
            raise GoogleError(501, f"Function {function.name[:100]} is not implemented by the embedded BigQuery.")
    for kind, what in _REFUSED:
        if tree.find(kind):
            raise GoogleError(501, f"{what} is not implemented by the embedded BigQuery.")


_REFUSED: tuple[tuple[type[exp.Expression], str], ...] = (
    (exp.Columns, "COLUMNS"),
    (exp.ReadCSV, "READ_CSV"),
    (exp.ReadParquet, "READ_PARQUET"),
    (exp.SessionParameter, "A system variable"),
)


def name_columns(tree: exp.Expression) -> None:
    """Give columns without a name the one BigQuery gives: f0_, f1_, ..."""
    select = tree
    while isinstance(select, (exp.SetOperation, exp.Subquery)):
        select = select.this
    if not isinstance(select, exp.Select):
        return
    if select.args.get("kind"):
        raise GoogleError(501, "SELECT AS STRUCT or AS VALUE at the top of a query is not implemented.")
    named = []
    unnamed = 0
    for projection in select.expressions:
        if isinstance(projection, exp.Dot) and not projection.find(exp.Star):
            named.append(exp.alias_(projection, projection.name, quoted=True))
        elif isinstance(projection, (exp.Alias, exp.Column, exp.Star, exp.Dot)):
            named.append(projection)
        else:
            named.append(exp.alias_(projection, f"f{unnamed}_", quoted=True))
            unnamed += 1
    select.set("expressions", named)


def _apply(node: exp.Expression) -> exp.Expression:
    rule = _RULES.get(type(node))
    return rule(node) if rule else node


def _division(node: Any) -> exp.Expression:
    """Division by zero is an error, and the quotient of integers a FLOAT64."""
    if node.args.get("safe") or node.meta.get("guarded"):
        return node
    quotient = exp.Div(this=node.this.copy(), expression=node.expression.copy(), typed=False, safe=False)
    quotient.meta["guarded"] = True
    zero = exp.EQ(this=exp.paren(node.expression.copy()), expression=exp.Literal.number(0))
    error = exp.Anonymous(this="error", expressions=[exp.Literal.string("division by zero")])
    return exp.Paren(this=exp.Case(ifs=[exp.If(this=zero, true=error)], default=quotient))


def _number(node: Any) -> exp.Expression:
    """1.5 is a FLOAT64, not a decimal; whole numbers in arithmetic are INT64, not 32 bits wide."""
    if node.is_string or isinstance(node.parent, (exp.Cast, exp.Interval, exp.DataTypeParam)):
        return node
    if not node.is_int:
        return exp.cast(node.copy(), "DOUBLE")
    return exp.cast(node.copy(), "BIGINT") if isinstance(node.parent, _ARITHMETIC) else node


def _array_agg(node: Any) -> exp.Expression:
    """ARRAY_AGG([DISTINCT] x [IGNORE NULLS] [ORDER BY y] [LIMIT n])."""
    ignore_nulls = isinstance(node, exp.IgnoreNulls)
    aggregate = node.this if ignore_nulls else node
    if not isinstance(aggregate, exp.ArrayAgg):
        return node
    inner = aggregate.this
    limit = inner.expression if isinstance(inner, exp.Limit) else None
    inner = inner.this if limit is not None else inner
    if not ignore_nulls and limit is None:
        return node
    value = inner.this if isinstance(inner, exp.Order) else inner
    value = value.expressions[0] if isinstance(value, exp.Distinct) else value
    result: exp.Expression = exp.Anonymous(this="array_agg", expressions=[inner.copy()])
    if ignore_nulls:
        present = exp.Not(this=exp.Is(this=exp.paren(value.copy()), expression=exp.Null()))
        result = exp.Filter(this=result, expression=exp.Where(this=present))
    if limit is not None:
        result = exp.Anonymous(this="list_slice", expressions=[result, exp.Literal.number(1), limit.copy()])
    return result


def _timestamp_diff(node: Any) -> exp.Expression:
    """TIMESTAMP_DIFF counts whole units, DuckDB's date_diff the boundaries between; its date_sub counts whole units."""
    _refuse_week(node)
    unit = exp.Literal.string((node.text("unit") or "").lower())
    return exp.Anonymous(this="date_sub", expressions=[unit, node.expression.copy(), node.this.copy()])


def _as_timestamp(node: Any) -> exp.Expression:
    """A function of DuckDB's that answers without a zone, where BigQuery's answers a TIMESTAMP."""
    if node.meta.get("zoned"):
        return node
    inner = node.copy()
    inner.meta["zoned"] = True
    return exp.cast(inner, "TIMESTAMPTZ")


def _format(node: Any) -> exp.Expression:
    """FORMAT is C's printf, and DuckDB's format is not."""
    return exp.Anonymous(this="printf", expressions=[node.this.copy(), *(one.copy() for one in node.expressions)])


def _unnest(node: Any) -> exp.Expression:
    """WITH OFFSET counts from zero, DuckDB's WITH ORDINALITY from one."""
    offset = node.args.get("offset")
    if not offset:
        return node
    name = offset.name if isinstance(offset, exp.Expression) else "offset"
    alias = node.args.get("alias")
    element = alias.columns[0].name if alias and alias.columns else "f0_"
    array = node.expressions[0]
    unnested = exp.Anonymous(this="unnest", expressions=[array.copy()])
    subscripts = exp.Anonymous(this="generate_subscripts", expressions=[array.copy(), exp.Literal.number(1)])
    zero_based = exp.Sub(this=subscripts, expression=exp.Literal.number(1))
    columns = [exp.alias_(unnested, element, quoted=True), exp.alias_(zero_based, name, quoted=True)]
    return exp.Select(expressions=columns).subquery(f"unnested_{element}")


# Parts that DuckDB's date_part answers as EXTRACT does.
_SAME_PARTS = {"SECOND", "MINUTE", "HOUR", "DAY", "DAYOFYEAR", "MONTH", "QUARTER", "YEAR", "ISOYEAR"}


def _extract(node: Any) -> exp.Expression:
    """EXTRACT(part FROM value): some parts count differently in DuckDB."""
    part, value = node.this.name.upper(), node.expression.copy()
    if part in {"DATE", "TIME"}:
        return exp.cast(value, part)
    if part in _SAME_PARTS:
        return _date_part(part, value)
    if part == "DAYOFWEEK":  # Sunday is 1, not 0
        return exp.paren(exp.Add(this=_date_part("dayofweek", value), expression=exp.Literal.number(1)))
    if part == "ISOWEEK":
        return _date_part("week", value)
    if part in {"MILLISECOND", "MICROSECOND"}:  # of the second, not of the minute
        whole = exp.Literal.number(1_000 if part == "MILLISECOND" else 1_000_000)
        return exp.Mod(this=_date_part(part, value), expression=whole)
    raise GoogleError(501, f"EXTRACT of {part[:50]} is not implemented by the embedded BigQuery.")


def _date_part(part: str, value: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this="date_part", expressions=[exp.Literal.string(part.lower()), value])


def _refuse_week(node: Any) -> exp.Expression:
    """A WEEK begins on Sunday in BigQuery, on Monday in DuckDB."""
    if "WEEK" in str(node.args.get("unit") or "").upper():
        raise GoogleError(501, "Weeks in date functions are not implemented by the embedded BigQuery.")
    return node


_RULES: dict[type, Callable[[Any], exp.Expression]] = {
    exp.Div: _division,
    exp.Literal: _number,
    exp.ArrayAgg: _array_agg,
    exp.IgnoreNulls: _array_agg,
    exp.TimestampDiff: _timestamp_diff,
    exp.StrToTime: _as_timestamp,
    exp.UnixToTime: _as_timestamp,
    exp.Format: _format,
    exp.Unnest: _unnest,
    exp.Extract: _extract,
    **dict.fromkeys(
        (exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc, exp.DateDiff, exp.DatetimeDiff, exp.LastDay),
        _refuse_week,
    ),
}
