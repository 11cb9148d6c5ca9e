"""A launch has no request id: whatever becomes of the POST, one batch costs one successful operation."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("fault", ["lost", "unanswered", "503"])
def test_a_launch_without_an_answer_leads_to_one_operation(stores, proxy, fault):
    stores.manifest(*stores.store_studies(2, 2))
    between = proxy(fault)
    run = stores.run(healthcare_endpoint=between.url)
    assert between.consumed == [fault]
    assert run.status == 0, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 4}
    assert len(stores.operations()) == 1


def test_two_unanswered_launches_are_told_apart_by_the_destination(stores, proxy):
    stores.manifest(*stores.store_studies(2, 2))
    between = proxy("unanswered", "lost")
    run = stores.run(healthcare_endpoint=between.url, max_instances_per_batch=2)
    assert between.consumed == ["unanswered", "lost"]
    assert run.account["balanced"], run.output
    assert run.outcomes() == {"DEIDENTIFIED": 4}
    counters = [operation["metadata"]["counter"] for operation in stores.operations()]
    assert counters == [{"success": "2"}, {"success": "2"}]


def test_over_quota_the_batch_waits_for_its_turn(start_cloud, make_stores):
    stores = make_stores(start_cloud(max_concurrent_deidentify_operations=1, operation_min_seconds=1))
    stores.manifest(*stores.store_studies(3, 1))
    run = stores.run(max_instances_per_batch=1, max_concurrent_operations=3)
    assert run.status == 0, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 3}
    assert "over quota" in run.output
    assert len(stores.operations()) == 3


def test_a_refused_launch_fails_its_instances_with_the_status(stores, cloud):
    stores.manifest(*stores.store_studies(1, 2))
    kms = {"wrappedKey": "AAAA", "cryptoKey": "projects/p/locations/global/keyRings/r/cryptoKeys/unknown"}
    config = {
        "dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
        "text": {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": {"kmsWrapped": kms}}]},
    }
    run = stores.run(deidentify_config=stores.config(config))
    assert run.status == 1, run.output
    assert run.outcomes() == {"FAILED/LAUNCH_REFUSED": 2}
    assert {row["detail"] for row in run.rows} == {"HTTP 400"}
