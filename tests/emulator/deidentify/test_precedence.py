"""Which of a configuration's parts decides about an element, and which names of elements it may use."""

import re

import pytest

from emulator.deidentify import ConfigError, compile_config, regenerate_uid
from emulator.deidentify.attributes import REQUIRED

BASIC = "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"
KEEP_ALL = "KEEP_ALL_PROFILE"
MINIMAL = "MINIMAL_KEEP_LIST_PROFILE"
TAG_CONTENTS = "DEIDENTIFY_TAG_CONTENTS"
PROFILES = (BASIC, KEEP_ALL, MINIMAL, TAG_CONTENTS)
STUDY, SERIES, SOP = "1.2.3.10", "1.2.3.20", "1.2.3.30"


def asking(*actions, profile=BASIC, **options):
    """A DicomTagConfig: `actions` are (field, queries) in their order."""
    items = [{"queries": queries, kind: {}} for kind, queries in actions]
    return {"dicomTagConfig": {"profileType": profile, "options": options, "actions": items}}


def listing(name, *tags, **more):
    return {"dicom": {name: {"tags": list(tags)}, **more}}


def refusal(config):
    with pytest.raises(ConfigError) as caught:
        compile_config(config)
    return caught.value


@pytest.fixture
def patient(instance, dataset):
    """An instance with elements of several VRs, at the top and in a sequence that every profile but one walks."""
    return instance(
        PatientName="Doe^Jane",
        PatientID="7",
        OtherPatientNames="Roe^Jane",
        StudyDescription="Knee",
        StudyDate="20200102",
        Manufacturer="Maker",
        FrameOfReferenceUID="1.2.3.40",
        AnatomicRegionSequence=[dataset(CodeValue="T-1", PatientName="Doe^Nested")],
        Rows=1,
        Columns=1,
        BitsAllocated=8,
        PixelData=b"\1\0",
    )


def ids(result):
    return result.StudyInstanceUID, result.SeriesInstanceUID, result.SOPInstanceUID


NEW_IDS = tuple(map(regenerate_uid, (STUDY, SERIES, SOP)))


# Actions over options over the profile


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("kind", "expected"),
    [("keepTag", "Doe^Jane"), ("removeTag", ""), ("deleteTag", None), ("resetTag", "PLACEHOLDER")],
)
def test_an_action_decides_whatever_the_profile_says(patient, deidentified, profile, kind, expected):
    result = deidentified(patient, asking((kind, ["PatientName"]), profile=profile))
    assert result.get("PatientName") == expected


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("option", ["KEEP", "REGEN"])
def test_the_option_decides_about_the_primary_ids_whatever_the_profile_is(patient, deidentified, profile, option):
    result = deidentified(patient, asking(profile=profile, primaryIds=option))
    assert ids(result) == ((STUDY, SERIES, SOP) if option == "KEEP" else NEW_IDS)
    assert result.file_meta.MediaStorageSOPInstanceUID == result.SOPInstanceUID


@pytest.mark.parametrize("profile", PROFILES)
def test_an_action_on_a_primary_id_decides_against_the_option(patient, deidentified, profile):
    kept = deidentified(patient, asking(("keepTag", ["StudyInstanceUID"]), profile=profile, primaryIds="REGEN"))
    assert ids(kept) == (STUDY, *NEW_IDS[1:])
    regenerated = deidentified(patient, asking(("regenUidTag", ["0020000E"]), profile=profile, primaryIds="KEEP"))
    assert ids(regenerated) == (STUDY, NEW_IDS[1], SOP)


def test_an_action_on_other_uids_says_nothing_about_the_primary_ids(patient, deidentified):
    result = deidentified(patient, asking(("keepTag", ["FrameOfReferenceUID"])))
    assert result.FrameOfReferenceUID == "1.2.3.40"
    assert ids(result) == NEW_IDS


