"""Keys of a de-identify operation, and text transformed over the wire."""

import base64
import re

import pydicom
import pytest
import requests
from googleapiclient.errors import HttpError

from emulator.deidentify.text.key_ring import KeyRing

KMS_KEY = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"
HASH = {"infoTypes": ["MEDICAL_RECORD_NUMBER"], "cryptoHashConfig": {}}
CONTENTS = {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}


def patient_ids(server):
    """PatientID of every instance in the destination."""
    answer = requests.get(f"{server.url}/v1/{server.destination}/dicomWeb/instances?includefield=PatientID", timeout=60)
    return [item["00100020"]["Value"][0] for item in answer.json()]


def hashing(**key):
    return {"dicom": CONTENTS, "text": {"additionalTransformations": [HASH | {"cryptoHashConfig": key}]}}


def test_without_a_key_an_operation_makes_one_and_keeps_it_over_a_restart(start_server):
    server = start_server(operation_min_seconds=3600)
    server.make_stores()
    server.store(*(server.dicom_file(sop=f"1.2.3.4.{number}") for number in range(1, 7)))
    name = server.deidentify(config=hashing())
    server.wait_for(lambda: server.get_operation(name)["metadata"].get("counter", {}).get("success") == "1")
    server.stop()
    server = start_server(operation_pace="immediate")
    assert server.wait(name)["metadata"]["counter"] == {"success": "6"}
    hashes = patient_ids(server)
    assert len(hashes) == 6
    assert len(set(hashes)) == 1
    assert re.fullmatch(r"[A-Za-z0-9+/]{43}=", hashes[0])


def test_another_operation_makes_another_key(server):
    for number in (1, 2):
        server.store(server.dicom_file(sop=f"1.2.3.4.{number}"))
        server.objects["gs://b/filter.txt"] = f"/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.{number}".encode()
        server.wait(server.deidentify(config=hashing(), filterConfig={"resourcePathsGcsUri": "gs://b/filter.txt"}))
    assert len(set(patient_ids(server))) == 2


def test_the_same_key_gives_the_same_hash_in_every_operation(server):
    key = base64.b64encode(b"k" * 31 + b"!").decode()
    for number in (1, 2):
        server.store(server.dicom_file(sop=f"1.2.3.4.{number}"))
        server.wait(server.deidentify(config=hashing(cryptoKey=key)))
    assert len(patient_ids(server)) == 2
    assert len(set(patient_ids(server))) == 1


def test_a_wrapped_key_is_unwrapped_by_the_key_ring(start_server, tmp_path):
    path = tmp_path / "ring.json"
    ring = KeyRing({}).with_new_key(KMS_KEY)
    ring.save(path)
    wrapped = base64.b64encode(ring.wrap(KMS_KEY, b"k" * 31 + b"!")).decode()
    server = start_server(kms_key_ring=str(path))
    server.make_stores()
    server.store(server.dicom_file())
    config = hashing(kmsWrapped={"wrappedKey": wrapped, "cryptoKey": KMS_KEY})
    assert server.wait(server.deidentify(config=config))["metadata"]["counter"] == {"success": "1"}
    assert len(patient_ids(server)[0]) == 44


def test_a_wrapped_key_is_refused_without_a_key_ring(server):
    config = hashing(kmsWrapped={"wrappedKey": "AAAA", "cryptoKey": KMS_KEY})
    with pytest.raises(HttpError) as refused:
        server.deidentify(config=config)
    assert refused.value.status_code == 400
    assert "kmsWrapped" in refused.value.reason


def test_the_configuration_of_the_how_to_cleans_a_name(server):
    server.store(server.dicom_file(PatientName="Ann Johnson"))
    config = {
        "dicomTagConfig": {"actions": [{"queries": ["PatientName"], "cleanTextTag": {}}]},
        "text": {"additionalTransformations": [{"infoTypes": ["PERSON_NAME"], "replaceWithInfoTypeConfig": {}}]},
    }
    server.wait(server.deidentify("v1beta1", config=config))
    answer = requests.get(f"{server.url}/v1/{server.destination}/dicomWeb/instances", timeout=60).json()
    uids = (answer[0][tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018"))
    study, series, sop = uids
    metadata = requests.get(
        f"{server.url}/v1/{server.destination}/dicomWeb/studies/{study}/series/{series}/instances/{sop}/metadata",
        timeout=60,
    ).json()
    assert pydicom.Dataset.from_json(metadata[0]).PatientName == "[PERSON_NAME]"
