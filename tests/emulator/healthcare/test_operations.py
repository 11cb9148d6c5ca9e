import pytest
import requests
from googleapiclient.errors import HttpError


@pytest.fixture
def slow(start_server):
    """A server whose operations last an hour, with three instances in the source."""
    server = start_server(operation_min_seconds=3600, max_concurrent_deidentify_operations=2)
    server.make_stores()
    server.store(*(server.dicom_file(sop=f"1.2.3.4.{number}") for number in (5, 6, 7)))
    return server


def counter(server, name):
    return server.get_operation(name)["metadata"].get("counter")


def test_progress_is_counted_while_it_runs(slow):
    name = slow.deidentify()
    slow.wait_for(lambda: counter(slow, name) == {"success": "1", "pending": "2"})
    operation = slow.get_operation(name)
    assert "done" not in operation
    assert "endTime" not in operation["metadata"]
    assert slow.instance_count() == 1


def test_a_cancelled_operation_ends_with_code_1_and_keeps_what_was_written(slow):
    name = slow.deidentify()
    slow.wait_for(lambda: counter(slow, name) == {"success": "1", "pending": "2"})
    assert slow.operations().cancel(name=name, body={}).execute() == {}
    operation = slow.wait(name)
    assert operation["error"]["code"] == 1
    assert "response" not in operation
    assert operation["metadata"]["cancelRequested"] is True
    assert operation["metadata"]["counter"] == {"success": "1", "pending": "2"}
    assert slow.instance_count() == 1


def test_cancelling_a_finished_operation_is_400(slow):
    name = slow.deidentify()
    slow.operations().cancel(name=name, body={}).execute()
    slow.wait(name)
    with pytest.raises(HttpError) as refused:
        slow.operations().cancel(name=name, body={}).execute()
    assert refused.value.status_code == 400
    assert "operation has already completed" in str(refused.value)


def test_one_operation_too_many_is_429_and_a_cancelled_one_makes_room(slow):
    first, second = slow.deidentify(), slow.deidentify()
    with pytest.raises(HttpError) as refused:
        slow.deidentify("v1beta1", config={"dicomTagConfig": {}})
    assert refused.value.status_code == 429
    assert "dicom_store_lro_ops" in str(refused.value)
    slow.operations().cancel(name=first, body={}).execute()
    slow.wait(first)
    third = slow.deidentify()
    names = [one["name"] for one in slow.operations().list(name=slow.dataset).execute()["operations"]]
    assert names[1:] == [first, second, third]


def test_the_quota_is_per_project_and_location(slow):
    slow.deidentify()
    slow.deidentify()
    parent = "projects/p/locations/europe-west4"
    slow.datasets().create(parent=parent, datasetId="d", body={}).execute()
    for store in ("source", "destination"):
        slow.stores().create(parent=f"{parent}/datasets/d", dicomStoreId=store, body={}).execute()
    answer = slow.stores().deidentify(
        sourceStore=f"{parent}/datasets/d/dicomStores/source",
        body={
            "destinationStore": f"{parent}/datasets/d/dicomStores/destination",
            "config": {"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}},
        },
    )
    assert answer.execute()["name"].startswith(parent)


def test_list_pages_through_all_oldest_first(slow):
    names = [slow.deidentify(), slow.deidentify()]
    first = slow.operations().list(name=slow.dataset, pageSize=2).execute()
    second = slow.operations().list(name=slow.dataset, pageSize=2, pageToken=first["nextPageToken"]).execute()
    assert [one["name"] for one in first["operations"] + second["operations"]][1:] == names
    assert "nextPageToken" not in second


@pytest.mark.parametrize("query", ["filter=done%3Dtrue", "returnPartialSuccess=true"])
def test_a_list_option_without_documented_meaning_is_501(server, query):
    answer = requests.get(f"{server.url}/v1/{server.dataset}/operations?{query}", timeout=10)
    assert answer.status_code == 501


def test_returning_no_partial_success_is_accepted(server):
    answer = requests.get(f"{server.url}/v1/{server.dataset}/operations?returnPartialSuccess=false", timeout=10)
    assert len(answer.json()["operations"]) == 1


def test_an_unknown_operation_is_404(server):
    for call in (server.operations().get, server.operations().cancel):
        with pytest.raises(HttpError) as refused:
            call(name=f"{server.dataset}/operations/12345678901234567890").execute()
        assert refused.value.status_code == 404


def test_a_timed_operation_lasts_its_time(start_server):
    server = start_server(operation_min_seconds=0.5)
    server.make_stores()
    server.store(server.dicom_file())
    metadata = server.wait(server.deidentify())["metadata"]
    begun, ended = (float(metadata[field][17:-1]) for field in ("createTime", "endTime"))
    assert (ended - begun) % 60 >= 0.5


def test_a_manual_operation_ends_when_told(start_server):
    server = start_server(operation_pace="manual")
    server.make_stores()
    server.store(server.dicom_file())
    name = server.deidentify()
    server.wait_for(lambda: counter(server, name) == {"success": "1"})
    assert "done" not in server.get_operation(name)
    server.service.finish_operation(name)
    assert "response" in server.wait(name)


def test_deleting_a_dataset_ends_its_operations(slow):
    name = slow.deidentify()
    slow.datasets().delete(name=slow.dataset).execute()
    with pytest.raises(HttpError) as refused:
        slow.get_operation(name)
    assert refused.value.status_code == 404
    slow.make_stores()
    assert len(slow.operations().list(name=slow.dataset).execute()["operations"]) == 1
