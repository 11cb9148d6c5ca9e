"""One batch run of many small instances on the embedded cloud: where its time and memory go.

    python -m benchmarks.batch_run [--studies 500] [--instances 4] [--batch 500]

Prints instances a second of storing, of the whole pipeline process, and the pipeline's peak memory. Client and server
share the machine: read ratios between two runs of the same machine, not absolute values.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pydicom
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

DATASET = "projects/local/locations/us-central1/datasets/bench"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--instances", type=int, default=4, help="per study")
    parser.add_argument("--batch", type=int, default=500, help="--max_instances_per_batch")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "emulator", "serve", "--port", "0", "--data", f"{folder}/cloud"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            measure(json.loads(server.stdout.readline()), asked, Path(folder))
        finally:
            server.terminate()
            server.wait(timeout=20)


def measure(endpoints: dict[str, str], asked: argparse.Namespace, folder: Path) -> None:
    url, total = endpoints["healthcare"], asked.studies * asked.instances
    parent = DATASET.rpartition("/datasets/")[0]
    requests.post(f"{url}/v1/{parent}/datasets?datasetId=bench", json={}, timeout=30).raise_for_status()
    for name in ("source", "destination"):
        made = requests.post(f"{url}/v1/{DATASET}/dicomStores?dicomStoreId={name}", json={}, timeout=30)
        made.raise_for_status()

    started = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda n: store(url, n // asked.instances, n % asked.instances), range(total)))
    report("store", total, time.perf_counter() - started)

    client = storage.Client(
        project="local", credentials=AnonymousCredentials(), client_options={"api_endpoint": endpoints["storage"]}
    )
    client.create_bucket("bench").blob("manifest.txt").upload_from_string("\n".join(paths))
    config = folder / "config.json"
    config.write_text('{"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}')
    command = [
        *(sys.executable, "-m", "pipeline", f"--source_store={DATASET}/dicomStores/source"),
        *(f"--destination_store={DATASET}/dicomStores/destination", "--input=gs://bench/manifest.txt"),
        *(f"--deidentify_config={config}", "--work_dir=gs://bench/work", "--poll_interval_secs=1"),
        *(f"--healthcare_endpoint={url}", f"--max_instances_per_batch={asked.batch}"),
    ]
    environment = os.environ | {
        "STORAGE_EMULATOR_HOST": endpoints["storage"],
        "GOOGLE_APPLICATION_CREDENTIALS": endpoints["credentials"],
        "GOOGLE_CLOUD_PROJECT": "local",
    }
    for what, extra in (("dry run", ["--dry_run"]), ("run", ["--run_id=a"]), ("resume", ["--run_id=a"]), ("skip", [])):
        started = time.perf_counter()
        subprocess.run(
            [*command, *extra], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        report(what, total, time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of one child process: {peak:.0f} MB")


def store(url: str, study: int, number: int) -> str:
    """Store one instance; return its path."""
    uids = f"1.2.826.{study}", f"1.2.826.{study}.1", f"1.2.826.{study}.1.{number}"
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, uids[2]
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uids[:2]
    dataset.PatientName, dataset.PatientID, dataset.StudyDate = "A^B", "1", "20200101"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    body = BytesIO()
    pydicom.dcmwrite(body, dataset, enforce_file_format=True)
    answer = requests.post(
        f"{url}/v1/{DATASET}/dicomStores/source/dicomWeb/studies",
        data=body.getvalue(),
        headers={"Content-Type": "application/dicom"},
        timeout=60,
    )
    answer.raise_for_status()
    return "/studies/{}/series/{}/instances/{}".format(*uids)


def report(what: str, instances: int, seconds: float) -> None:
    print(f"{what:<8} {instances} instances in {seconds:6.1f} s = {instances / seconds:6.0f}/s", flush=True)


if __name__ == "__main__":
    main()
