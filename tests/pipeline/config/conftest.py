"""What the tests of configurations share: loading a body given as Python values, and looking at its mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.config import ConfigError, DeidentifyConfig, load_config

Body = dict[str, Any]


@pytest.fixture
def load() -> Callable[[Body], DeidentifyConfig]:
    """Loads a body for a run of one operation."""
    return lambda body: load_config(json.dumps(body), name="deid.json", operations_may_exceed_one=False)


@pytest.fixture
def mistakes() -> Callable[..., dict[str, str]]:
    """The mistakes found in a body: JSON path -> message; empty when it is accepted."""

    def find(body: Body, *, several_operations: bool = False) -> dict[str, str]:
        try:
            load_config(json.dumps(body), name="deid.json", operations_may_exceed_one=several_operations)
        except ConfigError as error:
            return {problem.json_path: problem.message for problem in error.problems}
        return {}

    return find


@pytest.fixture
def beta() -> Callable[..., Body]:
    """A v1beta1 body with the Basic profile and the given members of dicomTagConfig."""
    profile = {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}
    return lambda **members: {"dicomTagConfig": {**profile, **members}}
