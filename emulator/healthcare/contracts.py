"""What the DICOMweb routes need of the rest of the embedded Healthcare API: two small Protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class StoreDirectory(Protocol):
    """Knows which DICOM stores exist.

    A store is named without version: "projects/P/locations/L/datasets/D/dicomStores/S".
    """

    def require_dicom_store(self, store: str) -> None:
        """Return when the store exists.

        Raises:
            GoogleError: 404 or 403, as the setting `missing_resource_status` says.
        """


class LongRunning(Protocol):
    """Runs a piece of work as a long-running operation of a dataset."""

    async def run(self, dataset: str, api_version: str, api_method: str, work: Callable[[], int]) -> dict[str, Any]:
        """Start `work` in a thread and answer at once.

        Args:
            dataset: "projects/P/locations/L/datasets/D", under which the operation is named.
            api_version: "v1" or "v1beta1"; the operation is always answered in the version that started it.
            api_method: what `metadata.apiMethodName` shall say.
            work: does the work and returns the number of instances done.

        Returns:
            The Operation as its starting call answers it: {"name": "projects/.../operations/O"}.
        """
        ...
