"""No DICOM value, UID, path, file name or key in anything a person or a log collector sees."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import requests

KEY = "Q0FOQVJZLUtFWS0wMTIzNDU2Nzg5QUJDREVGMDEyMzQ="
UID = re.compile(r"\b1\.2\.826\.\d|\b1\.3\.6\.1\.4\.1\.11129\.5\.1\.\d")
CANARY = re.compile("CANARY|19700101")


def test_output_of_a_run_with_every_outcome_is_free_of_identifiers(stores):
    paths = stores.store_studies(3, 2)
    stores.manifest(*paths[:2], name="CANARY-manifest.txt")
    first = stores.run()
    stores.manifest(*paths, "/studies/1.2.826.999/series/1/instances/1", "CANARY NAME", name="CANARY-manifest.txt")
    second = stores.run(run_id="run-2")
    assert set(second.outcomes()) == {
        "SKIPPED/ALREADY_DEIDENTIFIED", "DEIDENTIFIED", "REJECTED/NOT_IN_SOURCE", "REJECTED/NOT_A_PATH",
    }  # fmt: skip
    for run in (first, second):
        assert not UID.search(run.output)
        assert not CANARY.search(run.output)
    assert not UID.search(str(second.account))


def test_output_is_free_of_identifiers_when_the_store_cannot_be_reached(stores, proxy):
    stores.manifest(*stores.store_studies(1, 1))
    between = proxy()
    between.server.shutdown()
    between.server.server_close()
    run = stores.run(healthcare_endpoint=between.url)
    assert run.status == 2, run.output
    assert "check --healthcare_endpoint" in run.output
    assert not UID.search(run.output)


def test_ledger_rows_and_output_hold_no_dicom_value_and_no_key(stores):
    stores.manifest(*stores.store_studies(1, 2))
    config = {
        "dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"},
        "text": {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": {"cryptoKey": KEY}}]},
    }
    run = stores.run(deidentify_config=stores.config(config))
    seen = run.output + str(run.rows) + str(run.account)
    seen += "".join(stores.read_ledger(name).decode() for name in stores.ledger())
    assert run.account is not None
    assert KEY[:12] not in seen
    assert not CANARY.search(seen)


def test_what_the_destination_holds_has_none_of_the_planted_values(stores):
    stores.manifest(*stores.store_studies(1, 2))
    run = stores.run()
    for row in run.rows:
        path = "studies/{deid_study_instance_uid}/series/{deid_series_instance_uid}/instances/{deid_sop_instance_uid}"
        answer = requests.get(
            f"{stores.cloud.url}/v1/{stores.destination}/dicomWeb/{path.format(**row)}",
            headers={"Accept": "application/dicom; transfer-syntax=*"},
            timeout=30,
        )
        answer.raise_for_status()
        assert not re.search(rb"CANARY|1\.2\.826\.1", answer.content)


def test_the_pipeline_runs_without_the_emulator_beside_it(tmp_path: Path):
    root = Path(__file__).parents[2]
    (tmp_path / "pipeline").symlink_to(root / "pipeline")
    code = "import pipeline.run, sys; assert not any(name.startswith('emulator') for name in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
