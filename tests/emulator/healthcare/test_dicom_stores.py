import pytest
import requests
from googleapiclient.errors import HttpError

from emulator.healthcare.calls import find_method

DATASET = "projects/p/locations/us-central1/datasets/d"
SOURCE = f"{DATASET}/dicomStores/source"


def test_a_store_keeps_the_fields_it_was_made_with(server):
    body = {"labels": {"a": "1"}, "notificationConfig": {"pubsubTopic": "projects/p/topics/t"}}
    made = server.stores().create(parent=DATASET, dicomStoreId="new", body=body).execute()
    assert made == {"name": f"{DATASET}/dicomStores/new", **body}
    assert server.stores().get(name=made["name"]).execute() == made


def test_snake_case_fields_are_accepted(server):
    answer = requests.post(
        f"{server.url}/v1/{DATASET}/dicomStores?dicom_store_id=new",
        json={"notification_config": {"pubsub_topic": "projects/p/topics/t"}},
        timeout=10,
    )
    assert answer.json()["notificationConfig"] == {"pubsubTopic": "projects/p/topics/t"}


def test_an_unknown_field_is_400_with_its_place(server):
    answer = requests.post(f"{server.url}/v1/{DATASET}/dicomStores?dicomStoreId=new", json={"lables": {}}, timeout=10)
    assert answer.status_code == 400
    error = answer.json()["error"]
    sentence = "Invalid JSON payload received. Unknown name \"lables\" at 'dicom_store': Cannot find field."
    assert error["message"] == sentence
    assert error["details"][0]["fieldViolations"] == [{"field": "dicom_store", "description": sentence}]


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '"x"',
        '{"labels": {}, "labels": {}}',
        "\xff\xfe",
        '{"labels": {"a": NaN}}',
        '{"\\ud800": 1}',
        "[" * 100_000,
    ],
)
def test_a_body_that_is_no_json_object_is_400(server, body):
    answer = requests.post(
        f"{server.url}/v1/{DATASET}/dicomStores?dicomStoreId=new", data=body.encode("latin-1"), timeout=10
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 400


def test_an_unknown_query_parameter_is_400(server):
    answer = requests.get(f"{server.url}/v1/{SOURCE}?foo=1", timeout=10)
    assert answer.status_code == 400
    assert 'Unknown name "foo"' in answer.json()["error"]["message"]


def test_parameters_of_every_method_are_tolerated(server):
    query = "alt=json&prettyPrint=true&$.xgafv=2&key=k&quotaUser=q&fields=name&%24alt=json%3Benum-encoding%3Dint"
    assert requests.get(f"{server.url}/v1/{SOURCE}?{query}", timeout=10).status_code == 200


@pytest.mark.parametrize("query", ["alt=media", "alt=proto", "callback=f"])
def test_another_form_of_answer_is_501(server, query):
    assert requests.get(f"{server.url}/v1/{SOURCE}?{query}", timeout=10).status_code == 501


def test_patch_clears_a_field_of_the_mask_that_the_body_leaves_out(server):
    server.stores().patch(name=SOURCE, updateMask="labels", body={"labels": {"a": "1"}}).execute()
    assert server.stores().patch(name=SOURCE, updateMask="labels", body={}).execute() == {"name": SOURCE}


def test_patch_of_a_nested_field_leaves_its_neighbours(server):
    config = {"pubsubTopic": "projects/p/topics/t", "sendForBulkImport": True}
    server.stores().patch(name=SOURCE, updateMask="*", body={"notificationConfig": config}).execute()
    changed = (
        server.stores()
        .patch(
            name=SOURCE,
            updateMask="notificationConfig.pubsubTopic",
            body={"notificationConfig": {"pubsubTopic": "projects/p/topics/u"}},
        )
        .execute()
    )
    assert changed["notificationConfig"] == {"pubsubTopic": "projects/p/topics/u", "sendForBulkImport": True}


@pytest.mark.parametrize("mask", ["", "name", "lables", "labels.a.b", "notificationConfig.x"])
def test_a_mask_that_names_no_changeable_field_is_400(server, mask):
    answer = requests.patch(
        f"{server.url}/v1/{SOURCE}", params={"updateMask": mask}, json={"labels": {"a": "1"}}, timeout=10
    )
    assert answer.status_code == 400
    assert "updateMask" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "labels", [{"": "v"}, {"Upper": "v"}, {"1a": "v"}, {"a" * 64: "v"}, {"k": "v" * 64}, {"k": "V"}]
)
def test_labels_outside_the_documented_rules_are_400(server, labels):
    with pytest.raises(HttpError) as refused:
        server.stores().create(parent=DATASET, dicomStoreId="new", body={"labels": labels}).execute()
    assert refused.value.status_code == 400


