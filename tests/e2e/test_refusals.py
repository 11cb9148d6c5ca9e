"""What is refused before anything is launched: exit status 2, a sentence that names the cure, no operation."""

from __future__ import annotations

import json

import pytest


def refused(stores, **flags):
    run = stores.run(**flags)
    assert run.status == 2, run.output
    assert stores.operations() == []
    return run.output


def test_a_glob_that_matches_nothing_is_named(stores):
    pattern = f"gs://e2e/{stores.name}/nothing/*.txt"
    assert f"--input {pattern}: no manifest matches" in refused(stores, input=pattern)


def test_an_empty_manifest_is_refused(stores):
    pattern = stores.manifest(data=b"")
    assert f"--input {pattern}: every manifest that matches is empty" in refused(stores)


def test_a_manifest_of_comments_asks_for_nothing_and_is_refused(stores):
    stores.manifest("# nothing", "", "  ")
    assert "no line names anything" in refused(stores)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"dicomTagConfig": {"profileTypo": "KEEP_ALL_PROFILE"}}, "$.dicomTagConfig.profileTypo"),
        ({"dicomTagConfig": {}, "dicom": {}}, "dicom"),
        ({"dicomTagConfig": {"profileType": "BASIC"}}, "$.dicomTagConfig.profileType"),
        ({"dicom": {}}, "$.dicom"),
        (
            {
                "dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
                "text": {"additionalTransformations": [{"cryptoHashConfig": {"cryptoKey": "c2hvcnQ="}}]},
            },
            "$.text.additionalTransformations[0].cryptoHashConfig.cryptoKey",
        ),
        (
            {"dicomTagConfig": {"actions": [{"queries": ["StudyInstanceUID"], "deleteTag": {}}]}},
            "$.dicomTagConfig.actions[0]",
        ),
    ],
    ids=["unknown field", "both versions", "bad enum", "keeps everything", "short key", "primary id deleted"],
)
def test_a_configuration_with_a_mistake_is_refused_with_its_json_path(stores, config, path):
    stores.manifest(*stores.store_studies(1, 1))
    assert path in refused(stores, deidentify_config=stores.config(config))


def test_a_configuration_may_be_yaml(stores):
    stores.manifest(*stores.store_studies(1, 1))
    config = stores.config("dicom:\n  filterProfile: ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE\n", "config.yaml")
    run = stores.run(deidentify_config=config)
    assert run.status == 0, run.output
    assert run.rows[0]["api_version"] == "v1"


def test_keys_made_per_operation_are_refused_when_the_plan_has_several_batches(stores):
    stores.manifest(*stores.store_studies(2, 1))
    config = {
        "dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
        "text": {"additionalTransformations": [{"dateShiftConfig": {}}]},
    }
    output = refused(stores, deidentify_config=stores.config(config), max_instances_per_batch=1)
    assert "cryptoKey" in output


def test_a_missing_destination_is_refused_with_the_command_that_creates_it(stores):
    stores.manifest(*stores.store_studies(1, 1))
    output = refused(stores, destination_store=f"{stores.dataset}/dicomStores/missing")
    assert "gcloud healthcare dicom-stores create missing" in output


def test_a_destination_in_another_location_is_refused(stores):
    stores.manifest(*stores.store_studies(1, 1))
    elsewhere = stores.destination.replace("us-central1", "europe-west4")
    assert "--location=us-central1" in refused(stores, destination_store=elsewhere)


def test_the_source_as_destination_is_refused(stores):
    stores.manifest(*stores.store_studies(1, 1))
    assert "store of their own" in refused(stores, destination_store=stores.source)


def test_an_audit_table_without_a_dataset_is_refused_with_the_command_that_creates_it(stores):
    stores.manifest(*stores.store_studies(1, 1))
    assert "bq mk --dataset local:absent" in refused(stores, audit_table="local:absent.audit")


def test_a_resume_with_other_flags_is_refused(stores):
    stores.manifest(*stores.store_studies(1, 2))
    assert stores.run().status == 0
    again = stores.run(max_instances_per_batch=1)
    assert again.status == 2
    assert "another max_instances_per_batch" in again.output


def test_unknown_flags_are_refused_before_a_connection_is_made(stores):
    assert "did you mean --source_store?" in refused(stores, sources_store="x")


def test_the_messages_hold_no_key(stores):
    stores.manifest(*stores.store_studies(1, 1))
    config = json.dumps(
        {"dicom": {}, "text": {"transformations": [{"cryptoHashConfig": {"cryptoKey": "Q0FOQVJZS0VZ"}}]}}
    )
    assert "Q0FOQVJZ" not in refused(stores, deidentify_config=stores.config(config))
