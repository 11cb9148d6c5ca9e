"""What a DICOMweb URL names: the API version, the store, and UIDs below it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from emulator.errors import GoogleError
from emulator.healthcare.dicom.part10 import is_uid
from emulator.healthcare.dicomweb.errors import bad_request

PREFIX = "/{version}/projects/{project}/locations/{location}/datasets/{dataset}/dicomStores/{store}/dicomWeb"


@dataclass(frozen=True, slots=True)
class Target:
    """The resource of a request.

    Attributes:
        api_version: "v1" or "v1beta1".
        dataset: "projects/P/locations/L/datasets/D".
        store: the store's resource name without version.
        study, series, sop: UIDs in the URL, None where it has none.
        base_url: URL of the store's `dicomWeb`, as the client addressed it.
    """

    api_version: str
    dataset: str
    store: str
    study: str | None
    series: str | None
    sop: str | None
    base_url: str

    @property
    def level(self) -> str:
        """ "instance", "series", "study" or "store": what the URL names."""
        return "instance" if self.sop else "series" if self.series else "study" if self.study else "store"


def target_of(request: Request) -> Target:
    """Read a request's path parameters.

    Raises:
        GoogleError: 404 for another API version, 400 for something that is no UID where one belongs.
    """
    names = request.path_params
    if names["version"] not in ("v1", "v1beta1"):
        raise GoogleError(404, "the API version is neither v1 nor v1beta1")
    for key in ("study", "series", "instance"):
        if key in names and not is_uid(names[key]):
            raise bad_request(f"the {key} in the URL is not a UID: at most 64 digits and dots")
    dataset = f"projects/{names['project']}/locations/{names['location']}/datasets/{names['dataset']}"
    store = f"{dataset}/dicomStores/{names['store']}"
    return Target(
        api_version=names["version"],
        dataset=dataset,
        store=store,
        study=names.get("study"),
        series=names.get("series"),
        sop=names.get("instance"),
        base_url=f"{_origin(request)}/{names['version']}/{store}/dicomWeb",
    )


def _origin(request: Request) -> str:
    """Scheme, host and port as the client addressed them; clients that leave the port out of Host get it back."""
    url = request.base_url
    host, port = request.scope.get("server") or (None, None)
    if url.port is None and port is not None and url.hostname == host:
        url = url.replace(port=port)
    return str(url).rstrip("/")


def instance_url(base_url: str, study: str, series: str, sop: str) -> str:
    """URL of an instance, the value of RetrieveURL (0008,1190)."""
    return f"{base_url}/studies/{study}/series/{series}/instances/{sop}"
