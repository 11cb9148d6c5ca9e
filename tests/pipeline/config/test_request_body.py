import pickle

import pytest

from pipeline.config import ConfigError, Problem

STORE = "projects/p/locations/l/datasets/d/dicomStores/s"


def test_request_names_destination_configuration_and_filter(load, beta):
    assert load(beta()).request_body(STORE, "gs://bucket/filter.txt") == {
        "destinationStore": STORE,
        "config": beta(),
        "filterConfig": {"resourcePathsGcsUri": "gs://bucket/filter.txt"},
    }


@pytest.mark.parametrize(("store", "uri"), [(STORE, ""), (STORE, "gs://bucket"), (STORE, "/tmp/x"), ("", "gs://b/o")])
def test_request_without_filter_or_destination_is_refused(load, beta, store, uri):
    with pytest.raises(ValueError, match="filter file"):
        load(beta()).request_body(store, uri)


def test_changing_a_request_leaves_the_configuration_alone(load, beta):
    config = load(beta())
    config.request_body(STORE, "gs://b/o")["config"]["dicomTagConfig"].clear()
    assert config.body == beta()


def test_config_error_crosses_a_process_boundary():
    error = ConfigError("deid.json", [Problem("$.dicom", "cure"), Problem("$.text", "other")])
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), copied.problems, copied.json_path, copied.message) == (
        str(error),
        error.problems,
        "$.dicom",
        "cure",
    )


def test_config_error_needs_a_problem():
    with pytest.raises(ValueError, match="at least one"):
        ConfigError("deid.json", [])
