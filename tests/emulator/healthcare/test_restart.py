import pytest
from googleapiclient.errors import HttpError


def started(start_server, **settings):
    """A server with six instances and an operation of which one is done."""
    server = start_server(operation_min_seconds=3600, **settings)
    server.make_stores()
    server.store(*(server.dicom_file(sop=f"1.2.3.4.{number}") for number in range(1, 7)))
    server.objects["gs://b/filter.txt"] = b"/studies/1.2.3"
    name = server.deidentify(filterConfig={"resourcePathsGcsUri": "gs://b/filter.txt"})
    server.wait_for(lambda: server.get_operation(name)["metadata"].get("counter", {}).get("success") == "1")
    return server, name


def test_everything_is_there_after_a_restart(start_server):
    server = start_server()
    server.make_stores()
    server.store(server.dicom_file())
    operation = server.wait(server.deidentify())
    server.stop()
    server = start_server()
    assert server.get_operation(operation["name"]) == operation
    assert server.instance_count() == 1
    assert len(server.stores().list(parent=server.dataset).execute()["dicomStores"]) == 2


def test_an_operation_goes_on_where_it_was_even_when_its_filter_file_is_gone(start_server):
    server, name = started(start_server)
    server.stop()
    del server.objects["gs://b/filter.txt"]
    server = start_server(operation_pace="immediate", destination_duplicate="failure")
    operation = server.wait(name)
    assert operation["metadata"]["counter"] == {"success": "6"}
    assert "response" in operation
    assert server.instance_count() == 6


def test_an_operation_ends_as_unavailable_when_set(start_server):
    server, name = started(start_server)
    server.stop()
    server = start_server(operation_restart="fail")
    operation = server.get_operation(name)
    assert operation["done"] is True
    assert operation["error"]["code"] == 14
    assert operation["metadata"]["counter"] == {"success": "1", "pending": "5"}


def test_a_cancelled_operation_stays_cancelled(start_server):
    server, name = started(start_server)
    server.operations().cancel(name=name, body={}).execute()
    before = server.wait(name)
    server.stop()
    assert start_server().get_operation(name) == before


@pytest.mark.parametrize("restart", ["resume", "fail"])
def test_a_running_operation_holds_its_place_in_the_quota_only_when_it_goes_on(start_server, restart):
    server, name = started(start_server, max_concurrent_deidentify_operations=1)
    server.stop()
    server = start_server(operation_min_seconds=3600, max_concurrent_deidentify_operations=1, operation_restart=restart)
    if restart == "fail":
        assert server.deidentify() != name
    else:
        with pytest.raises(HttpError) as refused:
            server.deidentify()
        assert refused.value.status_code == 429


@pytest.mark.parametrize("store", ["source", "destination"])
def test_an_operation_whose_store_was_deleted_ends_as_not_found(start_server, store):
    server, name = started(start_server)
    server.stores().delete(name=f"{server.dataset}/dicomStores/{store}").execute()
    server.stop()
    server = start_server(operation_pace="immediate")
    operation = server.wait(name)
    assert operation["error"]["code"] == 5
    assert operation["metadata"]["counter"] == {"success": "1", "pending": "5"}
