"""The demo, step by step."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import requests
from google.cloud import storage

from demo.cloud import Cloud, create_resources, open_bucket, open_session, running_cloud
from demo.console import Console
from demo.errors import DemoError
from demo.export import export_store
from demo.inputs import Offered, bundled_files, folder_files
from demo.manifest import manifest_text, run_id_for, write_manifest
from demo.names import DESTINATION, MANIFEST_GLOB, SOURCE, Layout, account_object
from demo.pipeline_run import pipeline_arguments, run_pipeline
from demo.report import account_text, count_rows, places_text, stored_text, write_skipped
from demo.stow import Stored, store_files
from emulator.samples import write_samples


@dataclass(frozen=True)
class Asked:
    """What the command line asks for; all paths absolute. `dicom` None means the default data."""

    out: Path
    config: Path
    dicom: Path | None


def run_demo(asked: Asked, layout: Layout, console: Console) -> int:
    """Run all steps and return the demo's exit status: the pipeline's.

    Raises:
        DemoError: a step before or after the pipeline cannot be done.
    """
    started = time.monotonic()
    console.say("1. starting the embedded cloud")
    with running_cloud(layout.cloud, layout.cloud_log) as cloud, open_session() as session:
        create_resources(cloud, session)
        console.say(f"2. storing DICOM files over STOW-RS{_what(asked)}")
        stored = _store(session, cloud, asked, layout, console)
        console.say(stored_text(stored))
        has_skipped = write_skipped(layout.skipped, stored.skipped)
        if not stored.paths:
            raise DemoError(f"no DICOM instance could be stored. The reason for each file is in {layout.skipped}")
        bucket = open_bucket(cloud)
        run_id = _prepare(bucket, stored, asked)
        console.say(f"3. manifest of {len(stored.paths)} instances at {MANIFEST_GLOB}")
        console.say(f"4. python -m pipeline --run_id={run_id}")
        arguments = pipeline_arguments(
            config=asked.config, run_id=run_id, audit=layout.audit, endpoint=cloud.healthcare
        )
        status = run_pipeline(arguments, cloud, lambda line: console.say(f"   | {line}"))
        account = _fetch_account(bucket, run_id, layout)
        if account is None:
            console.say(f"the pipeline ended with status {status} and left no account; see {layout.run_log}")
            return status or 1
        console.say("5. exporting the destination store over WADO-RS")
        exported = export_store(
            session,
            cloud.dicom_web(DESTINATION),
            layout.deidentified,
            lambda count: console.progress(f"   {count} exported"),
        )
        console.say("6. stopping the embedded cloud")
    console.say(f"\nThe account of {run_id}, after {time.monotonic() - started:.0f} s:")
    console.say(account_text(account))
    rows = count_rows(layout.audit)
    console.say(places_text(layout, exported=exported, rows=rows, skipped=has_skipped))
    return status


def _what(asked: Asked) -> str:
    return ": the files inside pydicom, and generated studies" if asked.dicom is None else ": your folder"


def _store(session: requests.Session, cloud: Cloud, asked: Asked, layout: Layout, console: Console) -> Stored:
    files = folder_files(asked.dicom, leave_out=asked.out) if asked.dicom else _default_files(layout)
    return store_files(
        session,
        cloud.dicom_web(SOURCE),
        files,
        lambda stored: console.progress(f"   {stored.files} files, {len(stored.paths)} instances"),
    )


def _default_files(layout: Layout) -> Iterable[Offered]:
    written = write_samples(layout.samples)
    samples = (Offered(path, str(path.relative_to(layout.out))) for path in written.files)
    return chain(bundled_files(), samples)


def _prepare(bucket: storage.Bucket, stored: Stored, asked: Asked) -> str:
    text = manifest_text(stored.paths)
    write_manifest(bucket, text)
    return run_id_for(text, asked.config.read_bytes())


def _fetch_account(bucket: storage.Bucket, run_id: str, layout: Layout) -> dict[str, Any] | None:
    """Copy the account out of the cloud; None when the run has none."""
    blob = bucket.get_blob(account_object(run_id))
    if blob is None:
        return None
    data = blob.download_as_bytes()
    draft = layout.account.with_name(layout.account.name + ".part")
    draft.write_bytes(data)
    draft.replace(layout.account)
    account: dict[str, Any] = json.loads(data)
    return account
