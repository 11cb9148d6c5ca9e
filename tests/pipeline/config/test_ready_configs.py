"""The configurations under templates/configs work as they are."""

from pathlib import Path

import pytest

from pipeline.config import UidPlan, load_config

CONFIGS = sorted((Path(__file__).parents[3] / "templates" / "configs").glob("*.json"))
REGENERATE_ALL = UidPlan("regenerate", "regenerate", "regenerate")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_ready_configuration_is_accepted_without_warnings_for_any_number_of_operations(path):
    config = load_config(path.read_text(encoding="utf-8"), name=path.name, operations_may_exceed_one=True)
    assert config.warnings == ()


@pytest.mark.parametrize(
    ("name", "version", "plan"),
    [
        ("basic-v1.json", "v1", REGENERATE_ALL),
        ("minimal.json", "v1beta1", REGENERATE_ALL),
        ("keep-uids.json", "v1beta1", UidPlan("keep", "keep", "keep")),
    ],
)
def test_ready_configuration_has_the_version_and_uids_its_name_says(name, version, plan):
    (path,) = (path for path in CONFIGS if path.name == name)
    config = load_config(path.read_text(encoding="utf-8"), name=path.name, operations_may_exceed_one=True)
    assert (config.api_version, config.uid_plan) == (version, plan)
