"""The routes as clients nobody here wrote use them: dicomweb-client and Apache Beam's dicomio."""

from __future__ import annotations

import apache_beam as beam
import pydicom
import pytest
import requests
from apache_beam.io.gcp.healthcare.dicomclient import DicomApiHttpClient
from apache_beam.io.gcp.healthcare.dicomio import DicomSearch, UploadToDicomStore
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions
from apache_beam.testing import test_pipeline
from apache_beam.testing.util import assert_that, equal_to

WHERE = {"project_id": "p", "region": "l", "dataset_id": "d", "dicom_store_id": "s"}


def test_dicomweb_client_stores_searches_retrieves_and_deletes(server, dicom):
    client = server.client()
    dataset = dicom.instance()
    uids = (dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID)
    answer = client.store_instances([dataset])
    assert answer.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == dataset.SOPInstanceUID
    assert len(client.search_for_studies(search_filters={"PatientID": "CANARY-ID"})) == 1
    assert len(client.search_for_series(uids[0], fields=["Modality"])) == 1
    (found,) = client.search_for_instances(*uids[:2], limit=10, offset=0)
    assert pydicom.Dataset.from_json(found).SOPInstanceUID == dataset.SOPInstanceUID
    assert client.retrieve_instance(*uids).PixelData == dataset.PixelData
    assert client.retrieve_instance(*uids, media_types=(("application/dicom", "*"),)).PatientID == "CANARY-ID"
    assert [item.SOPInstanceUID for item in client.iter_study(uids[0])] == [dataset.SOPInstanceUID]
    (metadata,) = client.retrieve_study_metadata(uids[0])
    assert client.retrieve_instance_frames(*uids, frame_numbers=[1]) == [dataset.PixelData]
    assert client.retrieve_bulkdata(metadata["7FE00010"]["BulkDataURI"]) == [dataset.PixelData]
    client.delete_instance(*uids)
    assert client.search_for_instances() == []


def test_dicomweb_client_is_told_of_a_duplicate(server, dicom):
    client, dataset = server.client(), dicom.instance()
    client.store_instances([dataset])
    with pytest.raises(requests.HTTPError) as error:
        client.store_instances([dataset])
    assert error.value.response.status_code == 409


def test_dicomweb_client_stores_in_chunks(server, dicom):
    client = server.client()
    client.set_chunk_size(1000)
    client.store_instances([dicom.instance() for _ in range(5)])
    assert len(server.instances.find(server.store)) == 5


def test_dicomweb_client_takes_no_content_for_no_result(start):
    assert start(qido_empty_status=204).client().search_for_studies() == []


@pytest.fixture
def beam_client(server, monkeypatch):
    """Beam's own client, sent to the server, without Google credentials."""
    monkeypatch.setattr(DicomApiHttpClient, "healthcare_base_url", f"{server.url}/v1")
    monkeypatch.setattr(DicomApiHttpClient, "session", requests.Session())
    return DicomApiHttpClient()


def run(values, transform, check):
    options = PipelineOptions(runner="BundleBasedDirectRunner")
    options.view_as(DirectOptions).direct_num_workers = 1
    with test_pipeline.TestPipeline(options=options) as pipeline:
        assert_that(pipeline | beam.Create(values) | transform, check)


def test_beam_uploads_and_finds_what_it_uploaded(server, dicom, beam_client):
    datasets = [dicom.instance() for _ in range(3)]
    run(
        [dicom.encode(dataset) for dataset in datasets],
        UploadToDicomStore(WHERE, "bytes", client=None),
        equal_to([{"status": 200, "success": True}] * 3),
    )
    instances, status = beam_client.qido_search("p", "l", "d", "s", "instances", params={"limit": 2})
    assert status == 200
    found = {instance["00080018"]["Value"][0] for instance in instances}
    assert found == {dataset.SOPInstanceUID for dataset in datasets}


def test_beam_searches_with_parameters(server, dicom, beam_client):
    wanted = dicom.instance(PatientID="wanted")
    server.add(wanted, dicom.instance())
    query = {**WHERE, "search_type": "instances", "params": {"PatientID": "wanted"}}

    def check(results):
        (result,) = results
        assert result["success"]
        assert [item["00080018"]["Value"][0] for item in result["result"]] == [wanted.SOPInstanceUID]

    run([query], DicomSearch(), check)


def test_beam_is_told_of_a_refused_upload(server, beam_client):
    def check(results):
        assert [(result["status"], result["success"]) for result in results] == [(409, False)]

    run([b"no DICOM"], UploadToDicomStore(WHERE, "bytes"), check)
