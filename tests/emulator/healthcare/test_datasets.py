import pytest
import requests
from googleapiclient.errors import HttpError

LOCATION = "projects/p/locations/us-central1"


def test_create_is_done_when_it_returns(start_server):
    datasets = start_server().datasets()
    operation = datasets.create(parent=LOCATION, datasetId="d", body={"timeZone": "UTC"}).execute()
    assert operation["done"] is True
    assert operation["name"].startswith(f"{LOCATION}/datasets/d/operations/")
    assert operation["response"] == {
        "@type": "type.googleapis.com/google.cloud.healthcare.v1.dataset.Dataset",
        "name": f"{LOCATION}/datasets/d",
        "timeZone": "UTC",
    }
    assert datasets.operations().get(name=operation["name"]).execute() == operation


def test_a_dataset_made_in_v1_is_there_in_v1beta1(start_server):
    server = start_server()
    server.datasets("v1").create(parent=LOCATION, datasetId="d", body={}).execute()
    found = server.datasets("v1beta1").get(name=f"{LOCATION}/datasets/d").execute()
    assert found == {"name": f"{LOCATION}/datasets/d"}


def test_creating_it_twice_is_409(server):
    with pytest.raises(HttpError) as refused:
        server.datasets().create(parent=LOCATION, datasetId="d", body={}).execute()
    assert refused.value.status_code == 409
    assert refused.value.error_details or "already exists" in str(refused.value)


@pytest.mark.parametrize("dataset_id", ["", "a b", "a/b", "../../x", "a:b", "x" * 257, "é\n"])
def test_an_id_outside_the_documented_characters_is_400(start_server, dataset_id):
    with pytest.raises(HttpError) as refused:
        start_server().datasets().create(parent=LOCATION, datasetId=dataset_id, body={}).execute()
    assert refused.value.status_code == 400


@pytest.mark.parametrize("dataset_id", ["..", ".", "Études_2026-データ.1", "x" * 256])
def test_an_id_of_the_documented_characters_stays_inside_the_data_folder(start_server, dataset_id, tmp_path):
    server = start_server()
    server.datasets().create(parent=LOCATION, datasetId=dataset_id, body={}).execute()
    name = f"{LOCATION}/datasets/{dataset_id}"
    server.stores().create(parent=name, dicomStoreId="..", body={}).execute()
    assert server.stores().list(parent=name).execute() == {"dicomStores": [{"name": f"{name}/dicomStores/.."}]}
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_list_pages_through_all_in_order(start_server):
    datasets = start_server().datasets()
    for number in range(5):
        datasets.create(parent=LOCATION, datasetId=f"d{number}", body={}).execute()
    names = []
    request = datasets.list(parent=LOCATION, pageSize=2)
    pages = 0
    while request is not None:
        answer = request.execute()
        names += [dataset["name"] for dataset in answer["datasets"]]
        request = datasets.list_next(request, answer)
        pages += 1
    assert names == [f"{LOCATION}/datasets/d{number}" for number in range(5)]
    assert pages == 3


@pytest.mark.parametrize(
    "query", ["pageSize=1001", "pageSize=-1", "pageSize=x", "pageToken=%25%25", "pageSize=1&pageSize=2"]
)
def test_a_bad_page_parameter_is_400(start_server, query):
    answer = requests.get(f"{start_server().url}/v1/{LOCATION}/datasets?{query}", timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_patch_changes_the_fields_of_the_mask_only(server):
    name = f"{LOCATION}/datasets/d"
    changed = server.datasets().patch(name=name, updateMask="time_zone", body={"timeZone": "Europe/Berlin"}).execute()
    assert changed == {"name": name, "timeZone": "Europe/Berlin"}
    assert server.datasets().get(name=name).execute() == changed


def test_patch_with_an_unknown_time_zone_is_400(server):
    with pytest.raises(HttpError) as refused:
        server.datasets().patch(
            name=f"{LOCATION}/datasets/d", updateMask="timeZone", body={"timeZone": "Mars/Base"}
        ).execute()
    assert refused.value.status_code == 400


def test_delete_takes_its_stores_and_their_instances_along(server):
    server.store(server.dicom_file())
    assert server.datasets().delete(name=server.dataset).execute() == {}
    server.make_stores()
    assert server.instance_count(server.source) == 0


@pytest.mark.parametrize("status", [404, 403])
def test_a_missing_dataset_is_answered_as_the_setting_says(start_server, status):
    datasets = start_server(missing_resource_status=status).datasets()
    with pytest.raises(HttpError) as refused:
        datasets.get(name=f"{LOCATION}/datasets/none").execute()
    assert refused.value.status_code == status


def test_locations_list_those_in_use(start_server):
    server = start_server()
    server.datasets().create(parent="projects/p/locations/europe-west4", datasetId="d", body={}).execute()
    locations = server.api().projects().locations()
    assert [one["locationId"] for one in locations.list(name="projects/p").execute()["locations"]] == [
        "europe-west4",
        "us-central1",
    ]
    assert locations.get(name="projects/p/locations/asia-east1").execute() == {
        "name": "projects/p/locations/asia-east1",
        "locationId": "asia-east1",
    }
