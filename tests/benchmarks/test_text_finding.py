"""A small slice of the labelled texts: what of them has to be found, and that nothing else is."""

import pytest

from benchmarks import text_finding
from benchmarks.text_labelled import samples
from benchmarks.text_negatives import NEGATIVES
from emulator.deidentify.text.finding import INFO_TYPES

TABLE, MISSED = text_finding.scores(samples(seed=7, each=25), text_finding.ours)


@pytest.mark.parametrize("score", TABLE, ids=lambda score: score.kind)
def test_labelled_values_are_found(score):
    assert score.covered >= 0.96 * score.asked
    assert score.typed >= 0.92 * score.asked


def test_all_but_few_values_are_found():
    assert len(MISSED) <= 0.005 * sum(score.asked for score in TABLE)


@pytest.mark.parametrize("contextual", [False, True])
def test_nothing_is_found_in_texts_that_name_nobody(contextual):
    assert len(NEGATIVES) > 200
    assert text_finding.flagged(contextual=contextual) == []


def test_every_info_type_is_measured_but_time():
    measured = {sample.info_type for sample in samples(each=1)}
    assert INFO_TYPES - measured == {"STREET_ADDRESS", "TIME"}


def test_a_finder_that_finds_nothing_scores_nothing():
    table, missed = text_finding.scores(samples(each=1), lambda sample: [])
    assert len(missed) == len(table)
    assert sum(score.covered + score.typed for score in table) == 0


def test_the_same_seed_gives_the_same_texts():
    assert list(samples(3, 5)) == list(samples(3, 5)) != list(samples(4, 5))


def test_the_command_prints_its_figures(capsys):
    assert text_finding.main(["--each", "2", "--floor"]) == 0
    printed = capsys.readouterr().out
    assert "texts/s" in printed
    assert f"flagged: 0 of {len(NEGATIVES)}" in printed
