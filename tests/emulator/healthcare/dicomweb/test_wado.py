"""WADO-RS over HTTP: stored bytes, Explicit VR Little Endian, metadata, frames, bulk data."""

from __future__ import annotations

from io import BytesIO

import numpy
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

STORED = "application/dicom; transfer-syntax=*"
MULTIPART_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'


def add(server, file):
    """Store one file and return its path."""
    response = server.stow(file)
    assert response.status_code == 200, response.text
    stored = server.instances.find(server.store)[-1]
    return f"/studies/{stored.study}/series/{stored.series}/instances/{stored.sop}"


def parts(response):
    """The (headers, body) of each part of a multipart answer."""
    boundary = response.headers["content-type"].split("boundary=")[1].strip('"').encode()
    pieces = response.content.split(b"\r\n--" + boundary)
    assert pieces[0] == b""
    assert pieces[-1] == b"--\r\n"
    return [tuple(piece.removeprefix(b"\r\n").split(b"\r\n\r\n", 1)) for piece in pieces[1:-1]]


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "JPEG2000.dcm", "rtplan.dcm", "image_dfl.dcm", "MR_small_bigendian.dcm"]
)
def test_any_transfer_syntax_gives_the_stored_bytes(server, dicom, name):
    file = dicom.sample(name)
    path = add(server, file)
    single = server.get(path, STORED)
    assert single.content == file
    syntax = pydicom.dcmread(BytesIO(file), stop_before_pixels=True).file_meta.TransferSyntaxUID
    assert single.headers["content-type"] == f"application/dicom; transfer-syntax={syntax}"
    multi = server.get(path, MULTIPART_STORED)
    assert multi.headers["content-type"].startswith('multipart/related; type="application/dicom"; boundary=')
    assert parts(multi) == [(f"Content-Type: application/dicom; transfer-syntax={syntax}".encode(), file)]


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "JPEG2000.dcm",
        "MR_small_RLE.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "MR_small_bigendian.dcm",
        "image_dfl.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",
    ],
)
def test_the_default_is_explicit_vr_little_endian_with_the_same_pixels_and_uids(server, dicom, name):
    file = dicom.sample(name)
    path = add(server, file)
    answered = pydicom.dcmread(BytesIO(server.get(path, "application/dicom").content))
    original = pydicom.dcmread(BytesIO(file))
    assert answered.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert answered.SOPInstanceUID == original.SOPInstanceUID
    assert answered.PatientName == original.PatientName
    assert numpy.array_equal(answered.pixel_array, original.pixel_array)


def test_a_stored_explicit_little_endian_file_is_answered_byte_for_byte_by_default(server, dicom):
    file = dicom.file()
    path = add(server, file)
    for accept in (None, "*/*", 'multipart/related; type="application/dicom"'):
        assert parts(server.get(path, accept))[0][1] == file
    assert server.get(path, "application/dicom").content == file


def test_big_endian_words_are_turned_around(server, dicom):
    dataset = dicom.instance()
    dataset.PixelData = numpy.arange(6, dtype=">u2").tobytes()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    path = add(server, dicom.encode(dataset, little=False))
    answered = pydicom.dcmread(BytesIO(server.get(path, "application/dicom").content))
    assert answered.PixelData == numpy.arange(6, dtype="<u2").tobytes()
    assert answered.Rows == 2


def test_implicit_vr_becomes_explicit(server, dicom):
    dataset = dicom.instance()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    path = add(server, dicom.encode(dataset, implicit=True))
    answered = pydicom.dcmread(BytesIO(server.get(path, "application/dicom").content))
    assert answered.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert answered.PixelData == dataset.PixelData


def test_what_cannot_be_decompressed_is_not_acceptable_and_the_cure_is_named(server, dicom):
    name = "JPEG-lossy.dcm"  # 12 bits
    path = add(server, dicom.sample(name))
    for accept in (None, "application/dicom"):
        response = server.get(path, accept)
        assert response.status_code == 406
        assert "transfer-syntax=*" in response.json()["error"]["message"]
    fallback = server.get(path, f"application/dicom, {STORED}; q=0.5")
    assert fallback.content == dicom.sample(name)