def test_streaming_to_bigquery_is_501_rather_than_silently_nothing(server):
    body = {"streamConfigs": [{"bigqueryDestination": {"tableUri": "bq://p.d.t"}}]}
    with pytest.raises(HttpError) as refused:
        server.stores().create(parent=DATASET, dicomStoreId="new", body=body).execute()
    assert refused.value.status_code == 501


def test_a_topic_that_is_none_is_400(server):
    with pytest.raises(HttpError) as refused:
        server.stores().create(
            parent=DATASET, dicomStoreId="new", body={"notificationConfigs": [{"pubsubTopic": "t"}]}
        ).execute()
    assert refused.value.status_code == 400


def test_list_filters_by_labels(server):
    for name, labels in (("a", {"x": "1", "y": "1"}), ("b", {"x": "1"}), ("c", {})):
        server.stores().create(parent=DATASET, dicomStoreId=name, body={"labels": labels}).execute()
    listed = server.stores().list(parent=DATASET, filter='labels.x=1 AND labels.y="1"').execute()
    assert [store["name"] for store in listed["dicomStores"]] == [f"{DATASET}/dicomStores/a"]


def test_another_filter_is_refused(server):
    with pytest.raises(HttpError) as refused:
        server.stores().list(parent=DATASET, filter="name:a").execute()
    assert refused.value.status_code == 400


def test_metrics_are_strings_and_leave_out_zeros(server):
    assert server.stores().getDICOMStoreMetrics(name=SOURCE).execute() == {"name": SOURCE}
    file = server.dicom_file()
    server.store(file, server.dicom_file(sop="1.2.3.4.6"))
    metrics = server.stores().getDICOMStoreMetrics(name=SOURCE).execute()
    assert (metrics["studyCount"], metrics["seriesCount"], metrics["instanceCount"]) == ("1", "1", "2")
    assert metrics["blobStorageSizeBytes"] == str(2 * len(file))


def test_a_deleted_store_is_gone_with_its_instances(server):
    server.store(server.dicom_file())
    assert server.stores().delete(name=SOURCE).execute() == {}
    with pytest.raises(HttpError) as refused:
        server.stores().get(name=SOURCE).execute()
    assert refused.value.status_code == 404
    server.stores().create(parent=DATASET, dicomStoreId="source", body={}).execute()
    assert server.instance_count(SOURCE) == 0


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "fhirStores/f"),
        ("POST", "hl7V2Stores"),
        ("POST", "dicomStores/source:import"),
        ("POST", "dicomStores/source:export"),
        ("GET", "dicomStores/source:getIamPolicy"),
        ("GET", "consentStores/c"),
        ("POST", "dicomStores/source/dicomWeb/studies/1.2:setBlobStorageSettings"),
    ],
)
def test_a_method_that_is_not_implemented_is_501_and_named(server, version, verb, path):
    answer = requests.request(verb, f"{server.url}/{version}/{DATASET}/{path}", json={}, timeout=10)
    assert answer.status_code == 501
    error = answer.json()["error"]
    assert error["status"] == "UNIMPLEMENTED"
    assert find_method(verb, f"/{version}/{DATASET}/{path}")[0].id in error["message"]


@pytest.mark.parametrize(("verb", "path"), [("PUT", SOURCE), ("GET", "nothing/of/this"), ("GET", f"{DATASET}/x/y/z")])
def test_what_the_api_does_not_have_is_404_in_googles_form(server, verb, path):
    answer = requests.request(verb, f"{server.url}/v1/{path}", timeout=10)
    assert answer.status_code == 404
    assert answer.json()["error"]["status"] == "NOT_FOUND"


def test_the_method_override_header_is_honoured(server):
    answer = requests.post(
        f"{server.url}/v1/{DATASET}/dicomStores",
        data="pageSize=1",
        headers={"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
    )
    assert len(answer.json()["dicomStores"]) == 1
    deleted = requests.post(f"{server.url}/v1/{SOURCE}", headers={"X-HTTP-Method-Override": "DELETE"}, timeout=10)
    assert deleted.json() == {}


def test_a_request_body_over_10_mb_is_413(server):
    answer = requests.post(
        f"{server.url}/v1/{DATASET}/dicomStores?dicomStoreId=new", data=b" " * (10 * 1024 * 1024 + 1), timeout=30
    )
    assert answer.status_code == 413


def test_a_percent_encoded_slash_does_not_become_part_of_the_path(server):
    answer = requests.get(f"{server.url}/v1/{DATASET}/dicomStores/source%2F..%2Fdestination", timeout=10)
    assert answer.status_code == 400
