"""Deleting over HTTP: studies and series as operations, instances at once."""

from __future__ import annotations

import pytest


def test_a_study_is_deleted_by_an_operation_of_its_dataset(server, dicom):
    dataset, other = dicom.instance(), dicom.instance()
    server.add(dataset, dicom.instance(StudyInstanceUID=dataset.StudyInstanceUID), other)
    response = server.http.delete(f"{server.dicomweb}/studies/{dataset.StudyInstanceUID}", timeout=60)
    assert response.status_code == 200
    assert response.json() == {"name": "projects/p/locations/l/datasets/d/operations/1"}
    method = "google.cloud.healthcare.v1.dicomweb.DicomWebService.DeleteStudy"
    assert server.operations.ran == [("projects/p/locations/l/datasets/d", "v1", method, 2)]
    assert [stored.sop for stored in server.instances.find(server.store)] == [other.SOPInstanceUID]


def test_a_series_is_deleted_by_an_operation_in_the_version_asked_for(server, dicom):
    dataset = dicom.instance()
    server.add(dataset, dicom.instance(StudyInstanceUID=dataset.StudyInstanceUID))
    series = f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
    response = server.http.delete(server.dicomweb.replace("/v1/", "/v1beta1/") + series, timeout=60)
    assert response.status_code == 200
    assert server.operations.ran[0][1:] == (
        "v1beta1",
        "google.cloud.healthcare.v1beta1.dicomweb.DicomWebService.DeleteSeries",
        1,
    )
    assert server.instances.metrics(server.store)["series"] == 1


def test_an_instance_is_gone_when_its_deletion_answers(server, dicom):
    dataset = dicom.instance()
    server.add(dataset)
    response = server.http.delete(server.dicomweb + dicom.path(dataset), timeout=60)
    assert (response.status_code, response.json()) == (200, {})
    assert server.operations.ran == []
    assert server.search("/studies") == []
    assert server.http.delete(server.dicomweb + dicom.path(dataset), timeout=60).status_code == 404


@pytest.mark.parametrize("path", ["/studies/1.2", "/studies/1.2/series/1.3", "/studies/1.2/series/1.3/instances/1.4"])
def test_deleting_what_is_not_there_is_not_found_and_starts_nothing(server, path):
    assert server.http.delete(server.dicomweb + path, timeout=60).status_code == 404
    assert server.operations.ran == []


def test_a_deleted_instance_can_be_stored_again(server, dicom):
    dataset = dicom.instance()
    server.add(dataset)
    server.http.delete(server.dicomweb + dicom.path(dataset), timeout=60)
    server.add(dataset)
    assert len(server.instances.find(server.store)) == 1
