"""How-to: what inspects text, in tags and by context."""

from __future__ import annotations

import datetime

import pytest


def test_inspect_and_transform_sensitive_text_in_tags(page, run):
    done = run(page.requests["clean_text_tag"], page.sample())
    assert done.metadata() == page.result(page.after_basic() | page.printed["clean_text_tag"])
    assert page.originals_in(done.file()) == set()


@pytest.mark.parametrize(
    "asked",
    [
        {"profileType": "DEIDENTIFY_TAG_CONTENTS"},
        {"actions": [{"queries": ["StudyDescription"], "cleanTextTag": {}}]},
        {"profileType": "KEEP_ALL_PROFILE", "actions": [{"queries": ["LO"], "cleanTextTag": {}}]},
    ],
)
def test_a_last_name_that_is_a_noun_is_found_by_its_context(page, run, asked):
    """Section "De-identify text with contextual de-identification": the patient's last name is Wall.

    "If any metadata in the instance, such as the text in StudyDescription, contains the word Wall, the text will be
    transformed. Matching contextual phrases are replaced with the token [CTX]." Which tags are looked at is said by an
    enum of ProfileType or by a CleanTextTag filter.
    """
    sample = page.sample(PatientName="Wall^Ann", StudyDescription="Chest Wall left")
    options = {"options": {"cleanDescriptors": {}}}
    done = run({"config": {"dicomTagConfig": asked | options}}, sample)
    assert done.metadata()["00081030"] == {"vr": "LO", "Value": ["Chest [CTX] left"]}


def test_without_clean_descriptors_the_word_is_no_phrase_of_the_context(page, run):
    sample = page.sample(PatientName="Wall^Ann", StudyDescription="Chest Wall left")
    asked = {"actions": [{"queries": ["StudyDescription"], "cleanTextTag": {}}]}
    done = run({"config": {"dicomTagConfig": asked}}, sample)
    assert "[CTX]" not in str(done.metadata()["00081030"])


def test_tag_contents_keep_every_tag_and_nothing_that_identifies(page, run):
    """DEIDENTIFY_TAG_CONTENTS without a TextConfig, whose unspecified profileType is BASIC: "Automatically converts
    DATE infoTypes using a DateShiftConfig, and all other infoTypes using a ReplaceWithInfoTypeConfig" (Discovery).

    TM is not among the VRs that are inspected: the time of the study stays.
    """
    done = run({"config": {"dicomTagConfig": {"profileType": "DEIDENTIFY_TAG_CONTENTS"}}}, page.sample())
    metadata, printed = done.metadata(), page.metadata()
    name = {"vr": "PN", "Value": [{"Alphabetic": "[PERSON_NAME]"}]}
    changed = {
        tag: change for tag, change in page.after_basic().items() if change and tag not in {"00080020", "00100030"}
    }
    changed |= {"00100010": name, "00080090": name}
    left_open = {"00080020", "00100030", "00100020"}
    expected = page.result(changed)
    assert {t: v for t, v in metadata.items() if t not in left_open} == {
        t: v for t, v in expected.items() if t not in left_open
    }
    days = {
        datetime.date.fromisoformat(metadata[tag]["Value"][0]) - datetime.date.fromisoformat(printed[tag]["Value"][0])
        for tag in ("00080020", "00100030")
    }
    assert len(days) == 1
    assert 0 < abs(days.pop().days) <= 100
    assert metadata["00100020"]["Value"] != printed["00100020"]["Value"]
    assert page.originals_in(done.file()) == {"110032"}