def test_actions_leave_the_rest_to_the_profile(patient, deidentified):
    config = asking(("keepTag", ["PatientName"]), ("deleteTag", ["Manufacturer"]))
    asked, plain = deidentified(patient, config), deidentified(patient)
    assert "Manufacturer" not in asked
    del asked.PatientName, plain.PatientName, plain.Manufacturer
    # the nested name is hit by the same query
    assert asked.AnatomicRegionSequence[0].PatientName == "Doe^Nested"
    asked.AnatomicRegionSequence[0].PatientName = plain.AnatomicRegionSequence[0].PatientName
    assert asked == plain


# The same for text and pixels


@pytest.mark.parametrize("profile", PROFILES)
def test_clean_descriptors_decide_about_descriptions_against_the_profile(patient, deidentified, profile):
    patient.StudyDescription = "Knee of Jane Doe"
    result = deidentified(patient, asking(profile=profile, cleanDescriptors={}))
    assert result.StudyDescription.startswith("Knee of ")
    assert "[CTX]" in result.StudyDescription
    assert not re.search("jane|doe", result.StudyDescription, re.IGNORECASE)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("keepTag", "Knee of Jane Doe"), ("removeTag", ""), ("deleteTag", None), ("resetTag", "PLACEHOLDER")],
)
def test_an_action_decides_against_clean_descriptors(patient, deidentified, kind, expected):
    patient.StudyDescription = "Knee of Jane Doe"
    result = deidentified(patient, asking((kind, ["StudyDescription"]), cleanDescriptors={}))
    assert result.get("StudyDescription") == expected


@pytest.mark.parametrize("profile", [BASIC, KEEP_ALL, MINIMAL])
def test_clean_text_tag_decides_against_the_profile(patient, deidentified, profile):
    config = asking(("cleanTextTag", ["PatientName"]), profile=profile)
    assert deidentified(patient, config).PatientName == "[PERSON_NAME]"


@pytest.mark.parametrize("query", ["CS", "UI", "TM", "IS", "SQ", "PatientSex", "00080030", "StudyInstanceUID"])
def test_clean_text_tag_is_refused_for_vrs_it_does_not_support(query):
    error = refusal(asking(("cleanTextTag", [query])))
    assert error.json_path == "$.dicomTagConfig.actions[0].queries[0]"
    assert "AE, AS, DA, DT, LO, LT, PN, SH, ST, UC, UT" in error.message


REDACT = {"textRedactionMode": "REDACT_ALL_TEXT"}
NOTHING = {"textRedactionMode": "REDACT_NO_TEXT"}


@pytest.mark.parametrize(
    ("options", "actions", "redacted"),
    [
        ({"cleanImage": REDACT}, [], True),
        ({}, [{"queries": ["PixelData"], "cleanImageTag": REDACT}], True),
        ({"cleanImage": NOTHING}, [{"queries": ["7FE00010"], "cleanImageTag": REDACT}], True),
        ({"cleanImage": REDACT}, [{"queries": ["PixelData"], "cleanImageTag": NOTHING}], False),
        ({"cleanImage": REDACT}, [{"queries": ["PixelData"], "keepTag": {}}], False),
        ({"cleanImage": REDACT}, [{"queries": ["OW"], "keepTag": {}}], False),
        ({"cleanImage": REDACT}, [{"queries": ["PatientName"], "keepTag": {}}], True),
    ],
)
def test_an_action_on_pixel_data_decides_against_clean_image(options, actions, redacted):
    profile = compile_config({"dicomTagConfig": {"options": options, "actions": actions}})
    assert (profile.image is not None) is redacted


# Actions in the order given


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([("keepTag", ["PatientName"]), ("resetTag", ["PN"])], "Doe^Jane"),
        ([("resetTag", ["PN"]), ("keepTag", ["PatientName"])], "PLACEHOLDER"),
        ([("deleteTag", ["LO"]), ("resetTag", ["PN"])], "PLACEHOLDER"),
        ([("removeTag", ["LO", "PN"]), ("deleteTag", ["PatientName"])], ""),
    ],
)
def test_of_actions_that_meet_one_element_the_first_given_is_performed(patient, deidentified, actions, expected):
    result = deidentified(patient, asking(*actions, profile=KEEP_ALL))
    assert result.PatientName == expected


