"""Every flag, as a person or a flex template gives it."""

from __future__ import annotations

import re
from argparse import Namespace
from typing import Any

import pytest
from apache_beam.options.pipeline_options import DirectOptions, GoogleCloudOptions, StandardOptions

from pipeline.model.errors import Refused
from pipeline.model.names import DicomStoreName
from pipeline.model.outcome import Outcome
from pipeline.options import LOCAL_BATCH_RUNNER, RUN_ID, help_text, parse_options, runs_locally

DATASET = "projects/p/locations/us-central1/datasets/d/dicomStores"
REQUIRED = {
    "source_store": f"{DATASET}/source",
    "destination_store": f"{DATASET}/destination",
    "input": "gs://bucket/*.txt",
    "deidentify_config": "deid.json",
    "work_dir": "gs://bucket/work",
}


def argv(*more: str, **changes: str | None) -> list[str]:
    """The required flags, changed or (None) left out, and more flags."""
    flags = {**REQUIRED, **changes}
    return [f"--{name}={value}" for name, value in flags.items() if value is not None] + list(more)


def parse(*more: str, **changes: str | None) -> Namespace:
    own, _ = parse_options(argv(*more, **changes))
    return own


def refusal(*more: str, **changes: str | None) -> str:
    with pytest.raises(Refused) as caught:
        parse_options(argv(*more, **changes))
    return str(caught.value)


# What is needed.


def test_the_required_flags_suffice() -> None:
    own = parse()
    assert own.source_store == DicomStoreName("p", "us-central1", "d", "source")
    assert own.destination_store == DicomStoreName("p", "us-central1", "d", "destination")
    assert (own.input, own.deidentify_config, own.work_dir) == ("gs://bucket/*.txt", "deid.json", "gs://bucket/work")


def test_the_defaults_are_those_of_the_manual() -> None:
    own = parse()
    assert (own.max_instances_per_batch, own.max_concurrent_operations, own.poll_interval_secs) == (10_000, 5, 10.0)
    assert (own.filter_level, own.skip_occupied, own.split_large_studies, own.dry_run) == ("instance",) + (False,) * 3
    assert own.healthcare_endpoint == "https://healthcare.googleapis.com"
    assert (own.audit_table, own.audit_output, own.tolerate_outcomes) == (None, None, frozenset())


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_missing_flag_is_named(name: str) -> None:
    assert refusal(**{name: None}).startswith(f"missing --{name}. ")


def test_all_missing_flags_are_named_at_once() -> None:
    with pytest.raises(Refused) as caught:
        parse_options([])
    assert [name for name in REQUIRED if f"--{name}" not in str(caught.value)] == []


@pytest.mark.parametrize("name", ["input", "deidentify_config"])
def test_an_empty_value_is_a_missing_flag(name: str) -> None:
    assert refusal(**{name: ""}).startswith(f"missing --{name}. ")


def test_a_value_may_follow_its_flag_after_a_blank() -> None:
    assert parse("--run_id", "night-1").run_id == "night-1"


# Unknown flags.


@pytest.mark.parametrize(
    ("flag", "meant"),
    [
        ("--sources_store=x", "--source_store"),
        ("--max_instance_per_batch=5", "--max_instances_per_batch"),
        ("--dryrun", "--dry_run"),
        ("--tmp_location=gs://bucket/t", "--temp_location"),
    ],
)
def test_a_misspelt_flag_is_refused_with_the_flag_that_was_meant(flag: str, meant: str) -> None:
    word = flag.partition("=")[0]
    assert refusal(flag).startswith(f"unknown flag {word}; did you mean {meant}?")


def test_a_flag_like_no_other_is_refused_without_a_guess() -> None:
    assert refusal("--xyzzy=1").startswith("unknown flag --xyzzy. ")


def test_the_value_of_an_unknown_flag_is_not_repeated() -> None:
    assert "CANARY" not in refusal("--xyzzy=CANARY")


@pytest.mark.parametrize("flag", ["--sou=x", "--max_inst=5", "--dry", "--run=x"])
def test_a_flag_is_not_guessed_from_its_beginning(flag: str) -> None:
    assert refusal(flag).startswith("unknown flag ")


