"""The other calls of the Healthcare API over real HTTP: launching once, and looking at operations."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.model.names import DicomStoreName
from pipeline.services.credentials import is_loopback
from pipeline.services.healthcare import (
    HealthcareApi,
    LaunchAmbiguous,
    OperationSeen,
    QuotaExceeded,
)
from pipeline.services.retry import ServiceError

NAME = "projects/p/locations/us-central1/datasets/d/operations/1"
METHOD = "google.cloud.healthcare.v1.dicom.DicomService.DeidentifyDicomStore"
BODY = {"destinationStore": "d", "filterConfig": {"resourcePathsGcsUri": "gs://work/CANARY.txt"}}


def operation(**changes: Any) -> dict[str, Any]:
    metadata = {"apiMethodName": METHOD, "createTime": "2024-01-01T00:00:00.000000Z"}
    return {"name": NAME, "metadata": metadata, **changes}


# dicomStores.deidentify: one POST, never more.


def test_a_launch_posts_the_body_once_and_returns_the_operations_name(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName
) -> None:
    server.answers = [answer.of({"name": NAME})]
    assert api.deidentify("v1beta1", source, BODY) == NAME
    [request] = server.requests
    assert (request.method, request.path, request.json()) == ("POST", f"/v1beta1/{source}:deidentify", BODY)


def test_over_quota_nothing_was_started(api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName) -> None:
    server.answers = [answer.error(429, "RESOURCE_EXHAUSTED")]
    with pytest.raises(QuotaExceeded):
        api.deidentify("v1", source, BODY)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_server_error_leaves_the_launch_open_and_is_not_repeated(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, status: int
) -> None:
    server.answers = [answer.error(status)]
    with pytest.raises(LaunchAmbiguous):
        api.deidentify("v1", source, BODY)
    assert len(server.requests) == 1


@pytest.mark.parametrize("damage", ["no answer", "cut connection", "not JSON", "no name"])
def test_a_launch_without_a_usable_answer_is_left_open_and_not_repeated(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, damage: str
) -> None:
    server.answers = [
        {
            "no answer": answer(drop=True),
            "cut connection": answer.of({"name": NAME}).cut(),
            "not JSON": answer(body=b"<html>"),
            "no name": answer.of({}),
        }[damage]
    ]
    with pytest.raises(LaunchAmbiguous) as caught:
        api.deidentify("v1", source, BODY)
    assert len(server.requests) == 1
    assert "127.0.0.1" not in str(caught.value)


def test_a_launch_answered_with_a_list_is_left_open(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName
) -> None:
    server.answers = [answer.of([NAME])]
    with pytest.raises(LaunchAmbiguous):
        api.deidentify("v1", source, BODY)


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_refused_launch_started_nothing(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, status: int
) -> None:
    server.always = lambda _request: answer.error(status, "SOME_STATUS", "CANARY")
    with pytest.raises(ServiceError) as caught:
        api.deidentify("v1", source, BODY)
    assert not isinstance(caught.value, (LaunchAmbiguous, QuotaExceeded))
    assert caught.value.status == status
    assert str(caught.value) == f"dicomStores.deidentify: HTTP {status} (SOME_STATUS)"


@pytest.mark.parametrize("status", ["study 1.2.3 of CANARY", "1.2.3", "A" * 50, 7, None])
def test_only_a_status_word_of_an_error_body_is_repeated(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, status: Any
) -> None:
    server.answers = [answer.error(400, status)]
    with pytest.raises(ServiceError) as caught:
        api.deidentify("v1", source, BODY)
    assert str(caught.value) == "dicomStores.deidentify: HTTP 400"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": "CANARY"}', b'{"error": []}', b"\xff"])
def test_an_error_body_of_another_shape_does_no_harm(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, body: bytes
) -> None:
    server.answers = [answer(status=400, body=body)]
    with pytest.raises(ServiceError, match=r"HTTP 400$"):
        api.deidentify("v1", source, BODY)


# operations.get


def test_a_running_operation_is_not_done(api: HealthcareApi, server: Any, answer: Any) -> None:
    server.answers = [answer.of(operation())]
    seen = api.get_operation("v1", NAME)
    assert (seen.done, seen.error_code, seen.success, seen.failure) == (False, None, 0, 0)
    assert server.requests[0].path == f"/v1/{NAME}"


def test_counters_are_int64_texts_and_zeros_are_left_out() -> None:
    body = operation(done=True, response={})
    body["metadata"] |= {"counter": {"success": "12345678901"}, "endTime": "2024-01-01T00:01:00Z"}
    seen = OperationSeen.from_json(body)
    assert (seen.success, seen.failure, seen.ended_at) == (12_345_678_901, 0, "2024-01-01T00:01:00Z")


def test_an_operation_with_an_error_has_its_code() -> None:
    assert OperationSeen.from_json(operation(done=True, error={"code": 13, "message": "CANARY"})).error_code == 13


def test_an_error_without_a_code_is_not_a_success() -> None:
    assert OperationSeen.from_json(operation(done=True, error={})).error_code == 2


def test_an_operation_whose_record_is_gone_is_not_found(api: HealthcareApi, server: Any, answer: Any) -> None:
    server.answers = [answer.error(404, "NOT_FOUND")]
    with pytest.raises(ServiceError) as caught:
        api.get_operation("v1", NAME)
    assert caught.value.status == 404


@pytest.mark.parametrize("body", [{}, [], None], ids=["no name", "a list", "null"])
def test_an_answer_that_is_no_operation_is_a_service_error(
    api: HealthcareApi, server: Any, answer: Any, body: Any
) -> None:
    server.always = lambda _request: answer.of(body)
    with pytest.raises(ServiceError):
        api.get_operation("v1", NAME)


# operations.list


def test_operations_of_all_pages_are_listed(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName
) -> None:
    first, second = operation(), operation(name=NAME.replace("/1", "/2"))
    server.answers = [answer.of({"operations": [first], "nextPageToken": "t"}), answer.of({"operations": [second]})]
    names = [seen.name for seen in api.list_operations("v1", source.dataset_name)]
    assert names == [first["name"], second["name"]]
    assert [request.query.get("pageToken") for request in server.requests] == [None, ["t"]]


def test_a_page_without_operations_does_not_end_the_list(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName
) -> None:
    server.answers = [answer.of({"nextPageToken": "t"}), answer.of({"operations": [operation()]})]
    assert len(list(api.list_operations("v1", source.dataset_name))) == 1


def test_a_second_page_that_fails_does_not_end_the_list_as_if_complete(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName
) -> None:
    server.answers = [
        answer.of({"operations": [operation()], "nextPageToken": "t"}),
        answer.error(403, "PERMISSION_DENIED"),
    ]
    with pytest.raises(ServiceError, match=r"operations\.list: HTTP 403"):
        list(api.list_operations("v1", source.dataset_name))


# dicomStores.get, and where a client connects.


def test_a_store_is_got_from_the_stable_version(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName
) -> None:
    server.answers = [answer.of({"name": str(source)})]
    assert api.get_dicom_store(source) == {"name": str(source)}
    assert server.requests[0].path == f"/v1/{source}"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8085", "http://localhost", "http://[::1]:80"])
def test_this_machine_is_known_by_its_names(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize("url", ["https://healthcare.googleapis.com", "http://127.0.0.1.example.com", "", "localhost"])
def test_other_machines_are_not_taken_for_this_one(url: str) -> None:
    assert not is_loopback(url)
