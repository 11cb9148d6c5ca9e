"""What all retrievals share: finding the instances of a URL, and having their files in a transfer syntax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request

from emulator.healthcare.contracts import StoreDirectory
from emulator.healthcare.dicom.part10 import EXPLICIT_LE
from emulator.healthcare.dicom.transcode import CannotTranscode, can_decode, to_explicit_little_endian
from emulator.healthcare.dicomweb.errors import not_found
from emulator.healthcare.dicomweb.target import Target, target_of
from emulator.healthcare.instances import InstanceStore, StoredInstance

STORED = "*"
"""transfer-syntax=*: the bytes as they are stored."""


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A file to answer from: it is in `transfer_syntax`; `temporary` files go when the answer is over."""

    path: Path
    transfer_syntax: str
    temporary: bool


class Retrieval:
    """Base of the retrievals."""

    def __init__(self, instances: InstanceStore, stores: StoreDirectory) -> None:
        self._instances = instances
        self._stores = stores

    async def found(self, request: Request) -> tuple[Target, list[StoredInstance]]:
        """The instances that the URL names.

        Raises:
            GoogleError: 404 when there is none, or as the store directory says.
        """
        target = target_of(request)
        return target, await anyio.to_thread.run_sync(self._find, target)

    def ready(self, store: str, instance: StoredInstance, syntax: str) -> ReadyFile:
        """The instance in a transfer syntax: its own file, or a temporary one. Blocks.

        Raises:
            CannotTranscode: it cannot be given in that transfer syntax here.
            GoogleError: 404 when it was deleted meanwhile.
        """
        if not instance.path.exists():
            raise not_found("instance")  # deleted since it was found
        if syntax in (STORED, instance.transfer_syntax):
            return ReadyFile(instance.path, instance.transfer_syntax, temporary=False)
        if syntax != EXPLICIT_LE:
            raise CannotTranscode(
                "the embedded DICOM store does not compress: ask for the stored bytes with transfer-syntax=*, "
                "or for Explicit VR Little Endian"
            )
        if not can_decode(instance.transfer_syntax):
            raise CannotTranscode(
                "no decoder for the stored transfer syntax is installed here: "
                "ask for the stored bytes with transfer-syntax=*"
            )
        path = self._instances.staging_path(store)
        to_explicit_little_endian(instance.path, path)
        return ReadyFile(path, EXPLICIT_LE, temporary=True)

    def _find(self, target: Target) -> list[StoredInstance]:
        self._stores.require_dicom_store(target.store)
        found = self._instances.find(target.store, target.study, target.series, target.sop)
        if not found:
            raise not_found(target.level)
        return found


def remove(files: Sequence[ReadyFile]) -> None:
    """Delete the temporary ones."""
    for file in files:
        if file.temporary:
            file.path.unlink(missing_ok=True)
