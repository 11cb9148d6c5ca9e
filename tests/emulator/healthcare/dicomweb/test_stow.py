"""STOW-RS over HTTP: what can be stored is stored, what cannot is answered in the documented shape."""

from __future__ import annotations

import http.client
from collections import Counter
from xml.etree import ElementTree

import pytest

FAILED, STORED = "00081198", "00081199"
DETAIL = "00091097"


def details(response, dicom):
    return [item[DETAIL]["Value"][0] for item in dicom.values(response.json(), FAILED)]


def test_a_multipart_request_stores_every_part(server, dicom):
    datasets = [dicom.instance() for _ in range(3)]
    response = server.stow(*(dicom.encode(dataset) for dataset in datasets))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/dicom+json"
    items = response.json()[STORED]["Value"]
    assert [item["00081155"]["Value"][0] for item in items] == [dataset.SOPInstanceUID for dataset in datasets]
    assert items[0] == {
        "00081150": {"vr": "UI", "Value": [datasets[0].SOPClassUID]},
        "00081155": {"vr": "UI", "Value": [datasets[0].SOPInstanceUID]},
        "00081190": {"vr": "UR", "Value": [server.dicomweb + dicom.path(datasets[0])]},
    }
    assert len(server.instances.find(server.store)) == 3


def test_a_single_file_is_stored_without_multipart(server, dicom):
    dataset = dicom.instance()
    response = server.post(dicom.encode(dataset), "application/dicom")
    assert response.status_code == 200
    url = f"{server.dicomweb}/studies/{dataset.StudyInstanceUID}"
    assert response.json()["00081190"] == {"vr": "UR", "Value": [url]}


@pytest.mark.parametrize("accept", ["", "*/*", "application/dicom+xml"])
def test_the_answer_is_xml_unless_json_is_asked_for(server, dicom, accept):
    file = dicom.file()
    stored = server.post(file, "application/dicom", accept=accept)
    failed = server.post(file, "application/dicom", accept=accept)
    assert (stored.status_code, failed.status_code) == (200, 409)
    for response, keyword in ((stored, "ReferencedSOPSequence"), (failed, "FailedSOPSequence")):
        assert response.headers["content-type"] == "application/dicom+xml"
        root = ElementTree.fromstring(response.content)
        assert keyword in [element.get("keyword") for element in root]
    tags = {element.get("tag"): element.get("vr") for element in ElementTree.fromstring(failed.content).iter()}
    assert tags["00081197"] == "US"
    assert "00090097" in tags
    assert "00091097" not in tags


def test_an_answer_in_another_form_is_not_acceptable_and_stores_nothing(server, dicom):
    response = server.post(dicom.file(), "application/dicom", accept="text/html")
    assert response.status_code == 406
    assert response.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert server.instances.find(server.store) == []


def test_good_parts_are_stored_beside_bad_ones(server, dicom):
    good, duplicate = dicom.instance(), dicom.file()
    server.stow(duplicate)
    truncated = dicom.file()[:-5]
    response = server.stow(duplicate, b"no DICOM at all", dicom.encode(good), truncated, b"")
    assert response.status_code == 409
    items = dicom.values(response.json(), FAILED)
    assert [dicom.values(item, "00081197") for item in items] == [[272], [49152], [49152], [49152]]
    assert details(response, dicom) == [
        "the instance already exists with the same bytes",
        "not a DICOM file: no DICM prefix at byte 128",
        "truncated: an element is longer than the bytes that are left",
        "not a DICOM file: no DICM prefix at byte 128",
    ]
    assert dicom.values(dicom.values(response.json(), STORED)[0], "00081155") == [good.SOPInstanceUID]
    assert server.instances.metrics(server.store)["instances"] == 2


