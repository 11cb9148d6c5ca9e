"""Embedded Cloud Storage: the JSON API over HTTP, bytes in files, metadata in SQLite."""

from emulator.storage.service import StorageService, build_storage

__all__ = ["StorageService", "build_storage"]
