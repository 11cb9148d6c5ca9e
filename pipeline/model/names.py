"""Resource names of the Cloud Healthcare API, parsed at the door.

https://cloud.google.com/healthcare-api/docs/reference/rest/v1/projects.locations.datasets.dicomStores
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Dataset and store ids: `[\p{L}\p{N}_\-\.]{1,256}` (Discovery document, datasets.create). `\w` is letters,
# digits and underscore in any script; slashes, `@`, `?`, `#` and blanks stay out of URLs that way.
_ID = r"[\w\-.]{1,256}"
_PROJECT = r"[\w\-.:]{1,256}"
_STORE = re.compile(
    rf"projects/(?P<project>{_PROJECT})/locations/(?P<location>{_ID})"
    rf"/datasets/(?P<dataset>{_ID})/dicomStores/(?P<store>{_ID})"
)


@dataclass(frozen=True, order=True)
class DicomStoreName:
    """`projects/P/locations/L/datasets/D/dicomStores/S`, without an API version."""

    project: str
    location: str
    dataset: str
    store: str

    @classmethod
    def parse(cls, text: str) -> DicomStoreName:
        """Return the name; raise ValueError that shows the wanted form."""
        match = _STORE.fullmatch(text)
        if match is None or ".." in text:
            raise ValueError("expected projects/PROJECT/locations/LOCATION/datasets/DATASET/dicomStores/STORE")
        return cls(**match.groupdict())

    @property
    def location_name(self) -> str:
        """`projects/P/locations/L`."""
        return f"projects/{self.project}/locations/{self.location}"

    @property
    def dataset_name(self) -> str:
        """`projects/P/locations/L/datasets/D`: operations live under the source store's dataset."""
        return f"{self.location_name}/datasets/{self.dataset}"

    def __str__(self) -> str:
        return f"{self.dataset_name}/dicomStores/{self.store}"
