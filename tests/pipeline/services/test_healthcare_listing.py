"""Listing a study over real HTTP: whatever goes wrong, a short list never looks complete."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.model.names import DicomStoreName
from pipeline.services.healthcare import INSTANCES_PER_PAGE, HealthcareApi
from pipeline.services.retry import ServiceError, Transient

STUDY = "1.2.840.99.77"
SECRETS = (STUDY, "1.2.840.99.1", "CANARY", "dicomWeb", "127.0.0.1", "http:")


def item(series: str, sop: str) -> dict[str, Any]:
    return {
        "00080018": {"vr": "UI", "Value": [sop]},
        "0020000E": {"vr": "UI", "Value": [series]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "CANARY^NAME"}]},
    }


def study_of(count: int) -> list[dict[str, Any]]:
    return [item(f"1.2.840.99.1.{number % 3}", f"1.2.840.99.1.{number % 3}.{number}") for number in range(count)]


@pytest.fixture
def qido(answer: Any) -> Callable[[int], Callable[[Any], Any]]:
    """Answers a search for a study of so many instances as QIDO-RS does: by `limit` and `offset`."""

    def for_study(count: int) -> Callable[[Any], Any]:
        instances = study_of(count)

        def page(request: Any) -> Any:
            offset, limit = int(request.query["offset"][0]), int(request.query["limit"][0])
            return answer.of(instances[offset : offset + limit])

        return page

    return for_study


def test_the_instances_of_a_study_are_listed(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName
) -> None:
    server.answers = [answer.of([item("1.3", "1.4"), item("1.3", "1.5")])]
    assert api.study_instances(source, STUDY) == {("1.3", "1.4"), ("1.3", "1.5")}


def test_the_search_goes_to_the_study_with_limit_and_offset(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName
) -> None:
    server.answers = [answer.of([])]
    api.study_instances(source, STUDY)
    [request] = server.requests
    assert request.path == f"/v1/{source}/dicomWeb/studies/{STUDY}/instances"
    assert request.query == {"limit": [str(INSTANCES_PER_PAGE)], "offset": ["0"]}
    assert request.headers["Accept"] == "application/dicom+json"


@pytest.mark.parametrize(
    ("count", "pages"),
    [
        (0, 1),
        (1, 1),
        (INSTANCES_PER_PAGE - 1, 1),
        (INSTANCES_PER_PAGE, 2),
        (INSTANCES_PER_PAGE + 1, 2),
        (2 * INSTANCES_PER_PAGE + 7, 3),
    ],
)
def test_every_page_is_asked_for(
    api: HealthcareApi, server: Any, source: DicomStoreName, qido: Any, count: int, pages: int
) -> None:
    server.always = qido(count)
    assert len(api.study_instances(source, STUDY)) == count
    assert [request.query["offset"][0] for request in server.requests] == [
        str(page * INSTANCES_PER_PAGE) for page in range(pages)
    ]


def test_a_store_without_the_study_answers_204(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName
) -> None:
    server.answers = [answer(status=204)]
    assert api.study_instances(source, STUDY) == set()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_page_is_asked_for_again_after_a_bad_moment(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, clock: Any, status: int
) -> None:
    server.answers = [answer.error(status), answer.error(status), answer.of(study_of(1))]
    assert len(api.study_instances(source, STUDY)) == 1
    assert len(clock.slept) == 2


@pytest.mark.parametrize("damage", ["truncated JSON", "not JSON", "cut connection", "no answer"])
def test_a_damaged_page_is_asked_for_again(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, damage: str
) -> None:
    whole = answer.of(study_of(3))
    first = {
        "truncated JSON": answer(body=whole.body[:-20]),
        "not JSON": answer(body=b"<html>a proxy's page</html>", content_type="text/html"),
        "cut connection": whole.cut(),
        "no answer": answer(drop=True),
    }[damage]
    server.answers = [first, whole]
    assert len(api.study_instances(source, STUDY)) == 3
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 501])
def test_an_error_for_good_is_raised_at_once(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, status: int
) -> None:
    server.answers = [answer.error(status, "SOME_STATUS", f"study {STUDY} of CANARY")]
    with pytest.raises(ServiceError) as caught:
        api.study_instances(source, STUDY)
    assert caught.value.status == status
    assert len(server.requests) == 1


def failure(answer: Any, kind: str) -> Any:
    whole = answer.of(study_of(3))
    return {
        "403": answer.error(403, "PERMISSION_DENIED", f"{STUDY} CANARY"),
        "503": answer.error(503, "UNAVAILABLE", f"{STUDY} CANARY"),
        "429": answer.error(429),
        "truncated JSON": answer(body=whole.body[:-20]),
        "cut connection": whole.cut(),
        "no answer": answer(drop=True),
        "an instance without SOP instance UID": answer.of([{"0020000E": {"vr": "UI", "Value": ["1.2.840.99.1"]}}]),
        "an empty UID": answer.of([{"0020000E": {"vr": "UI"}, "00080018": {"vr": "UI", "Value": []}}]),
        "an error in JSON": answer.of({"error": {"code": 503}}),
        "a word": answer.of("CANARY"),
        "null": answer.of(None),
        "numbers": answer.of([1, 2]),
    }[kind]


FAILURES = (
    "403", "503", "429", "truncated JSON", "cut connection", "no answer", "an instance without SOP instance UID",
    "an empty UID", "an error in JSON", "a word", "null", "numbers",
)  # fmt: skip


@pytest.mark.parametrize("kind", FAILURES)
def test_a_page_in_the_middle_that_stays_bad_never_leaves_a_short_list(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, qido: Any, kind: str
) -> None:
    good, bad = qido(3 * INSTANCES_PER_PAGE), failure(answer, kind)
    server.always = lambda request: bad if request.query["offset"] == [str(INSTANCES_PER_PAGE)] else good(request)
    with pytest.raises(ServiceError):
        api.study_instances(source, STUDY)


@pytest.mark.parametrize("body", [{}, ""], ids=["an empty object", "an empty text"])
def test_an_answer_that_is_no_list_does_not_mean_an_empty_study(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, body: Any
) -> None:
    server.always = lambda _request: answer.of(body)
    with pytest.raises(ServiceError):
        api.study_instances(source, STUDY)


@pytest.mark.parametrize("kind", FAILURES)
def test_no_error_text_or_log_line_holds_a_url_or_a_uid(
    api: HealthcareApi, server: Any, answer: Any, source: DicomStoreName, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bad = failure(answer, kind)
    server.always = lambda _request: bad
    with pytest.raises(ServiceError) as caught:
        api.study_instances(source, STUDY)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    said = f"{caught.value} {caught.value!r} {caplog.text}"
    assert [secret for secret in SECRETS if secret in said] == []
    assert "searchForInstances" in said


def test_a_server_that_is_not_there_is_an_error_without_its_address(
    api: HealthcareApi, source: DicomStoreName, clock: Any
) -> None:
    api._endpoint = "http://127.0.0.1:9"  # the discard port: nobody listens
    with pytest.raises(Transient, match="no answer") as caught:
        api.study_instances(source, STUDY)
    assert [secret for secret in SECRETS if secret in str(caught.value)] == []
    assert sum(clock.slept) <= 300
