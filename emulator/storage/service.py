"""Puts the embedded Cloud Storage together."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp

from emulator.errors import GoogleError
from emulator.objects import ObjectNotFound
from emulator.storage import object_rows
from emulator.storage.app import JsonMethod, StorageApp
from emulator.storage.bucket_methods import BucketMethods
from emulator.storage.bucket_store import BucketStore
from emulator.storage.contents import ContentFolder
from emulator.storage.copy_methods import CopyMethods
from emulator.storage.database import Database
from emulator.storage.downloads import Downloads
from emulator.storage.listing import successor
from emulator.storage.names import split_uri
from emulator.storage.object_methods import ObjectMethods
from emulator.storage.object_store import ObjectRef, ObjectStore
from emulator.storage.resumable import ResumableUploads
from emulator.storage.resumable_store import SessionStore, unfinished_contents
from emulator.storage.uploads import SimpleUploads


@dataclasses.dataclass(frozen=True)
class StorageService:
    """The running service.

    Attributes:
        app: the ASGI application for /storage/v1, /upload/storage/v1, /resumable/upload/storage/v1,
            /download/storage/v1 and /batch/storage/v1.
        read_object: the stored bytes of a gs:// URI; raises `emulator.objects.ObjectNotFound`. Any thread may call it.
        list_objects: the gs:// URIs that `gs://bucket/name` with `*` (any characters, / too) matches, in name order;
            raises `ObjectNotFound` for an unknown bucket. Any thread may call it.
        close: closes the database.
    """

    app: ASGIApp
    read_object: Callable[[str], bytes]
    list_objects: Callable[[str], list[str]]
    close: Callable[[], None]


def build_storage(root: Path) -> StorageService:
    """The service with its data under `root`, a folder of its own, created when missing."""
    root.mkdir(parents=True, exist_ok=True)
    database = Database(root / "metadata.sqlite")
    contents = ContentFolder(root / "contents")
    objects = ObjectStore(database, contents)
    sessions = SessionStore(database, contents)
    contents.sweep(objects.content_ids() | unfinished_contents(database))
    app = StorageApp(
        _methods(BucketMethods(BucketStore(database)), ObjectMethods(objects), CopyMethods(objects, contents)),
        SimpleUploads(objects, contents),
        ResumableUploads(objects, sessions),
        Downloads(objects),
    )

    def read_object(uri: str) -> bytes:
        bucket, name = split_uri(uri)
        try:
            _, file = objects.open(ObjectRef(bucket, name))
        except GoogleError as error:
            raise ObjectNotFound(error.message) from None
        with file:
            return file.read()

    def list_objects(uri: str) -> list[str]:
        bucket, pattern = split_uri(uri)
        wanted = re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
        prefix = pattern.partition("*")[0]
        try:
            with database.reading() as tx:
                object_rows.require_bucket(tx, bucket)
                names = list(object_rows.names_from(tx, bucket, prefix, successor(prefix)))
        except GoogleError as error:
            raise ObjectNotFound(error.message) from None
        return [f"gs://{bucket}/{name}" for name in names if wanted.fullmatch(name)]

    return StorageService(app, read_object, list_objects, database.close)


def _methods(buckets: BucketMethods, objects: ObjectMethods, copies: CopyMethods) -> dict[str, JsonMethod]:
    """Every implemented method that answers JSON, by its Discovery id."""
    return {
        "buckets.insert": buckets.insert,
        "buckets.get": buckets.get,
        "buckets.getStorageLayout": buckets.get_storage_layout,
        "managedFolders.list": buckets.list_managed_folders,
        "buckets.list": buckets.list,
        "buckets.patch": buckets.patch,
        "buckets.update": buckets.update,
        "buckets.delete": buckets.delete,
        "objects.get": objects.get,
        "objects.list": objects.list,
        "objects.patch": objects.patch,
        "objects.update": objects.update,
        "objects.delete": objects.delete,
        "objects.copy": copies.copy,
        "objects.rewrite": copies.rewrite,
        "objects.compose": copies.compose,
    }
