"""Names of BigQuery tables."""

from __future__ import annotations

import pytest

from pipeline.services.tables import TableName


@pytest.mark.parametrize("text", ["p:d.t", "p.d.t"])
def test_a_table_is_named_in_both_of_googles_ways(text: str) -> None:
    assert TableName.parse(text) == TableName("p", "d", "t")


def test_the_project_may_belong_to_a_domain() -> None:
    assert TableName.parse("example.com:p:d.t") == TableName("example.com:p", "d", "t")


def test_the_client_library_takes_the_dotted_form() -> None:
    assert str(TableName.parse("p:d.t")) == "p.d.t"


@pytest.mark.parametrize("text", ["", "t", "d.t", "p:d", "p:d.t.x", "p:.t", "p:d.", ":d.t", ".d.t", "p..t"])
def test_what_is_no_table_name_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"PROJECT:DATASET\.TABLE"):
        TableName.parse(text)