def test_the_order_of_queries_in_one_action_does_not_matter(patient, deidentified):
    queries = ["PatientName", "00100020", "DA"]
    there = deidentified(patient, asking(("resetTag", queries), profile=KEEP_ALL))
    back = deidentified(patient, asking(("resetTag", queries[::-1]), profile=KEEP_ALL))
    assert there == back
    assert (there.PatientName, there.PatientID, there.StudyDate) == ("PLACEHOLDER", "PLACEHOLDER", "19000101")


def test_the_first_action_that_supports_the_vr_is_performed(patient, deidentified):
    """recurseTag says nothing about what is no sequence, even when its query hits it."""
    config = asking(("recurseTag", ["00081110"]), ("deleteTag", ["SQ"]))
    assert "AnatomicRegionSequence" not in deidentified(patient, config)


def test_an_action_by_vr_reaches_into_sequences_and_an_action_before_it_shields_one(patient, deidentified):
    by_vr = deidentified(patient, asking(("deleteTag", ["PN"]), profile=KEEP_ALL))
    assert "PatientName" not in by_vr.AnatomicRegionSequence[0]
    shielded = asking(("keepTag", ["AnatomicRegionSequence"]), ("deleteTag", ["PN"]), profile=KEEP_ALL)
    result = deidentified(patient, shielded)
    assert "PatientName" not in result
    assert result.AnatomicRegionSequence[0].PatientName == "Doe^Nested"


# One action for each tag


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("PatientName", "PatientName"),
        ("PatientName", "00100010"),
        ("0020000d", "0020000D"),
        ("PN", "PN"),
        ("OverlayData", "OverlayData"),
        ("PixelData", "7fe00010"),
    ],
)
@pytest.mark.parametrize("kind", ["keepTag", "deleteTag"])
def test_one_tag_in_two_actions_is_refused_however_it_is_spelt(first, second, kind):
    error = refusal(asking(("keepTag", ["Rows", first]), (kind, [second])))
    assert error.json_path == "$.dicomTagConfig.actions[1].queries[0]"
    assert "a tag can have one only" in error.message


@pytest.mark.parametrize("kinds", [("keepTag", "removeTag"), ("deleteTag", "resetTag", "keepTag")])
def test_one_entry_with_several_actions_is_refused(kinds):
    error = refusal({"dicomTagConfig": {"actions": [{"queries": ["PN"], **{kind: {} for kind in kinds}}]}})
    assert error.json_path == "$.dicomTagConfig.actions[0]"
    assert all(kind in error.message for kind in kinds)


def test_different_tags_take_different_actions(patient, deidentified):
    config = asking(("keepTag", ["PatientID"]), ("resetTag", ["PatientName"]), ("deleteTag", ["StudyDate"]))
    result = deidentified(patient, config)
    assert (result.PatientID, result.PatientName, result.get("StudyDate")) == ("7", "PLACEHOLDER", None)


# Spellings of a query: a tag id, a keyword or a VR, nothing else


@pytest.mark.parametrize("query", ["00100010", "PatientName", "PN"])
def test_a_query_is_a_tag_id_a_keyword_or_a_vr(patient, deidentified, query):
    assert deidentified(patient, asking(("keepTag", [query]))).PatientName == "Doe^Jane"


@pytest.mark.parametrize("query", ["0020000d", "0020000D", "StudyInstanceUID"])
def test_the_digits_of_a_tag_id_may_be_of_either_case(patient, deidentified, query):
    assert deidentified(patient, asking(("keepTag", [query]))).StudyInstanceUID == STUDY


