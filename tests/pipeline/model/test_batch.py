"""Batches and their ids."""

from __future__ import annotations

import itertools
import json
import re

import pytest

from pipeline.model.batch import Batch, batch_id_of

PATHS = ["/studies/1/series/2/instances/3", "/studies/1/series/2/instances/4", "/studies/5/series/6/instances/7"]


def test_the_id_is_the_one_that_ledgers_already_hold() -> None:
    assert batch_id_of("source", "destination", "config", PATHS) == "4badd41334137333dc1bea38"


def test_the_id_is_24_hexadecimal_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{24}", batch_id_of("s", "d", "c", []))


def test_the_order_of_the_paths_does_not_matter() -> None:
    ids = {batch_id_of("s", "d", "c", order) for order in itertools.permutations(PATHS)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("S", "d", "c", PATHS), id="source"),
        pytest.param(("s", "D", "c", PATHS), id="destination"),
        pytest.param(("s", "d", "C", PATHS), id="configuration"),
        pytest.param(("s", "d", "c", PATHS[:-1]), id="one path less"),
        pytest.param(("s", "d", "c", [*PATHS, "/studies/9"]), id="one path more"),
        pytest.param(("d", "s", "c", PATHS), id="stores exchanged"),
    ],
)
def test_another_source_destination_configuration_or_list_has_another_id(
    other: tuple[str, str, str, list[str]],
) -> None:
    assert batch_id_of(*other) != batch_id_of("s", "d", "c", PATHS)


def test_a_batch_survives_the_way_through_beam_state() -> None:
    batch = Batch("0" * 24, 2, 3, "gs://b/filter.txt", "gs://b/instances.txt")
    assert Batch.from_json(batch.to_json()) == batch


def test_a_batch_is_one_line_whose_text_depends_on_its_values_only() -> None:
    batch = Batch("0" * 24, 2, 3, "gs://b/filter.txt", "gs://b/instances.txt")
    assert "\n" not in batch.to_json()
    assert batch.to_json() == json.dumps(json.loads(batch.to_json()), sort_keys=True)
