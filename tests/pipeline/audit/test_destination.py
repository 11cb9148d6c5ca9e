"""What the destination holds of a batch."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.audit.destination import list_studies, missing_lines, parse_paths, present_in_destination
from pipeline.model.instance_path import DicomPath
from pipeline.services.connections import Connections
from pipeline.services.retry import ServiceError
from pipeline.settings import RunSettings

PATHS = [DicomPath("1.2", "1.3", "1.4"), DicomPath("1.2", "1.3", "1.5"), DicomPath("2.2", "2.3", "2.4")]
LINES = [str(path) for path in PATHS]


def predicted(settings: RunSettings, *paths: DicomPath) -> set[tuple[str, str, str]]:
    return {settings.uid_plan.predict(path.study, path.series, path.sop) for path in paths}


def test_lines_of_an_instances_file_are_paths() -> None:
    assert parse_paths(LINES) == PATHS


def test_studies_are_listed_with_their_own_uid(connections: Connections, destination: Any, source: Any) -> None:
    destination.instances = {("1", "2", "3"), ("4", "5", "6")}
    assert list_studies(connections.healthcare, source, ["1", "4", "7"]) == {("1", "2", "3"), ("4", "5", "6")}


def test_a_study_named_twice_is_listed_once(
    connections: Connections, destination: Any, source: Any, server: Any
) -> None:
    list_studies(connections.healthcare, source, ["1", "1"])
    assert len(server.requests) == 1


def test_one_study_that_cannot_be_listed_fails_the_whole_listing(
    connections: Connections, destination: Any, source: Any, server: Any, answer: Any
) -> None:
    server.always = lambda request: answer.error(403) if "/studies/4/" in request.path else destination(request)
    with pytest.raises(ServiceError):
        list_studies(connections.healthcare, source, ["1", "4", "7"])


def test_the_destination_is_searched_for_the_new_studies(
    run_settings: RunSettings, connections: Connections, destination: Any, server: Any
) -> None:
    destination.instances = predicted(run_settings, PATHS[0])
    assert present_in_destination(run_settings, connections.healthcare, PATHS) == destination.instances
    assert {request.path.split("/")[-2] for request in server.requests} == {
        study for study, _, _ in predicted(run_settings, *PATHS)
    }
    assert all("/dicomStores/destination/" in request.path for request in server.requests)


def test_missing_lines_are_those_not_in_the_destination(
    run_settings: RunSettings, connections: Connections, destination: Any
) -> None:
    destination.instances = predicted(run_settings, PATHS[0], PATHS[2])
    assert missing_lines(run_settings, connections.healthcare, LINES) == [LINES[1]]


def test_when_nothing_is_missing_no_line_is(
    run_settings: RunSettings, connections: Connections, destination: Any
) -> None:
    destination.instances = predicted(run_settings, *PATHS)
    assert missing_lines(run_settings, connections.healthcare, LINES) == []


def test_when_everything_is_missing_it_says_so(
    run_settings: RunSettings, connections: Connections, destination: Any
) -> None:
    destination.instances = {("9", "9", "9")}
    assert missing_lines(run_settings, connections.healthcare, LINES) is None
