"""How-to: "De-identify data at the DICOM store level" and "De-identify a subset of a DICOM store"."""

from __future__ import annotations

import json

import pytest

UIDS = (
    "1.3.6.1.4.1.11129.5.1.201854290391432893460946240745559593763",
    "1.3.6.1.4.1.11129.5.1.303327499491957026103380014864616068710",
    "1.3.6.1.4.1.11129.5.1.97415866390999888717168863957686758029",
)
"""Study, series and instance after de-identification, as both sections print them."""

FILE = "gs://BUCKET/PATH/TO/FILE"
OTHER = {"SOPInstanceUID": "1.2.3", "StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3"}


@pytest.fixture
def subset(page):
    """The request of "Use a filter", its field name corrected: everywhere else it is `resourcePathsGcsUri`.

    The name stands for what the page itself calls it above the sample, DicomFilterConfig in the Discovery documents.
    """
    request = page.requests["subset"]
    assert request["filterConfig"] == {"resourcePathGcsUri": FILE}
    return request | {"filterConfig": {"resourcePathsGcsUri": FILE}}


def test_de_identify_data_at_the_dicom_store_level(page, run):
    """The URL of this sample ends with DESTINATION_DICOM_STORE_ID; the text above it says SOURCE_DICOM_STORE_ID."""
    done = run(page.requests["store_level"], page.sample())
    assert done.paths() == {UIDS}
    assert done.metadata()["00100010"]["Value"] == [{"Alphabetic": "Ann Johnson"}]
    assert done.operation["metadata"]["counter"] == {"success": "1"}


def test_the_sample_for_a_store_asks_for_the_same_as_the_sample_for_a_dataset(page, run):
    for_dataset = run(page.requests["keep_tag"], page.sample())
    for_store = run(page.requests["store_level"], page.sample())
    assert for_store.file() == for_dataset.file()


def test_a_whole_dataset_is_not_de_identified_by_the_embedded_api(page, cloud):
    """Most samples of the page are for datasets. They are run store by store here; the method answers 501."""
    request = page.requests["keep_tag"]
    answer = cloud.post("v1beta1/projects/my-project/locations/us-central1/datasets/conformance:deidentify", request)
    assert answer.status_code == 501
    assert "datasets.deidentify" in answer.json()["error"]["message"]


def test_the_misspelt_field_of_the_filter_sample_is_refused(page, cloud):
    """Taken for an unknown field and ignored, it would have the whole store de-identified."""
    source, destination = cloud.create_store(), cloud.create_store()
    cloud.store(page.sample(), source)
    request = json.loads(json.dumps(page.requests["subset"])) | {"destinationStore": destination}
    answer = cloud.post(f"v1/{source}:deidentify", request)
    assert answer.status_code == 400
    assert "resourcePathGcsUri" in answer.json()["error"]["message"]
    assert cloud.get(f"v1/{destination}/dicomWeb/instances").json() == []


def test_use_a_filter(page, cloud, run, subset, burned_in):
    """The printed request de-identifies by DEIDENTIFY_TAG_CONTENTS and redacts all text of the image.

    TM is not among the VRs that this profile inspects: the time of the study stays.
    """
    study, series, sop = (page.metadata()[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018"))
    cloud.objects[FILE] = f"/studies/{study}/series/{series}/instances/{sop}\n".encode()
    picture, boxes = burned_in
    done = run(subset, page.sample(picture), page.sample(**OTHER), version="v1")
    assert done.paths() == {UIDS}
    assert done.operation["metadata"]["counter"] == {"success": "1"}
    assert page.originals_in(done.file()) == {"110032"}
    assert done.metadata()["00080070"] == page.metadata()["00080070"]
    pixels = page.pixels(done.file())
    for left, top, right, bottom in boxes.values():
        assert not pixels[top:bottom, left:right].any()


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_the_sample_filter_file_selects_one_study_two_series_and_three_instances(page, cloud, run, subset, newline):
    r"""Its lines are printed with `\n` in letters, all but the first: newlines, as the text above them says."""
    printed = page.text("filter_file.txt")
    assert printed.count("\\n") == 5
    cloud.objects[FILE] = printed.replace("\\n", "").replace("\n", newline).encode()
    paths = {
        *(("1.123.456.789", "1", "1"), ("1.123.456.789", "2", "2")),
        *(("1.666.333.111", "123.456", "1"), ("1.666.333.111", "567.890", "2"), ("1.666.333.111", "3", "3")),
        *(("1.888.999.222", "123.456", sop) for sop in ("111", "222", "333", "444")),
        *(("1.888.999.222", "5", "5"), ("1.2.3", "6", "6")),
    }
    left_out = {
        ("1.666.333.111", "3", "3"),
        ("1.888.999.222", "123.456", "444"),
        ("1.888.999.222", "5", "5"),
        ("1.2.3", "6", "6"),
    }
    request = subset | {"config": {"dicom": {"filterProfile": "KEEP_ALL_PROFILE", "skipIdRedaction": True}}}
    keywords = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    done = run(
        request, *(page.sample(**dict(zip(keywords, path, strict=True))) for path in paths), version="v1", again=True
    )
    assert done.paths() == paths - left_out
    assert done.operation["metadata"]["counter"] == {"success": "7"}


def test_the_filter_file_with_newlines_in_letters_selects_nothing_and_fails(page, cloud):
    r"""`\n` in letters is no newline character: the operation ends without an instance in the destination."""
    source, destination = cloud.create_store(), cloud.create_store()
    cloud.store(page.sample(), source)
    cloud.objects[FILE] = page.text("filter_file.txt").encode()
    body = {
        "destinationStore": destination,
        "config": {"dicom": {"filterProfile": "KEEP_ALL_PROFILE"}},
        "filterConfig": {"resourcePathsGcsUri": FILE},
    }
    answer = cloud.post(f"v1/{source}:deidentify", body)
    operation = cloud.finished(answer.json()["name"], "v1")
    assert operation["error"]["code"] == 3
    assert "line 2" in operation["error"]["message"]
    assert cloud.get(f"v1/{destination}/dicomWeb/instances").json() == []