def test_a_failed_item_names_what_could_be_read(server, dicom):
    dataset = dicom.instance(StudyInstanceUID=None)
    response = server.stow(dicom.encode(dataset))
    (item,) = response.json()[FAILED]["Value"]
    assert dicom.values(item, "00081150") == [dataset.SOPClassUID]
    assert dicom.values(item, "00081155") == [dataset.SOPInstanceUID]
    assert details(response, dicom) == ["StudyInstanceUID (0020,000D) is missing from the dataset"]


def test_an_instance_of_another_study_than_the_url_is_refused(server, dicom):
    inside, outside = dicom.instance(), dicom.instance()
    response = server.stow(dicom.encode(inside), dicom.encode(outside), study=f"/{inside.StudyInstanceUID}")
    assert response.status_code == 409
    assert details(response, dicom) == ["the instance's StudyInstanceUID (0020,000D) is not the study in the URL"]
    assert [stored.sop for stored in server.instances.find(server.store)] == [inside.SOPInstanceUID]


def test_an_identical_instance_is_a_success_when_the_setting_says_so(start, dicom):
    server = start(stow_identical_status=200)
    dataset = dicom.instance()
    file = dicom.encode(dataset)
    assert [server.stow(file).status_code for _ in range(2)] == [200, 200]
    dataset.PatientID = "other"
    assert server.stow(dicom.encode(dataset)).status_code == 409
    assert len(server.instances.find(server.store)) == 1


def test_twice_the_same_instance_in_one_request_is_stored_once(server, dicom):
    file = dicom.file()
    response = server.stow(file, file)
    assert response.status_code == 409
    assert len(dicom.values(response.json(), STORED)) == len(dicom.values(response.json(), FAILED)) == 1


def test_no_value_of_a_refused_file_is_in_the_answer_or_the_log(server, dicom, capfd):
    dataset = dicom.instance(StudyInstanceUID=None, SeriesInstanceUID=None)
    canaries = dicom.encode(dataset)
    for body in (canaries, canaries[:-3], canaries[128:], canaries.replace(b"UI", b"ZZ")):
        response = server.stow(body)
        assert response.status_code == 409
        assert "CANARY" not in response.text
    written = "".join(capfd.readouterr())
    assert "CANARY" not in written
    assert dataset.SOPInstanceUID not in written


@pytest.mark.parametrize(
    ("body", "content_type", "status", "sentence"),
    [
        (b"", "application/dicom", 400, "the body is empty"),
        (b"x", "", 400, "Content-Type"),
        (b"x", "text/plain", 400, "not one that can be stored"),
        (b"x", "multipart/related", 400, "no boundary parameter"),
        (b"x", 'multipart/related; type="application/dicom"', 400, "no boundary parameter"),
        (b"x", 'multipart/related; type="text/html"; boundary=b', 400, "not application/dicom"),
        (b"x", 'multipart/related; type="application/dicom"; boundary=b', 400, "does not contain the boundary"),
        (b"--b\r\n\r\nx", 'multipart/related; type="application/dicom"; boundary=b', 400, "before its closing"),
        (b"--b--", 'multipart/related; type="application/dicom"; boundary=b', 400, "no part"),
        (b"x", 'multipart/related; type="application/dicom+json"; boundary=b', 501, "not implemented"),
        (b"x", 'multipart/related; type="application/dicom+xml"; boundary=b', 501, "not implemented"),
    ],
)
def test_a_body_that_cannot_be_read_is_answered_with_googles_error(server, body, content_type, status, sentence):
    response = server.post(body, content_type)
    assert response.status_code == status
    assert sentence in response.json()["error"]["message"]
    assert response.json()["error"]["code"] == status
    assert server.instances.find(server.store) == []


def test_a_malformed_body_stores_none_of_its_good_parts(server, dicom):
    body = dicom.multipart(dicom.file(), dicom.file())[:-20]
    response = server.post(body, dicom.MULTIPART)
    assert response.status_code == 400
    assert "nothing was stored" in response.json()["error"]["message"]
    assert server.instances.find(server.store) == []