def test_a_word_that_is_no_flag_is_refused() -> None:
    assert refusal("stray").startswith("unknown flag stray")


# Stores.


def test_the_source_as_destination_is_refused() -> None:
    assert "a store of their own" in refusal(destination_store=REQUIRED["source_store"])


def test_a_destination_in_another_location_is_refused_with_the_command_that_cures_it() -> None:
    text = refusal(destination_store=REQUIRED["destination_store"].replace("us-central1", "europe-west4"))
    assert "in europe-west4" in text
    assert "gcloud healthcare dicom-stores create" in text
    assert "--location=us-central1" in text


def test_a_destination_in_another_dataset_of_the_location_is_accepted() -> None:
    elsewhere = REQUIRED["destination_store"].replace("/d/", "/e/")
    assert str(parse(destination_store=elsewhere).destination_store) == elsewhere


@pytest.mark.parametrize("name", ["source_store", "destination_store"])
@pytest.mark.parametrize("value", ["", "source", f"v1/{DATASET}/s", f"{DATASET}/s/dicomWeb"])
def test_what_is_no_store_name_is_refused_with_the_form(name: str, value: str) -> None:
    text = refusal(**{name: value})
    assert f"--{name}" in text
    assert "projects/PROJECT/locations/LOCATION/datasets/DATASET/dicomStores/STORE" in text


# Switches.


@pytest.mark.parametrize("name", ["dry_run", "skip_occupied", "split_large_studies"])
@pytest.mark.parametrize("text", ["", "=true", "=True", "=TRUE", "=1", "=yes"])
def test_a_switch_is_on_alone_or_with_a_value_as_flex_templates_give_it(name: str, text: str) -> None:
    assert getattr(parse(f"--{name}{text}"), name) is True


@pytest.mark.parametrize("name", ["dry_run", "skip_occupied", "split_large_studies"])
@pytest.mark.parametrize("text", ["=false", "=False", "=0", "=no"])
def test_a_switch_can_be_turned_off_by_its_value(name: str, text: str) -> None:
    assert getattr(parse(f"--{name}{text}"), name) is False


def test_a_switch_does_not_take_the_next_flag_for_its_value() -> None:
    own = parse("--dry_run", "--run_id=x")
    assert (own.dry_run, own.run_id) == (True, "x")


@pytest.mark.parametrize("value", ["maybe", "2", ""])
def test_a_switch_with_another_value_is_refused(value: str) -> None:
    text = refusal(f"--dry_run={value}")
    assert "--dry_run" in text
    assert "expected true or false" in text


# Numbers.


@pytest.mark.parametrize("name", ["max_instances_per_batch", "max_concurrent_operations"])
@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", ""])
def test_a_count_below_one_or_no_number_is_refused(name: str, value: str) -> None:
    assert f"--{name}" in refusal(f"--{name}={value}")


@pytest.mark.parametrize("name", ["poll_interval_secs", "launch_settle_secs"])
@pytest.mark.parametrize("value", ["0", "-1", "soon", "nan", "inf", "86400"])
def test_seconds_out_of_range_or_no_number_are_refused(name: str, value: str) -> None:
    assert f"--{name}" in refusal(f"--{name}={value}")


def test_seconds_may_have_a_fraction() -> None:
    assert parse("--poll_interval_secs=0.2").poll_interval_secs == 0.2


# The record.


@pytest.mark.parametrize("run_id", ["a", "night-1", "2024_01_01", "a" * 63])
def test_a_run_id_of_letters_digits_and_dashes_is_taken(run_id: str) -> None:
    assert parse(f"--run_id={run_id}").run_id == run_id


@pytest.mark.parametrize("run_id", ["", "-a", "_a", "a/b", "..", "a b", "a.b", "a" * 64, "größe", "a\n"])
def test_a_run_id_that_cannot_be_part_of_a_name_is_refused(run_id: str) -> None:
    text = refusal(f"--run_id={run_id}")
    assert "--run_id" in text
    assert "1 to 63 letters, digits, - and _" in text


def test_without_a_run_id_each_run_gets_its_own() -> None:
    first, second = parse().run_id, parse().run_id
    assert first != second
    assert RUN_ID.fullmatch(first)