def test_temporary_files_are_gone_after_the_answer(server, dicom, tmp_path):
    path = add(server, dicom.sample("JPEG2000.dcm"))
    add(server, dicom.sample("SC_rgb_jpeg_gdcm.dcm"))
    study = path.split("/series")[0]
    assert server.get(path, "application/dicom").status_code == 200
    assert server.get(study).status_code == 200
    assert list(tmp_path.rglob("staging/*")) == []


def test_a_study_and_a_series_are_answered_in_parts(server, dicom):
    one = dicom.instance()
    two = dicom.instance(StudyInstanceUID=one.StudyInstanceUID)
    files = [dicom.encode(dataset) for dataset in (one, two)]
    server.stow(*files, dicom.file())
    study = f"/studies/{one.StudyInstanceUID}"
    assert [body for _, body in parts(server.get(study))] == files
    assert [body for _, body in parts(server.get(f"{study}/series/{two.SeriesInstanceUID}"))] == files[1:]


def test_one_instance_that_cannot_be_decompressed_refuses_the_study_before_it_begins(server, dicom):
    undecodable = pydicom.dcmread(BytesIO(dicom.sample("JPEG-lossy.dcm")))
    good = dicom.instance(StudyInstanceUID=undecodable.StudyInstanceUID)
    server.stow(dicom.encode(good), dicom.sample("JPEG-lossy.dcm"))
    study = f"/studies/{undecodable.StudyInstanceUID}"
    assert server.get(study).status_code == 406
    assert len(parts(server.get(study, MULTIPART_STORED))) == 2


@pytest.mark.parametrize(
    "accept",
    [
        "image/png",
        "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.90",
        'multipart/related; type="application/dicom+xml"',
        "application/json",
    ],
)
def test_a_form_that_the_store_cannot_give_is_not_acceptable(server, dicom, accept):
    assert server.get(add(server, dicom.file()), accept).status_code == 406


def test_a_study_is_not_answered_as_a_single_file(server, dicom):
    study = add(server, dicom.file()).split("/series")[0]
    assert server.get(study, "application/dicom").status_code == 406


def test_metadata_has_every_attribute_and_a_uri_for_bulk_data(server, dicom):
    dataset = dicom.instance()
    path = add(server, dicom.encode(dataset))
    for below in (path, path.split("/instances")[0], path.split("/series")[0]):
        response = server.get(f"{below}/metadata")
        assert response.headers["content-type"] == "application/dicom+json"
        (metadata,) = response.json()
        uri = metadata.pop("7FE00010")["BulkDataURI"]
        assert pydicom.Dataset.from_json(metadata).PatientName == "CANARY^NAME"
        assert len(metadata) == len(dataset) - 1
        bulk = server.http.get(uri, headers={"Accept": "application/octet-stream"}, timeout=60)
        assert bulk.content == dataset.PixelData


def test_metadata_is_json_only(server, dicom):
    path = add(server, dicom.file())
    assert server.get(f"{path}/metadata", 'multipart/related; type="application/dicom+xml"').status_code == 406


def test_bulk_data_inside_a_sequence_is_found(server, dicom):
    item = pydicom.Dataset()
    item.EncapsulatedDocument = b"\1\2\3\4"
    path = add(server, dicom.file(ReferencedImageSequence=[pydicom.Dataset(), item]))
    (metadata,) = server.get(f"{path}/metadata").json()
    uri = metadata["00081140"]["Value"][1]["00420011"]["BulkDataURI"]
    assert uri.endswith("/bulkdata/00081140/2/00420011")
    response = server.http.get(uri, timeout=60)
    assert parts(response) == [(b"Content-Type: application/octet-stream", b"\1\2\3\4")]


@pytest.mark.parametrize(
    "element", ["00091001", "7FE00010/1/00091001", "x", "00081140/9/00420011", "00081140", "00081140/1", "-1"]
)
def test_bulk_data_that_is_not_there_is_not_found(server, dicom, element):
    path = add(server, dicom.file(ReferencedImageSequence=[pydicom.Dataset()]))
    assert server.get(f"{path}/bulkdata/{element}").status_code == 404


