from dataclasses import dataclass

import pytest

from emulator.healthcare.filter_file import FilterFileError, FilterPath
from emulator.healthcare.operations import Instance
from emulator.healthcare.selection import select_all, select_paths
from emulator.settings import Settings


@dataclass(frozen=True)
class Held:
    study: str
    series: str
    sop: str


STORE = [Held("1", "2", "3"), Held("1", "2", "4"), Held("1", "5", "6"), Held("7", "8", "9")]


def find_study(study):
    return [one for one in STORE if one.study == study]


def keys(instances):
    return [(one.study, one.series, one.sop) for one in instances]


def test_without_filter_file_the_whole_store_is_selected():
    assert keys(select_all(STORE)) == [("1", "2", "3"), ("1", "2", "4"), ("1", "5", "6"), ("7", "8", "9")]


def test_overlapping_levels_select_each_instance_once():
    paths = [FilterPath("1", "2", "4"), FilterPath("1", "2"), FilterPath("7"), FilterPath("1")]
    selected = select_paths(paths, find_study, Settings())
    assert sorted(keys(selected)) == [("1", "2", "3"), ("1", "2", "4"), ("1", "5", "6"), ("7", "8", "9")]
    assert [one.position for one in selected] == [0, 1, 2, 3]


UNKNOWN = [FilterPath("1", "2", "3"), FilterPath("1", "5", "3"), FilterPath("404"), FilterPath("7", "404")]


def test_an_unknown_path_becomes_one_failing_instance_by_default():
    selected = select_paths(UNKNOWN, find_study, Settings())
    assert selected[0] == Instance(0, "1", "2", "3")
    assert sorted(keys(selected)[1:]) == [("1", "5", "3"), ("404", "", ""), ("7", "404", "")]


def test_an_unknown_path_is_ignored_when_set():
    assert keys(select_paths(UNKNOWN, find_study, Settings(filter_unknown_path="ignore"))) == [("1", "2", "3")]


def test_unknown_paths_are_refused_with_their_count_when_set():
    with pytest.raises(FilterFileError, match="3 paths"):
        select_paths(UNKNOWN, find_study, Settings(filter_unknown_path="refuse"))
