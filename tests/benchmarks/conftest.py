"""A small set, written once."""

import pytest

from benchmarks.midi.generate import write_set


@pytest.fixture(scope="session")
def small_set(tmp_path_factory):
    """(folder, key) of 12 instances of two patients; not to be written to."""
    folder = tmp_path_factory.mktemp("midi")
    return folder, write_set(folder, seed=0, instances=12)
