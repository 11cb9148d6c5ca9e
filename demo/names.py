"""What things are called in the demo's cloud, and where they lie in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROJECT = "deid-demo"
LOCATION = "us-central1"
PARENT = f"projects/{PROJECT}/locations/{LOCATION}"
DATASET = f"{PARENT}/datasets/demo"
SOURCE = f"{DATASET}/dicomStores/source"
DESTINATION = f"{DATASET}/dicomStores/deidentified"

BUCKET = "demo"
MANIFEST = "manifests/instances.txt"
MANIFEST_GLOB = f"gs://{BUCKET}/manifests/*.txt"
WORK_DIR = f"gs://{BUCKET}/work"

AUDIT_DATASET = "audit"
AUDIT_TABLE = f"{PROJECT}:{AUDIT_DATASET}.instances"

ROOT = Path(__file__).resolve().parents[1]
"""Where `python -m emulator` and `python -m pipeline` are found."""

DEFAULT_CONFIG = ROOT / "templates" / "configs" / "basic.json"


def account_object(run_id: str) -> str:
    """The object, inside the bucket, that holds a run's account."""
    return f"work/runs/{run_id}/account.json"


@dataclass(frozen=True)
class Layout:
    """The files under OUT."""

    out: Path

    @property
    def cloud(self) -> Path:
        """All data of the embedded services; kept, so that a second demo finds its work done."""
        return self.out / "cloud"

    @property
    def cloud_log(self) -> Path:
        """What the embedded services wrote to standard error."""
        return self.out / "cloud.log"

    @property
    def samples(self) -> Path:
        """The generated studies."""
        return self.out / "samples"

    @property
    def run_log(self) -> Path:
        """Everything the demo and the pipeline said: counts and digests, nothing identifying."""
        return self.out / "run.log"

    @property
    def skipped(self) -> Path:
        """Files that were not stored, by name and reason: identifying, as file names are."""
        return self.out / "skipped.txt"

    @property
    def account(self) -> Path:
        """The closing account, as the pipeline wrote it."""
        return self.out / "account.json"

    @property
    def audit(self) -> Path:
        """One row for each instance: identifying, it holds original UIDs."""
        return self.out / "audit.jsonl"

    @property
    def deidentified(self) -> Path:
        """The de-identified instances, by their new UIDs."""
        return self.out / "deidentified"