def test_native_frames_are_answered_in_the_order_asked_for(server, dicom):
    path = add(server, dicom.file(NumberOfFrames=3, PixelData=b"".join(bytes([n]) * 12 for n in (1, 2, 3))))
    response = server.get(f"{path}/frames/3,1")
    assert [body for _, body in parts(response)] == [b"\3" * 12, b"\1" * 12]
    assert parts(response)[0][0] == b"Content-Type: application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
    assert server.get(f"{path}/frames/2", "application/octet-stream").content == b"\2" * 12


def test_compressed_frames_are_decompressed_or_answered_as_stored(server, dicom):
    file = dicom.sample("JPEG2000.dcm")
    path = add(server, file)
    original = pydicom.dcmread(BytesIO(file))
    (_, native) = parts(server.get(f"{path}/frames/1"))[0]
    assert native == original.pixel_array.tobytes()
    stored = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
    for accept in (stored, 'multipart/related; type="image/jp2"'):
        (header, compressed) = parts(server.get(f"{path}/frames/1", accept))[0]
        assert compressed[:4] == b"\xff\x4f\xff\x51"
        assert header.endswith(b"transfer-syntax=1.2.840.10008.1.2.4.91")
    assert server.get(f"{path}/frames/1", "image/jpeg").status_code == 406


@pytest.mark.parametrize(
    ("frames", "status"),
    [("2", 404), ("1,2", 404), ("0", 400), ("-1", 400), ("a", 400), ("1,,1", 400), ("1" * 12, 400)],
)
def test_frames_that_are_not_there_are_refused(server, dicom, frames, status):
    assert server.get(f"{add(server, dicom.file())}/frames/{frames}").status_code == status


def test_an_instance_without_pixels_has_no_frames(server, dicom):
    response = server.get(f"{add(server, dicom.file(PixelData=None))}/frames/1")
    assert response.status_code == 400
    assert "no pixel data" in response.json()["error"]["message"]


@pytest.mark.parametrize("suffix", ["", "/metadata"])
@pytest.mark.parametrize("path", ["/studies/1.2.3", "/studies/1.2.3/series/1.2.4", "/studies/1/series/2/instances/3"])
def test_what_is_not_stored_is_not_found(server, path, suffix):
    response = server.get(path + suffix)
    assert response.status_code == 404
    assert response.json()["error"]["status"] == "NOT_FOUND"
    assert "1.2.3" not in response.json()["error"]["message"]


def test_metrics_of_a_study_and_a_series(server, dicom):
    one = dicom.instance()
    two = dicom.instance(StudyInstanceUID=one.StudyInstanceUID)
    server.add(one, two)
    size = sum(stored.size for stored in server.instances.find(server.store))
    study = f"/studies/{one.StudyInstanceUID}"
    assert server.get(f"{study}:getStudyMetrics").json() == {
        "study": f"{server.store}/dicomWeb{study}",
        "seriesCount": "2",
        "instanceCount": "2",
        "blobStorageSizeBytes": str(size),
    }
    series = f"{study}/series/{two.SeriesInstanceUID}"
    metrics = server.get(f"{series}:getSeriesMetrics").json()
    assert (metrics["series"], metrics["instanceCount"]) == (f"{server.store}/dicomWeb{series}", "1")


def test_no_value_reaches_a_warning_or_the_log_while_an_instance_is_rewritten(server, dicom, recwarn, caplog, capfd):
    dataset = dicom.instance(FrameOfReferenceUID="1.2.345678", InstanceNumber="123456")
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    # values that pydicom would quote in a warning
    file = dicom.encode(dataset, implicit=True).replace(b"1.2.345678", b"1.2.CANARY").replace(b"123456", b"CANARY")
    path = add(server, file)
    assert server.get(path, "application/dicom").status_code == 200
    assert server.get(f"{path}/metadata").status_code == 200
    told = [str(warning.message) for warning in recwarn] + [caplog.text, *capfd.readouterr()]
    assert not any("CANARY" in text or dataset.SOPInstanceUID in text for text in told)
