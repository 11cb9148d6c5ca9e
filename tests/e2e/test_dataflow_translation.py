"""The graph is one that Dataflow's runner accepts; nothing is submitted, the job is written beside the manifests."""

from __future__ import annotations

import json

FLAGS = {
    "runner": "DataflowRunner",
    "project": "local",
    "region": "us-central1",
    "temp_location": "gs://e2e/tmp",
    "staging_location": "gs://e2e/staging",
    "sdk_container_image": "example/image:tag",
    "sdk_location": "container",
}


def test_the_batch_graph_translates_to_a_dataflow_job_without_a_key_in_it(stores):
    key = "Q0FOQVJZLUtFWS0wMTIzNDU2Nzg5QUJDREVGMDEyMzQ="
    config = {
        "dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"},
        "text": {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": {"cryptoKey": key}}]},
    }
    stores.manifest(*stores.store_studies(1, 1))
    bucket = stores.cloud.bucket()
    bucket.blob(f"{stores.name}/config.json").upload_from_string(json.dumps(config))
    run = stores.run(
        deidentify_config=f"gs://e2e/{stores.name}/config.json",
        audit_output=None,
        template_location=f"gs://e2e/{stores.name}/template",
        **FLAGS,
    )
    assert run.status == 0, run.output
    assert "staged" in run.output
    job = json.loads(bucket.blob(f"{stores.name}/template").download_as_bytes())
    assert job["type"] == "JOB_TYPE_BATCH"
    staged = b"".join(blob.download_as_bytes() for blob in bucket.client.list_blobs(bucket, prefix="staging/"))
    assert key.encode()[:20] not in staged + json.dumps(job).encode()
    assert stores.operations() == []


def test_a_local_configuration_is_refused_where_workers_could_not_read_it(stores):
    stores.manifest(*stores.store_studies(1, 1))
    run = stores.run(audit_output=None, **FLAGS)
    assert run.status == 2
    assert "--deidentify_config must be a gs:// URI" in run.output