def test_a_part_of_another_type_fails_alone(server, dicom):
    one, two = dicom.multipart(dicom.file()), dicom.multipart(b"<html>", content_type=b"text/html")
    response = server.post(one.removesuffix(b"--b0undary--\r\n") + two, dicom.MULTIPART)
    assert response.status_code == 409
    assert details(response, dicom) == ["the part's Content-Type is not application/dicom"]
    assert len(server.instances.find(server.store)) == 1


def test_a_compressed_request_body_is_refused(server, dicom):
    headers = {"Content-Type": "application/dicom", "Content-Encoding": "gzip"}
    response = server.http.post(f"{server.dicomweb}/studies", data=dicom.file(), headers=headers, timeout=60)
    assert response.status_code == 501


def test_a_client_that_breaks_off_leaves_nothing_behind(server, dicom):
    host = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.putrequest("POST", f"/v1/{server.store}/dicomWeb/studies")
    connection.putheader("Content-Type", dicom.MULTIPART)
    connection.putheader("Content-Length", "100000")
    connection.endheaders(dicom.multipart(dicom.file(), dicom.file())[:-20])
    connection.close()
    # requests are answered in turn by one loop: once this is stored, the broken one has been received too
    assert server.stow(dicom.file()).status_code == 200
    assert len(server.instances.find(server.store)) == 1


def test_a_large_part_goes_through_a_file(server, dicom):
    rows = 2048
    dataset = dicom.instance(Rows=rows, Columns=rows, PixelData=b"\1\2" * rows * rows)
    file = dicom.encode(dataset)
    body = dicom.multipart(file)
    chunks = (body[at : at + 100_000] for at in range(0, len(body), 100_000))
    response = server.post(chunks, dicom.MULTIPART)
    assert response.status_code == 200
    (stored,) = server.instances.find(server.store)
    assert stored.path.read_bytes() == file


@pytest.mark.parametrize("study", ["/not-a-uid", "/" + "1" * 65])
def test_a_url_without_a_uid_where_one_belongs_is_refused(server, dicom, study):
    assert server.stow(dicom.file(), study=study).status_code == 400


def test_a_store_that_does_not_exist_takes_nothing(server, dicom):
    server.store = server.store + "-missing"
    response = server.stow(dicom.file())
    assert response.status_code == 404
    assert response.json()["error"]["status"] == "NOT_FOUND"


def test_both_api_versions_reach_the_same_store_and_no_other_version_does(server, dicom):
    server.stow(dicom.file())
    beta = f"{server.url}/v1beta1/{server.store}/dicomWeb/instances"
    assert len(server.http.get(beta, timeout=60).json()) == 1
    assert server.http.get(beta.replace("v1beta1", "v2"), timeout=60).status_code == 404


def test_of_the_files_inside_pydicom_129_are_stored_and_the_others_refused_for_these_reasons(server, dicom):
    reasons: Counter[str] = Counter()
    for path in dicom.samples():
        response = server.post(path.read_bytes(), "application/dicom")
        reasons.update(details(response, dicom) if response.status_code == 409 else [str(response.status_code)])
    assert reasons == {
        "200": 129,
        "the instance already exists with other bytes": 28,
        "the instance already exists with the same bytes": 1,
        "not a DICOM file: no DICM prefix at byte 128": 17,
        "SOPClassUID (0008,0016) is missing from the dataset": 14,
        "StudyInstanceUID (0020,000D) is missing from the dataset": 12,
        "truncated: an element is longer than the bytes that are left": 2,
        "truncated: a sequence item is longer than the bytes that are left": 1,
        "the file meta information has no Transfer Syntax UID (0002,0010)": 1,
    }
    assert server.instances.metrics(server.store)["instances"] == 129


def test_a_store_deleted_under_a_request_is_not_found(server, dicom):
    server.instances.delete_store(server.store)
    response = server.stow(dicom.file())
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "the DICOM store does not exist"
