"""Writing rows of the instance index, inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from emulator.healthcare.dicom.entry import IndexEntry, read_entry


class RowExists(Exception):
    """The instance has a row already; `digest` is its file's."""

    def __init__(self, digest: str) -> None:
        super().__init__("the instance already exists")
        self.digest = digest


def insert_instance(connection: sqlite3.Connection, store_id: int, entry: IndexEntry, file: str) -> None:
    """Add an instance, and its study and series when they are new: then their values are this instance's.

    Raises:
        RowExists: the same Study, Series and SOP Instance UID are in the store.
    """
    study_id = _id(connection, "SELECT id FROM studies WHERE store_id = ? AND uid = ?", store_id, entry.study)
    new_study = study_id is None
    if study_id is None:
        study_id = _inserted(
            connection,
            "INSERT INTO studies (store_id, uid, source_id, patient_id, patient_name, accession_number, "
            "referring_physician, study_date, attributes) VALUES (?, ?, 0, '', '', '', '', '', '')",
            (store_id, entry.study),
        )
    series_id = _id(connection, "SELECT id FROM series WHERE study_id = ? AND uid = ?", study_id, entry.series)
    new_series = series_id is None
    if series_id is None:
        series_id = _inserted(
            connection,
            "INSERT INTO series (store_id, study_id, uid, source_id, modality, attributes) VALUES (?, ?, ?, 0, '', '')",
            (store_id, study_id, entry.series),
        )
    existing = connection.execute(
        "SELECT digest FROM instances WHERE series_id = ? AND uid = ?", (series_id, entry.sop)
    ).fetchone()
    if existing is not None:
        raise RowExists(existing[0])
    instance_id = _inserted(
        connection,
        "INSERT INTO instances (store_id, study_id, series_id, uid, transfer_syntax, attributes, file, digest, size) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(store_id, study_id, series_id, entry.sop, entry.transfer_syntax, entry.instance_json),
            *(file, entry.digest, entry.size),
        ),
    )
    if new_study:
        _set_study(connection, study_id, instance_id, entry)
    if new_series:
        _set_series(connection, series_id, instance_id, entry)


def delete_instance(connection: sqlite3.Connection, file: str) -> tuple[int, int] | None:
    """Delete the instance of a file; the ids of its study and series, or None when there was no such row."""
    row = connection.execute("SELECT study_id, series_id FROM instances WHERE file = ?", (file,)).fetchone()
    connection.execute("DELETE FROM instances WHERE file = ?", (file,))
    return row


def refresh_parents(connection: sqlite3.Connection, study_id: int, series_id: int, folder: Path) -> None:
    """After deletions: delete a study or series that is empty, or take its values from its first instance."""
    for table, key, row_id in (("series", "series_id", series_id), ("studies", "study_id", study_id)):
        # the table and column names are the constants of this line
        first = connection.execute(
            f"SELECT id, file FROM instances WHERE {key} = ? ORDER BY id LIMIT 1",  # noqa: S608
            (row_id,),
        ).fetchone()
        if first is None:
            connection.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,))  # noqa: S608
            continue
        source = connection.execute(f"SELECT source_id FROM {table} WHERE id = ?", (row_id,)).fetchone()  # noqa: S608
        if source is not None and source[0] != first[0]:
            entry = read_entry(folder / first[1])
            (_set_study if table == "studies" else _set_series)(connection, row_id, first[0], entry)


def _set_study(connection: sqlite3.Connection, study_id: int, instance_id: int, entry: IndexEntry) -> None:
    connection.execute(
        "UPDATE studies SET source_id = ?, patient_id = ?, patient_name = ?, accession_number = ?, "
        "referring_physician = ?, study_date = ?, attributes = ? WHERE id = ?",
        (
            *(instance_id, entry.patient_id, entry.patient_name, entry.accession_number),
            *(entry.referring_physician, entry.study_date, entry.study_json, study_id),
        ),
    )


def _set_series(connection: sqlite3.Connection, series_id: int, instance_id: int, entry: IndexEntry) -> None:
    connection.execute(
        "UPDATE series SET source_id = ?, modality = ?, attributes = ? WHERE id = ?",
        (instance_id, entry.modality, entry.series_json, series_id),
    )


def _id(connection: sqlite3.Connection, sql: str, *values: object) -> int | None:
    row = connection.execute(sql, values).fetchone()
    return None if row is None else int(row[0])


def _inserted(connection: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> int:
    row_id = connection.execute(sql, values).lastrowid
    assert row_id is not None  # noqa: S101 - an INSERT that did not raise has one
    return row_id