@pytest.mark.parametrize(
    "query",
    [
        "(0010,0010)",
        "0010,0010",
        "0010 0010",
        "0x00100010",
        "00100010 ",
        " PatientName",
        "1048592",
        "010010",
        "patientname",
        "PATIENTNAME",
        "Patient Name",
        "Patient's Name",
        "pn",
        "PN ",
        "XX",
        "PatientName.Alphabetic",
        "0010xxxx",
        "60xx3000",
        "*",
        "",
    ],
)
@pytest.mark.parametrize("where", ["queries", "keepList", "removeList"])
def test_a_spelling_that_is_not_documented_is_refused_and_not_repeated(query, where):
    config = asking(("keepTag", [query])) if where == "queries" else listing(where, query)
    error = refusal(config)
    assert re.search(r"\[0\]$", error.json_path)
    assert "must be a tag id" in error.message or "is no keyword" in error.message


@pytest.mark.parametrize("query", [1048592, None, ["PatientName"], {"tag": "PatientName"}, True])
@pytest.mark.parametrize("where", ["queries", "keepList", "removeList"])
def test_a_query_that_is_no_string_is_refused(query, where):
    config = asking(("keepTag", [query])) if where == "queries" else listing(where, query)
    assert "must be a string" in refusal(config).message


@pytest.mark.parametrize("vr", ["PN", "LO", "SQ", "UI"])
@pytest.mark.parametrize("where", ["keepList", "removeList"])
def test_lists_take_no_vr(vr, where):
    assert "value representation" in refusal(listing(where, vr)).message


RETIRED = [
    ("IssuerOfAdmissionID", 0x00380011, "LO"),
    ("OtherPatientIDs", 0x00101000, "LO"),
    ("AcquisitionComments", 0x00184000, "LT"),
    ("IdentifyingComments", 0x00084000, "LT"),
]


@pytest.mark.parametrize(("keyword", "tag", "vr"), RETIRED)
@pytest.mark.parametrize("as_tag_id", [True, False])
def test_retired_attributes_are_named_by_keyword_as_by_id(instance, deidentified, keyword, tag, vr, as_tag_id):
    whole = instance()
    whole.add_new(tag, vr, "retired")
    name = f"{tag:08X}" if as_tag_id else keyword
    assert deidentified(whole, asking(("keepTag", [name])))[tag].value == "retired"
    assert tag not in deidentified(whole, asking(("deleteTag", [name]), profile=KEEP_ALL))
    assert deidentified(whole, listing("keepList", name))[tag].value == "retired"
    assert tag not in deidentified(whole, listing("removeList", name))


@pytest.mark.parametrize(("query", "left"), [("OverlayData", set()), ("60003000", {0x60023000})])
def test_a_keyword_of_repeating_groups_means_each_group_and_a_tag_id_one(instance, deidentified, query, left):
    whole = instance()
    for group in (0x6000, 0x6002):
        whole.add_new(group << 16 | 0x3000, "OW", b"\1\2")
    result = deidentified(whole, asking(("deleteTag", [query]), profile=KEEP_ALL))
    assert {int(element.tag) for element in result if element.tag.group in {0x6000, 0x6002}} == left


def test_a_private_tag_is_named_by_its_id(instance, deidentified):
    whole = instance()
    whole.add_new(0x00090010, "LO", "CREATOR")
    whole.add_new(0x00091001, "LO", "private")
    assert 0x00091001 not in deidentified(whole, asking(("deleteTag", ["00091001"]), profile=KEEP_ALL))


@pytest.mark.parametrize("query", ["00080000", "FFFEE000", "FFFEE00D"])
def test_group_lengths_and_items_cannot_be_named(query):
    assert "hold no attribute" in refusal(asking(("deleteTag", [query]))).message


# v1: the lists and what they add by themselves, the profiles, skipIdRedaction


def test_an_empty_keep_list_keeps_what_the_minimal_profile_keeps(patient, run):
    assert run(patient, listing("keepList")) == run(patient, {"dicom": {"filterProfile": MINIMAL}})


