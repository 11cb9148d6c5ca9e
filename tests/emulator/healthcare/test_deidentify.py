import json
import multiprocessing

import pytest
import requests
from googleapiclient.errors import HttpError

from emulator.deidentify import regenerate_uid

FILTER = {"filterConfig": {"resourcePathsGcsUri": "gs://b/filter.txt"}}
OPERATION_TYPE = "type.googleapis.com/google.cloud.healthcare.{}.OperationMetadata"
SUMMARY_TYPE = "type.googleapis.com/google.cloud.healthcare.{}.deidentify.DeidentifyDicomStoreSummary"
METHOD = "google.cloud.healthcare.{}.deidentify.DeidentifyService.DeidentifyDicomStore"


def destination_uids(server):
    """(study, series, sop) of each instance in the destination, sorted."""
    answer = requests.get(f"{server.url}/v1/{server.destination}/dicomWeb/instances", timeout=30)
    found = answer.json() if answer.status_code == 200 else []
    tags = ("0020000D", "0020000E", "00080018")
    return sorted(tuple(one[tag]["Value"][0] for tag in tags) for one in found)


def refusal(server, version="v1", **body):
    with pytest.raises(HttpError) as refused:
        server.deidentify(version, **body)
    return refused.value


@pytest.mark.parametrize(
    ("version", "config"),
    [
        ("v1", {"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}),
        ("v1beta1", {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}),
    ],
)
def test_the_whole_store_is_deidentified_in_the_version_that_started_it(server, version, config):
    server.store(server.dicom_file(), server.dicom_file(sop="1.2.3.4.6"))
    name = server.deidentify(version, config=config)
    operation = server.wait(name)
    assert operation == {
        "name": name,
        "metadata": {
            "@type": OPERATION_TYPE.format(version),
            "apiMethodName": METHOD.format(version),
            "createTime": operation["metadata"]["createTime"],
            "endTime": operation["metadata"]["endTime"],
            "logsUrl": operation["metadata"]["logsUrl"],
            "counter": {"success": "2"},
        },
        "done": True,
        "response": {"@type": SUMMARY_TYPE.format(version)},
    }
    assert operation["metadata"]["createTime"] < operation["metadata"]["endTime"]
    prefix, number = name.rsplit("/", 1)
    assert prefix == f"{server.dataset}/operations"
    assert len(number) == 20
    assert number.isdecimal()
    uids = [tuple(map(regenerate_uid, ("1.2.3", "1.2.3.4", sop))) for sop in ("1.2.3.4.5", "1.2.3.4.6")]
    assert destination_uids(server) == sorted(uids)


def test_a_filter_file_of_mixed_levels_chooses_the_instances(server):
    server.store(
        server.dicom_file("1.1", "1.1.1", "1.1.1.1"),
        server.dicom_file("1.1", "1.1.1", "1.1.1.2"),
        server.dicom_file("1.1", "1.1.2", "1.1.2.1"),
        server.dicom_file("1.2", "1.2.1", "1.2.1.1"),
        server.dicom_file("1.3", "1.3.1", "1.3.1.1"),
    )
    lines = ["/studies/1.1/series/1.1.1/instances/1.1.1.2", "studies/1.1/series/1.1.2", "/studies/1.2"]
    server.objects["gs://b/filter.txt"] = "\r\n".join(lines).encode()
    operation = server.wait(server.deidentify(**FILTER))
    assert operation["metadata"]["counter"] == {"success": "3"}
    expected = [("1.1", "1.1.1", "1.1.1.2"), ("1.1", "1.1.2", "1.1.2.1"), ("1.2", "1.2.1", "1.2.1.1")]
    assert destination_uids(server) == sorted(tuple(map(regenerate_uid, uids)) for uids in expected)


def test_an_instance_that_is_not_in_the_source_fails_and_no_other(server):
    server.store(server.dicom_file())
    server.objects["gs://b/filter.txt"] = b"/studies/1.2.3\n/studies/1.2.3/series/1.2.3.4/instances/9\n/studies/9"
    operation = server.wait(server.deidentify(**FILTER))
    assert operation["metadata"]["counter"] == {"success": "1", "failure": "2"}
    assert "response" in operation
    assert "error" not in operation


def test_failed_instances_make_an_error_when_set(start_server):
    server = start_server(partial_failure="error")
    server.make_stores()
    server.store(server.dicom_file())
    server.objects["gs://b/filter.txt"] = b"/studies/1.2.3\n/studies/9"
    operation = server.wait(server.deidentify(**FILTER))
    assert operation["error"]["code"] == 2
    assert "response" not in operation
    assert operation["metadata"]["counter"] == {"success": "1", "failure": "1"}
    assert server.instance_count() == 1


def test_a_source_file_that_cannot_be_read_fails_that_instance(server):
    server.store(server.dicom_file(), server.dicom_file(sop="1.2.3.4.6"))
    files = sorted((server.root / "healthcare-instances").rglob("*.dcm")) or sorted(server.root.rglob("*.dcm"))
    files[0].write_bytes(files[0].read_bytes()[:150])
    operation = server.wait(server.deidentify())
    assert operation["metadata"]["counter"] == {"success": "1", "failure": "1"}
    assert server.instance_count() == 1


def test_an_output_that_exists_counts_as_success_by_default_and_is_not_replaced(server):
    server.store(server.dicom_file())
    server.wait(server.deidentify())
    operation = server.wait(server.deidentify())
    assert operation["metadata"]["counter"] == {"success": "1"}
    assert server.instance_count() == 1


def test_an_output_that_exists_counts_as_failure_when_set(start_server):
    server = start_server(destination_duplicate="failure")
    server.make_stores()
    server.store(server.dicom_file())
    server.wait(server.deidentify())
    assert server.wait(server.deidentify())["metadata"]["counter"] == {"failure": "1"}


def test_an_empty_store_gives_an_empty_success(server):
    operation = server.wait(server.deidentify())
    assert "counter" not in operation["metadata"]
    assert "response" in operation


def test_a_missing_filter_file_fails_the_operation_with_not_found(server):
    server.store(server.dicom_file())
    operation = server.wait(server.deidentify(**FILTER))
    assert operation["error"]["code"] == 5
    assert "resourcePathsGcsUri" in operation["error"]["message"]
    assert server.instance_count() == 0


def test_a_bad_line_in_the_filter_file_fails_the_operation_before_it_touches_anything(server):
    server.store(server.dicom_file())
    server.objects["gs://b/filter.txt"] = b"/studies/1.2.3\ncanary\n"
    operation = server.wait(server.deidentify(**FILTER))
    assert operation["error"]["code"] == 3
    assert "line 2" in operation["error"]["message"]
    assert "canary" not in json.dumps(operation)
    assert server.instance_count() == 0


def test_the_configuration_may_lie_in_cloud_storage(server):
    server.store(server.dicom_file())
    server.objects["gs://b/config.json"] = b'{"dicom": {"filter_profile": "MINIMAL_KEEP_LIST_PROFILE"}}'
    name = (
        server.stores()
        .deidentify(
            sourceStore=server.source,
            body={"destinationStore": server.destination, "gcsConfigUri": "gs://b/config.json"},
        )
        .execute()["name"]
    )
    assert server.wait(name)["metadata"]["counter"] == {"success": "1"}


def test_the_destination_may_be_in_another_dataset_of_the_location(server):
    server.store(server.dicom_file())
    server.datasets().create(parent=server.location, datasetId="other", body={}).execute()
    other = f"{server.location}/datasets/other"
    server.stores().create(parent=other, dicomStoreId="s", body={}).execute()
    name = server.deidentify(destinationStore=f"{other}/dicomStores/s")
    assert name.startswith(f"{server.dataset}/operations/")
    server.wait(name)
    assert server.instance_count(f"{other}/dicomStores/s") == 1


def test_a_destination_in_another_location_is_400(server):
    server.datasets().create(parent="projects/p/locations/europe-west4", datasetId="d", body={}).execute()
    elsewhere = "projects/p/locations/europe-west4/datasets/d"
    server.stores().create(parent=elsewhere, dicomStoreId="s", body={}).execute()
    error = refusal(server, destinationStore=f"{elsewhere}/dicomStores/s")
    assert error.status_code == 400
    assert "location" in str(error)


def test_a_missing_destination_is_404(server):
    assert refusal(server, destinationStore=f"{server.dataset}/dicomStores/none").status_code == 404


def test_the_source_as_destination_is_400(server):
    assert refusal(server, destinationStore=server.source).status_code == 400


@pytest.mark.parametrize(
    ("body", "cure"),
    [
        ({"destinationStore": ""}, "destinationStore is required"),
        ({"destinationStore": "projects/p"}, "Invalid destinationStore"),
        ({"config": None}, "exactly one of config and gcsConfigUri"),
        ({"gcsConfigUri": "gs://b/o"}, "exactly one of config and gcsConfigUri"),
        ({"config": None, "gcsConfigUri": "gs://b/none"}, "gcsConfigUri does not exist"),
        ({"filterConfig": {}}, "filterConfig.resourcePathsGcsUri"),
        ({"filterConfig": {"resourcePathsGcsUri": "b/filter.txt"}}, "gs://{bucket}/path/to/object"),
        ({"config": {"dicomTagConfig": {}}}, "dicomTagConfig"),
        ({"config": {"dicom": {"removeList": {"tags": ["NoSuchAttribute"]}}}}, "Invalid DeidentifyConfig"),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_400_and_starts_nothing(server, body, cure):
    error = refusal(server, **body)
    assert error.status_code == 400
    assert cure in str(error)
    listed = server.operations().list(name=server.dataset).execute()["operations"]
    assert [one["metadata"]["apiMethodName"].rsplit(".", 1)[1] for one in listed] == ["CreateDataset"]


def test_a_missing_source_is_404(server):
    with pytest.raises(HttpError) as refused:
        server.stores().deidentify(
            sourceStore=f"{server.dataset}/dicomStores/none", body={"destinationStore": server.destination}
        ).execute()
    assert refused.value.status_code == 404


def test_more_instances_than_processes_times_chunk_are_all_done(start_server):
    server = start_server(engine_processes=2, engine_chunk_instances=2)
    server.make_stores()
    server.store(*(server.dicom_file(sop=f"1.2.3.4.{number}") for number in range(1, 26)))
    assert server.wait(server.deidentify())["metadata"]["counter"] == {"success": "25"}
    assert server.instance_count() == 25


def test_no_staged_file_is_left_behind(server):
    server.store(server.dicom_file())
    server.wait(server.deidentify())
    server.wait(server.deidentify())
    assert [path for path in server.root.rglob("staging/*") if path.is_file()] == []


def test_the_configuration_is_not_kept_when_the_operation_is_over(server):
    server.store(server.dicom_file())
    config = {"dicom": {"removeList": {"tags": ["PatientComments"]}}}
    server.wait(server.deidentify(config=config))
    server.stop()
    kept = b"".join(path.read_bytes() for path in server.root.glob("resources.sqlite*"))
    assert b"PatientComments" not in kept


def test_the_engine_runs_in_processes_of_its_own(server):
    server.store(server.dicom_file())
    server.wait(server.deidentify())
    assert [child.name for child in multiprocessing.active_children()] == ["deidentify-engine"]


def test_an_unexpected_error_is_a_500_in_googles_form_and_the_server_goes_on(server, caplog):
    server.objects["gs://b/config.json"] = b"unreadable"
    error = refusal(server, config=None, gcsConfigUri="gs://b/config.json")
    assert error.status_code == 500
    assert json.loads(error.content)["error"]["status"] == "INTERNAL"
    server.wait_for(lambda: "RuntimeError in read_object" in caplog.text)
    assert "canary" not in caplog.text + str(error)
    assert server.get_operation(server.deidentify())["name"]


def test_an_unexpected_error_ends_the_operation_as_internal(server, caplog):
    server.objects["gs://b/filter.txt"] = b"unreadable"
    operation = server.wait(server.deidentify(**FILTER))
    assert operation["error"]["code"] == 13
    assert "canary" not in caplog.text + json.dumps(operation)