@pytest.mark.parametrize("table", ["p:d.t", "p.d.t", "example.com:p:d.t"])
def test_an_audit_table_is_project_dataset_and_table(table: str) -> None:
    assert parse(f"--audit_table={table}").audit_table == table


@pytest.mark.parametrize("table", ["t", "d.t", "p:d", "p:d.t.x", "p:.t", ":d.t", ""])
def test_what_is_no_table_name_is_refused_with_the_form(table: str) -> None:
    text = refusal(f"--audit_table={table}")
    assert "--audit_table" in text
    assert "PROJECT:DATASET.TABLE" in text


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("gs://bucket/work/", "gs://bucket/work"),
        ("gs://bucket/a", "gs://bucket/a"),
        ("gs://bucket/", "gs://bucket"),
    ],
)
def test_the_work_dir_is_a_prefix_without_a_slash_at_its_end(given: str, taken: str) -> None:
    assert parse(work_dir=given).work_dir == taken


@pytest.mark.parametrize("value", ["/tmp/work", "work", "s3://b/work", "gs://", "gs:///work", "gs://B/work"])
def test_a_work_dir_that_is_not_on_cloud_storage_is_refused(value: str) -> None:
    text = refusal(work_dir=value)
    assert "--work_dir" in text
    assert "gs://BUCKET/PREFIX" in text


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        ("rejected", {Outcome.REJECTED}),
        ("rejected,unknown", {Outcome.REJECTED, Outcome.UNKNOWN}),
        ("REJECTED, Failed", {Outcome.REJECTED, Outcome.FAILED}),
        ("", set()),
    ],
)
def test_tolerated_outcomes_are_a_list_of_words(text: str, outcomes: set[Outcome]) -> None:
    assert parse(f"--tolerate_outcomes={text}").tolerate_outcomes == outcomes


def test_an_outcome_that_does_not_exist_is_refused() -> None:
    assert "--tolerate_outcomes" in refusal("--tolerate_outcomes=rejected,lost")


@pytest.mark.parametrize("level", ["instance", "series", "study"])
def test_every_filter_level_is_taken(level: str) -> None:
    assert parse(f"--filter_level={level}").filter_level == level


def test_another_filter_level_is_refused_with_the_levels_there_are() -> None:
    text = refusal("--filter_level=patient")
    assert [level for level in ("instance", "series", "study") if level not in text] == []


# Beam's flags.


@pytest.mark.parametrize("runner", [None, "DirectRunner", "FnApiRunner", "BundleBasedDirectRunner"])
def test_every_word_for_this_machine_means_one_pinned_runner(runner: str | None) -> None:
    _, beam_options = parse_options(argv(*([f"--runner={runner}"] if runner else [])))
    assert beam_options.view_as(StandardOptions).runner == LOCAL_BATCH_RUNNER
    assert runs_locally(beam_options)


def test_dataflow_stays_dataflow_with_its_flags() -> None:
    _, beam_options = parse_options(argv("--runner=DataflowRunner", "--region=us-central1", "--project=q"))
    cloud = beam_options.view_as(GoogleCloudOptions)
    assert (cloud.region, cloud.project) == ("us-central1", "q")
    assert not runs_locally(beam_options)


def test_multi_threading_is_refused_because_it_launches_twice() -> None:
    assert "--direct_running_mode=multi_threading" in refusal("--direct_running_mode=multi_threading")


def test_other_running_modes_of_the_local_runner_are_left_to_beam() -> None:
    _, beam_options = parse_options(argv("--direct_running_mode=in_memory"))
    assert beam_options.view_as(DirectOptions).direct_running_mode == "in_memory"


def test_a_bad_value_of_a_beam_flag_is_refused_not_an_exit() -> None:
    assert "--direct_num_workers" in refusal("--direct_num_workers=many")


# Help.


def test_help_names_every_flag_of_the_pipeline() -> None:
    own: dict[str, Any] = vars(parse())
    assert [name for name in own if f"--{name}" not in help_text()] == []


def test_help_tells_the_exit_statuses() -> None:
    assert [status for status in ("0", "1", "2", "3", "130") if not re.search(rf"\b{status} ", help_text())] == []
