"""Resource names of the Healthcare API: what an id may be, and the names built from ids.

All names here are without API version: v1 and v1beta1 show the same resources.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata

from emulator.errors import GoogleError

_PROJECT = re.compile(r"[a-z0-9][a-z0-9\-.:]{0,127}")
_LOCATION = re.compile(r"[a-z0-9\-]{1,64}")
_STORE_NAME = re.compile(r"projects/([^/]+)/locations/([^/]+)/datasets/([^/]+)/dicomStores/([^/]+)")


def check_id(resource_id: str, field: str) -> str:
    r"""`resource_id` when it matches `[\p{L}\p{N}_\-\.]{1,256}` (Discovery, datasetId and dicomStoreId).

    Raises:
        GoogleError: 400, naming `field`.
    """
    if 1 <= len(resource_id) <= 256 and all(_may_be_in_id(character) for character in resource_id):
        return resource_id
    raise GoogleError(400, f"Invalid {field}: it must be 1 to 256 letters, digits, underscores, hyphens or periods.")


def _may_be_in_id(character: str) -> bool:
    return character in "_-." or unicodedata.category(character)[0] in "LN"


@dataclasses.dataclass(frozen=True)
class LocationName:
    """A project's location, e.g. projects/p/locations/us-central1."""

    project: str
    location: str

    def __post_init__(self) -> None:
        if not _PROJECT.fullmatch(self.project):
            raise GoogleError(400, "Invalid project id: lower-case letters, digits, hyphens, '.' and ':' only.")
        if not _LOCATION.fullmatch(self.location):
            raise GoogleError(400, "Invalid location id: lower-case letters, digits and hyphens only.")

    def __str__(self) -> str:
        return f"projects/{self.project}/locations/{self.location}"


@dataclasses.dataclass(frozen=True)
class DatasetName:
    """A dataset, e.g. projects/p/locations/us-central1/datasets/d."""

    parent: LocationName
    dataset_id: str

    def __str__(self) -> str:
        return f"{self.parent}/datasets/{self.dataset_id}"


@dataclasses.dataclass(frozen=True)
class DicomStoreName:
    """A DICOM store, e.g. projects/p/locations/us-central1/datasets/d/dicomStores/s."""

    dataset: DatasetName
    store_id: str

    @classmethod
    def parse(cls, name: str, field: str) -> DicomStoreName:
        """The name in its parts.

        Raises:
            GoogleError: 400, naming `field`, when it is not the name of a DICOM store.
        """
        found = _STORE_NAME.fullmatch(name)
        if found is None:
            raise GoogleError(
                400,
                f"Invalid {field}: it must be projects/{{project}}/locations/{{location}}/datasets/{{dataset}}"
                "/dicomStores/{store}.",
            )
        project, location, dataset_id, store_id = found.groups()
        check_id(dataset_id, f"dataset id in {field}")
        check_id(store_id, f"DICOM store id in {field}")
        return cls(DatasetName(LocationName(project, location), dataset_id), store_id)

    def __str__(self) -> str:
        return f"{self.dataset}/dicomStores/{self.store_id}"
