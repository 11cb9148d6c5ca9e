"""Datasets and DICOM stores: which exist, and their fields.

Bodies are kept as Google answers them (JSON, camelCase, with `name`). The catalogue is the authority on what
exists; the instances of a store are kept elsewhere, behind the small Protocol `StoreContents`.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any, Protocol

from emulator.errors import GoogleError
from emulator.healthcare.database import Database
from emulator.healthcare.names import DatasetName, DicomStoreName, LocationName
from emulator.settings import Settings


class StoreContents(Protocol):
    """Where the instances of DICOM stores are kept."""

    def create_store(self, store: str) -> None:
        """Make room for a store's instances."""

    def delete_store(self, store: str) -> None:
        """Remove a store's instances."""


class Catalogue:
    """Datasets and DICOM stores. Safe to use from several threads."""

    def __init__(self, database: Database, contents: StoreContents, settings: Settings) -> None:
        """Keep names and fields in `database`, instances in `contents`."""
        self._database = database
        self._contents = contents
        self._missing_status = settings.missing_resource_status

    # Datasets

    def create_dataset(self, name: DatasetName, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a new dataset and answer it.

        Raises:
            GoogleError: 409 when it exists.
        """
        body = {"name": str(name), **{key: value for key, value in body.items() if key != "name"}}
        try:
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT INTO datasets VALUES (?, ?, ?)", (str(name), str(name.parent), json.dumps(body))
                )
        except sqlite3.IntegrityError as error:
            raise GoogleError(409, "already exists: a dataset of this name; choose another id.") from error
        return body

    def get_dataset(self, name: DatasetName | str) -> dict[str, Any]:
        """The dataset.

        Raises:
            GoogleError: 404 (or 403, by setting) when it does not exist.
        """
        return self._body("datasets", str(name))

    def list_datasets(self, parent: LocationName, after: str, limit: int) -> list[dict[str, Any]]:
        """At most `limit` datasets of a location in the order of their names, from the one after `after`."""
        return self._list("datasets", str(parent), after, limit)

    def replace_dataset(self, name: DatasetName, body: dict[str, Any]) -> None:
        """Keep new fields of an existing dataset."""
        self._replace("datasets", str(name), body)

    def delete_dataset(self, name: DatasetName) -> None:
        """Remove a dataset, its stores with all instances, and its operations.

        Raises:
            GoogleError: 404 (or 403, by setting) when it does not exist.
        """
        stores = self._database.rows("SELECT name FROM dicom_stores WHERE parent = ?", str(name))
        self._delete("datasets", str(name))
        for store in stores:
            self._contents.delete_store(store["name"])

    def locations(self, project: str) -> list[str]:
        """Ids of the locations in which a project has datasets, in order."""
        rows = self._database.rows("SELECT DISTINCT parent FROM datasets ORDER BY parent")
        prefix = f"projects/{project}/locations/"
        return [row["parent"].removeprefix(prefix) for row in rows if row["parent"].startswith(prefix)]

    # DICOM stores

    def create_dicom_store(self, name: DicomStoreName, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a new DICOM store and answer it.

        Raises:
            GoogleError: 404 (or 403) when the dataset does not exist, 409 when the store exists.
        """
        self.get_dataset(name.dataset)
        body = {"name": str(name), **{key: value for key, value in body.items() if key != "name"}}
        try:
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT INTO dicom_stores VALUES (?, ?, ?)",
                    (str(name), str(name.dataset), json.dumps(body)),
                )
                # A server killed while it deleted a store of this name may have left instances behind.
                self._contents.delete_store(str(name))
                self._contents.create_store(str(name))
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname == "SQLITE_CONSTRAINT_FOREIGNKEY":  # deleted since we looked
                raise self._missing("dataset") from error
            raise GoogleError(409, "already exists: a DICOM store of this name; choose another id.") from error
        return body

    def get_dicom_store(self, name: DicomStoreName) -> dict[str, Any]:
        """The DICOM store.

        Raises:
            GoogleError: 404 (or 403, by setting) when it does not exist.
        """
        return self._body("dicom_stores", str(name))

    def list_dicom_stores(self, parent: DatasetName, after: str) -> list[dict[str, Any]]:
        """The DICOM stores of an existing dataset in the order of their names, from the one after `after`."""
        return self._list("dicom_stores", str(parent), after, -1)

    def replace_dicom_store(self, name: DicomStoreName, body: dict[str, Any]) -> None:
        """Keep new fields of an existing DICOM store."""
        self._replace("dicom_stores", str(name), body)

    def delete_dicom_store(self, name: DicomStoreName) -> None:
        """Remove a DICOM store and all its instances.

        Raises:
            GoogleError: 404 (or 403, by setting) when it does not exist.
        """
        self._delete("dicom_stores", str(name))
        self._contents.delete_store(str(name))

    def has_dicom_store(self, store: str) -> bool:
        """Whether the store of this full name exists."""
        return bool(self._database.rows("SELECT 1 FROM dicom_stores WHERE name = ?", store))

    def require_dicom_store(self, store: str) -> None:
        """Return when the store exists; see `contracts.StoreDirectory`."""
        if not self.has_dicom_store(store):
            raise self._missing("DICOM store")

    # Both; `table` is one of our two names, never a caller's text

    def _body(self, table: str, name: str) -> dict[str, Any]:
        rows = self._database.rows(f"SELECT body FROM {table} WHERE name = ?", name)  # noqa: S608
        if not rows:
            raise self._missing("dataset" if table == "datasets" else "DICOM store")
        body: dict[str, Any] = json.loads(rows[0]["body"])
        return body

    def _list(self, table: str, parent: str, after: str, limit: int) -> list[dict[str, Any]]:
        rows = self._database.rows(
            f"SELECT body FROM {table} WHERE parent = ? AND name > ? ORDER BY name LIMIT ?",  # noqa: S608
            parent,
            after,
            limit,
        )
        return [json.loads(row["body"]) for row in rows]

    def _replace(self, table: str, name: str, body: dict[str, Any]) -> None:
        with self._database.transaction() as connection:
            connection.execute(f"UPDATE {table} SET body = ? WHERE name = ?", (json.dumps(body), name))  # noqa: S608

    def _delete(self, table: str, name: str) -> None:
        with self._database.transaction() as connection:
            deleted = connection.execute(f"DELETE FROM {table} WHERE name = ?", (name,)).rowcount  # noqa: S608
        if not deleted:
            raise self._missing("dataset" if table == "datasets" else "DICOM store")

    def _missing(self, kind: str) -> GoogleError:
        """What a call on something that does not exist is answered (setting `missing_resource_status`)."""
        if self._missing_status == 403:
            return GoogleError(403, f"Permission denied on the {kind} (or it may not exist).")
        return GoogleError(404, f"The {kind} does not exist; create it first.")