def test_naming_required_tags_in_a_keep_list_changes_nothing(patient, run):
    named = [f"{tag:08X}" for tag in sorted(REQUIRED)]
    assert len(named) == 31
    without = [name for name in named if not name.startswith("0002")]
    assert run(patient, listing("keepList", *without)) == run(patient, listing("keepList"))


def test_a_keep_list_does_not_stop_the_ids_from_being_regenerated(patient, deidentified):
    result = deidentified(patient, listing("keepList", "StudyInstanceUID", "SOPInstanceUID", "PatientID"))
    assert ids(result) == NEW_IDS
    assert result.PatientID == "7"


def test_a_remove_list_adds_overlays_and_leaves_the_rest(instance, deidentified):
    whole = instance(PatientID="7", Manufacturer="Maker")
    whole.add_new(0x60003000, "OW", b"\1\2")
    whole.add_new(0x60004000, "LT", "comment")
    for config in (listing("removeList"), listing("removeList", "OverlayData")):
        result = deidentified(whole, config)
        assert not [element for element in result if element.tag.group == 0x6000]
        assert (result.PatientID, result.Manufacturer) == ("7", "Maker")


@pytest.mark.parametrize("tag", sorted(REQUIRED))
def test_each_required_tag_is_refused_in_a_remove_list(tag):
    error = refusal(listing("removeList", "PatientID", f"{tag:08X}"))
    assert error.json_path == "$.dicom.removeList.tags[1]"
    assert "required in every instance" in error.message


@pytest.mark.parametrize(
    "config",
    [
        *({"dicom": {"filterProfile": profile}} for profile in (*PROFILES, "TAG_FILTER_PROFILE_UNSPECIFIED")),
        {"dicom": {}},
        listing("keepList", "PatientID"),
        listing("removeList", "PatientID"),
    ],
)
@pytest.mark.parametrize("skip", [True, False])
def test_skip_id_redaction_decides_about_the_ids_under_every_filter(patient, deidentified, config, skip):
    config = {"dicom": config["dicom"] | {"skipIdRedaction": skip}}
    result = deidentified(patient, config)
    assert ids(result) == ((STUDY, SERIES, SOP) if skip else NEW_IDS)
    assert result.file_meta.MediaStorageSOPInstanceUID == result.SOPInstanceUID


@pytest.mark.parametrize(
    "pair", [("keepList", "removeList"), ("keepList", "filterProfile"), ("removeList", "filterProfile")]
)
def test_two_filters_exclude_each_other_even_when_one_says_nothing(pair):
    says_nothing = {"keepList": {}, "removeList": {}, "filterProfile": "TAG_FILTER_PROFILE_UNSPECIFIED"}
    error = refusal({"dicom": {name: says_nothing[name] for name in pair}})
    assert error.json_path == "$.dicom"
    assert "exclude each other" in error.message


@pytest.mark.parametrize("name", ["keep_all_profile", "KEEP_ALL", "PROFILE_TYPE_UNSPECIFIED", "BASIC", "", 4, True])
def test_a_filter_profile_of_another_name_is_refused(name):
    error = refusal({"dicom": {"filterProfile": name}})
    assert error.json_path == "$.dicom.filterProfile"


@pytest.mark.parametrize("name", ["TAG_FILTER_PROFILE_UNSPECIFIED", "keep_all_profile", "BASIC", 2])
def test_a_profile_type_of_another_name_is_refused(name):
    error = refusal({"dicomTagConfig": {"profileType": name}})
    assert error.json_path == "$.dicomTagConfig.profileType"


@pytest.mark.parametrize("option", ["keep", "SKIP", "UNSPECIFIED", True])
def test_another_primary_ids_option_is_refused(option):
    assert refusal(asking(primaryIds=option)).json_path == "$.dicomTagConfig.options.primaryIds"
