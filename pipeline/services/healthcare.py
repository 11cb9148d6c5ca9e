"""The Cloud Healthcare API calls this pipeline makes, over one authorised HTTP session.

Plain HTTP instead of the Discovery client for all of them: its `searchForInstances` cannot send `limit` and `offset`
(Discovery omits the query parameters), and httplib2 may not be shared by threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import google.auth
import requests
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession

from pipeline.model.names import DicomStoreName
from pipeline.services.clock import Clock
from pipeline.services.retry import DEADLINE_SECS, RETRIED_STATUSES, ServiceError, Transient, call_with_retry

DEFAULT_ENDPOINT = "https://healthcare.googleapis.com"
# For everything but deidentify the stable version serves.
STABLE = "v1"
# QIDO-RS allows 50,000 instances a page (quotas page); 5,000 keeps an answer near 1 MB, far below the 10 MB limit.
INSTANCES_PER_PAGE = 5_000
TIMEOUT_SECS = (10, 120)  # connect, read
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_STUDY, _SERIES, _SOP = "0020000D", "0020000E", "00080018"


class QuotaExceeded(ServiceError):
    """429 to a launch: no operation was started; ask again later."""


class LaunchAmbiguous(ServiceError):
    """A launch without a usable answer: an operation may or may not have been started."""


@dataclass(frozen=True)
class OperationSeen:
    """What the API says of a long-running operation.

    `error_code` is a google.rpc.Code, None while it runs or when it succeeded; `success` and `failure` count instances.
    """

    name: str
    done: bool
    method: str
    created_at: str
    ended_at: str | None
    error_code: int | None
    success: int
    failure: int

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> OperationSeen:
        """Read an Operation resource; counters are int64 strings, zeros are omitted."""
        metadata = body.get("metadata", {})
        counter = metadata.get("counter", {})
        error = body.get("error")
        return cls(
            name=body["name"],
            done=bool(body.get("done")),
            method=metadata.get("apiMethodName", ""),
            created_at=metadata.get("createTime", ""),
            ended_at=metadata.get("endTime"),
            error_code=int(error.get("code", 2)) if error is not None else None,
            success=int(counter.get("success", 0)),
            failure=int(counter.get("failure", 0)),
        )


class HealthcareApi:
    """One session; may be used by several threads."""

    def __init__(
        self, endpoint: str, session: requests.Session, clock: Clock, deadline_secs: float = DEADLINE_SECS
    ) -> None:
        """`deadline_secs`: how long a read that fails is tried again."""
        self._endpoint = endpoint.rstrip("/")
        self._session = session
        self._clock = clock
        self._deadline_secs = deadline_secs

    def close(self) -> None:
        """Close the session's connections."""
        self._session.close()

    def get_dicom_store(self, store: DicomStoreName) -> dict[str, Any]:
        """`dicomStores.get`; raises ServiceError with status 403 or 404 when it is missing or hidden."""
        return self._get_json("dicomStores.get", f"/{STABLE}/{store}")

    def deidentify(self, api_version: str, source: DicomStoreName, body: Mapping[str, Any]) -> str:
        """`dicomStores.deidentify`, exactly one POST; returns the operation's name.

        There is no request id, so a repeated POST would start a second operation: this call is never retried here.
        Raises QuotaExceeded (nothing started), LaunchAmbiguous (cannot know), ServiceError (refused, nothing started).
        """
        method = "dicomStores.deidentify"
        try:
            response = self._session.post(
                f"{self._endpoint}/{api_version}/{source}:deidentify", json=body, timeout=TIMEOUT_SECS
            )
        except (requests.RequestException, GoogleAuthError) as error:
            raise LaunchAmbiguous(method, None, type(error).__name__) from None
        if response.status_code == 429:
            raise QuotaExceeded(method, 429)
        if response.status_code in RETRIED_STATUSES:
            raise LaunchAmbiguous(method, response.status_code)
        if response.status_code != 200:
            raise ServiceError(method, response.status_code, _rpc_status(response))
        try:
            return str(response.json()["name"])
        except (ValueError, KeyError, TypeError):
            raise LaunchAmbiguous(method, 200, "answer without an operation name") from None

    def get_operation(self, api_version: str, name: str) -> OperationSeen:
        """`operations.get`; raises ServiceError with status 404 when its record is gone."""
        return _operation("operations.get", self._get_json("operations.get", f"/{api_version}/{name}"))

    def list_operations(self, api_version: str, dataset_name: str) -> Iterator[OperationSeen]:
        """`operations.list` of a dataset, all pages; needs roles/healthcare.datasetAdmin (else status 403)."""
        params: dict[str, str] = {"pageSize": "1000"}
        while True:
            page = self._get_json("operations.list", f"/{api_version}/{dataset_name}/operations", params)
            if not isinstance(page, dict):
                raise ServiceError("operations.list", 200, "an answer that is no list of operations")
            for body in page.get("operations", []):
                yield _operation("operations.list", body)
            if not page.get("nextPageToken"):
                return
            params["pageToken"] = page["nextPageToken"]

    def study_instances(self, store: DicomStoreName, study: str) -> set[tuple[str, str]]:
        """QIDO-RS: the (series, SOP instance) UIDs of one study; empty when the store does not hold it.

        Raises ServiceError when any page fails for good or lacks a UID: a short list must never look complete.
        """
        method = "dicomStores.studies.searchForInstances"
        path = f"/{STABLE}/{store}/dicomWeb/studies/{quote(study, safe='')}/instances"
        found: set[tuple[str, str]] = set()
        offset = 0
        while True:
            params = {"limit": str(INSTANCES_PER_PAGE), "offset": str(offset)}
            page = self._get_json(method, path, params, accept="application/dicom+json")
            if not isinstance(page, list):
                raise ServiceError(method, 200, "an answer that is no list of instances")
            try:
                found.update((item[_SERIES]["Value"][0], item[_SOP]["Value"][0]) for item in page)
            except (KeyError, IndexError, TypeError):
                raise ServiceError(method, 200, "an instance without series or SOP instance UID") from None
            if len(page) < INSTANCES_PER_PAGE:
                return found
            offset += len(page)

    def _get_json(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        accept: str = "application/json",
    ) -> Any:
        def attempt() -> Any:
            try:
                response = self._session.get(
                    self._endpoint + path, params=params, headers={"Accept": accept}, timeout=TIMEOUT_SECS
                )
                if response.status_code == 204:
                    return []
                if response.status_code == 200:
                    return response.json()
            except (requests.RequestException, GoogleAuthError, ValueError) as error:
                # The library's message holds the URL, and with it UIDs: only the type's name goes on.
                raise Transient(method, None, type(error).__name__) from None
            kind = Transient if response.status_code in RETRIED_STATUSES else ServiceError
            raise kind(method, response.status_code, _rpc_status(response))

        return call_with_retry(attempt, self._clock, deadline_secs=self._deadline_secs)


def _operation(method: str, body: Any) -> OperationSeen:
    try:
        return OperationSeen.from_json(body)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ServiceError(method, 200, "an answer that is no operation") from None


def _rpc_status(response: requests.Response) -> str:
    """`NOT_FOUND` and the like; the message beside it may hold identifiers and stays behind."""
    try:
        status = response.json()["error"]["status"]
    except (ValueError, KeyError, TypeError):
        return ""
    return status if isinstance(status, str) and status.isupper() and len(status) < 40 else ""


def open_healthcare(endpoint: str, clock: Clock, deadline_secs: float = DEADLINE_SECS) -> HealthcareApi:
    """Connect with application default credentials."""
    credentials, _ = google.auth.default(scopes=_SCOPES)
    session = AuthorizedSession(credentials)
    adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=32)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return HealthcareApi(endpoint, session, clock, deadline_secs)
