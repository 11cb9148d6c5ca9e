import dataclasses
import os

import pytest

from emulator.settings import Settings, SettingsError


def test_values_may_come_as_text_from_the_command_line():
    settings = Settings.from_mapping({"missing_resource_status": "403", "operation_min_seconds": "1.5"})
    assert (settings.missing_resource_status, settings.operation_min_seconds) == (403, 1.5)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match=r"unknown setting operation_min_secs; there are: .*operation_min_seconds"):
        Settings.from_mapping({"operation_min_secs": 1})


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("missing_resource_status", 500, "404 or 403"),
        ("missing_resource_status", "x", "404 or 403"),
        ("partial_failure", "both", "response or error"),
        ("partial_failure", 1, "response or error"),
        ("engine_processes", -1, "0 or more"),
        ("engine_processes", 1.5, "a whole number"),
        ("engine_processes", True, "a whole number"),
        ("engine_processes", None, "a whole number"),
        ("operation_min_seconds", "nan", "a number"),
        ("operation_min_seconds", "inf", "a number"),
    ],
)
def test_a_value_that_a_setting_does_not_take_is_refused_with_those_it_takes(name, value, cure):
    with pytest.raises(SettingsError, match=f"{name} takes .*{cure}"):
        Settings.from_mapping({name: value})


def test_a_duration_implies_the_timed_pace():
    assert Settings.from_mapping({"operation_min_seconds": 2}).operation_pace == "timed"


def test_no_engine_processes_means_one_for_each_cpu():
    assert Settings().worker_processes == len(os.sched_getaffinity(0))


def test_every_setting_is_described():
    for field in dataclasses.fields(Settings):
        assert f"{field.name}: " in (Settings.__doc__ or "")
