"""How-to, "Migrate requests and responses to use DicomTagConfig": the old form and the new one do the same.

The tables of this section are not in the text at hand. The requests here are made from what the section says in words;
each test names the words.
"""

from __future__ import annotations

import itertools

import pytest

PROFILES = (
    "MINIMAL_KEEP_LIST_PROFILE",
    "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE",
    "KEEP_ALL_PROFILE",
    "DEIDENTIFY_TAG_CONTENTS",
)
_numbers = itertools.count()


@pytest.fixture
def migrated(page, run):
    """`migrated(old, new, picture)`: the metadata that both configurations give; they must give the same bytes."""

    def call(old, new, picture=None):
        files = [run({"config": config}, page.sample(picture)) for config in (old, new)]
        assert files[0].file() == files[1].file()
        return files[1]

    return call


@pytest.mark.parametrize("profile", PROFILES[:3])
def test_tag_filter_profile_to_profile_type(migrated, profile):
    """ "The same four profiles in TagFilterProfileType are available in ProfileType." """
    migrated({"dicom": {"filterProfile": profile}}, {"dicomTagConfig": {"profileType": profile}})


def test_keep_list_to_keep_tag(page, migrated):
    """ "The request specifies that the value of the PatientID tag is kept." keepList adds the required tags by itself:
    so does MINIMAL_KEEP_LIST_PROFILE, which "Keep tags" says to add for a valid instance."""
    keep = {"actions": [{"queries": ["PatientID"], "keepTag": {}}], "profileType": "MINIMAL_KEEP_LIST_PROFILE"}
    done = migrated({"dicom": {"keepList": {"tags": ["PatientID"]}}}, {"dicomTagConfig": keep})
    assert done.metadata()["00100020"] == page.metadata()["00100020"]
    assert page.originals_in(done.file()) == {"S1214223-1"}


def test_a_profile_and_tags_of_ones_own_exclude_each_other_in_dicom_config_only(page, cloud, run):
    """ "These options are mutually exclusive. When using the DicomTagConfig object, you can combine these options." """
    both = {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE", "keepList": {"tags": ["PatientID"]}}
    source, destination = cloud.create_store(), cloud.create_store()
    body = {"destinationStore": destination, "config": {"dicom": both}}
    answer = cloud.post(f"v1/{source}:deidentify", body)
    assert answer.status_code == 400
    assert "exclude each other" in answer.json()["error"]["message"]


def test_skip_id_redaction_to_primary_ids(page, migrated):
    """ "The request specifies that the values of the primary IDs are kept." """
    done = migrated(
        {"dicom": {"filterProfile": PROFILES[1], "skipIdRedaction": True}},
        {"dicomTagConfig": {"profileType": PROFILES[1], "options": {"primaryIds": "KEEP"}}},
    )
    for tag in ("00020003", "00080018", "0020000D", "0020000E"):
        assert done.metadata()[tag] == page.metadata()[tag]


@pytest.mark.parametrize(
    ("option", "new"), [("PRIMARY_IDS_OPTION_UNSPECIFIED", True), ("REGEN", True), ("KEEP", False)]
)
def test_primary_ids_option(page, run, option, new):
    """Unspecified "defaults to the option specified in ProfileType"; every profile regenerates them."""
    done = run({"config": {"dicomTagConfig": {"options": {"primaryIds": option}}}}, page.sample())
    original = page.metadata()["0020000D"]["Value"][0]
    assert done.metadata()["0020000D"]["Value"] == [page.uid(original) if new else original]
