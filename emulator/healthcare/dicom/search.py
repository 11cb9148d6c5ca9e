"""Searches of the instance index: what QIDO-RS asks, as values, and the SQL that answers it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Level(Enum):
    """What a search lists; the value is the word in the URL."""

    STUDIES = "studies"
    SERIES = "series"
    INSTANCES = "instances"


COLUMNS = {
    "StudyInstanceUID": "studies.uid",
    "PatientName": "studies.patient_name",
    "PatientID": "studies.patient_id",
    "AccessionNumber": "studies.accession_number",
    "ReferringPhysicianName": "studies.referring_physician",
    "StudyDate": "studies.study_date",
    "SeriesInstanceUID": "series.uid",
    "Modality": "series.modality",
    "SOPInstanceUID": "instances.uid",
}
"""Where the value of each searchable attribute is."""


@dataclass(frozen=True, slots=True)
class Equals:
    """The attribute `keyword` has exactly this value."""

    keyword: str
    value: str


@dataclass(frozen=True, slots=True)
class NameIs:
    """A person's name equals `value`, as a whole or in one of its component groups; or fuzzily, word by word."""

    keyword: str
    value: str
    fuzzy: bool


@dataclass(frozen=True, slots=True)
class DateBetween:
    """A date is neither before `first` nor after `last` (YYYYMMDD, inclusive; "" leaves a side open)."""

    keyword: str
    first: str
    last: str


Condition = Equals | NameIs | DateBetween


@dataclass(frozen=True, slots=True)
class Search:
    """One page of the results at `level`, in the order in which they were first stored.

    Attributes:
        study, series: restrict the search as the URL does.
        conditions: all must hold.
        limit, offset: the page.
    """

    level: Level
    limit: int
    offset: int = 0
    study: str | None = None
    series: str | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One result.

    Attributes:
        id: of the row, for counting what lies below it.
        attributes: the default attributes as DICOM JSON text.
        file: name of the file whose values these are, under the store's folder.
    """

    id: int
    attributes: str
    file: str


@dataclass(frozen=True, slots=True)
class Below:
    """What lies below a study or series: numbers of series (1 for a series) and instances, and the modalities."""

    series: int
    instances: int
    modalities: tuple[str, ...]


_FROM = {
    Level.STUDIES: "FROM studies JOIN instances ON instances.id = studies.source_id",
    Level.SERIES: (
        "FROM series JOIN studies ON studies.id = series.study_id JOIN instances ON instances.id = series.source_id"
    ),
    Level.INSTANCES: (
        "FROM instances JOIN series ON series.id = instances.series_id JOIN studies ON studies.id = instances.study_id"
    ),
}


def run_search(connection: sqlite3.Connection, store_id: int, search: Search) -> list[Hit]:
    """The page of `search` in a store."""
    table = search.level.value
    where, parameters = [f"{table}.store_id = ?"], [store_id]
    for clause, values in _clauses(search):
        where.append(clause)
        parameters.extend(values)
    # Table and column names come from the constants above, every value is a parameter.
    sql = (
        f"SELECT {table}.id, {table}.attributes, instances.file {_FROM[search.level]} "
        f"WHERE {' AND '.join(where)} ORDER BY {table}.id LIMIT ? OFFSET ?"
    )
    return [Hit(*row) for row in connection.execute(sql, (*parameters, search.limit, search.offset))]


def _clauses(search: Search) -> list[tuple[str, list[Any]]]:
    clauses: list[tuple[str, list[Any]]] = []
    if search.study is not None:
        clauses.append(("studies.uid = ?", [search.study]))
    if search.series is not None:
        clauses.append(("series.uid = ?", [search.series]))
    for condition in search.conditions:
        column = COLUMNS[condition.keyword]
        if isinstance(condition, Equals):
            clauses.append((f"{column} = ?", [condition.value]))
        elif isinstance(condition, DateBetween):
            clauses.append((f"{column} != '' AND {column} >= ?", [condition.first]))
            if condition.last:
                clauses.append((f"{column} <= ?", [condition.last]))
        elif condition.fuzzy:
            clauses.append((f"fuzzy_name({column}, ?)", [condition.value]))
        else:
            # the value between two "=" of "=groups="
            clauses.append(
                (
                    f"({column} = ? OR instr('=' || {column} || '=', '=' || ? || '=') > 0)",
                    [condition.value, condition.value],
                )
            )
    return clauses


def below(connection: sqlite3.Connection, level: Level, row_id: int) -> Below:
    """What lies below the study or series with this row id."""
    key, series_key = ("study_id", "study_id") if level is Level.STUDIES else ("series_id", "id")
    # key and series_key are the constants of the line above
    instances = connection.execute(f"SELECT count(*) FROM instances WHERE {key} = ?", (row_id,)).fetchone()  # noqa: S608
    rows = connection.execute(f"SELECT modality FROM series WHERE {series_key} = ? ORDER BY id", (row_id,)).fetchall()  # noqa: S608
    modalities = dict.fromkeys(modality for (modality,) in rows if modality)
    return Below(len(rows), instances[0], tuple(modalities))
