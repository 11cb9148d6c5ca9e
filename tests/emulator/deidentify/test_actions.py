"""`actions` of a DicomTagConfig, the how-to's samples among them."""

import pytest

from emulator.deidentify import regenerate_uid

PLACEHOLDER = "PLACEHOLDER"


def asking(*actions, profile="ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE", **options):
    tag_config = {"profileType": profile, "actions": [{"queries": q, kind: {}} for kind, q in actions]}
    return {"dicomTagConfig": tag_config | ({"options": options} if options else {})}


@pytest.fixture
def ann(instance):
    """The how-to's patient."""
    return instance(
        PatientName="Ann Johnson",
        PatientID="S1214223-1",
        PatientBirthDate="19880812",
        AccessionNumber="",
        ReferringPhysicianName="John Doe",
        Manufacturer="Manufacturer",
        Rows=1024,
        BitsAllocated=8,
        PixelData=b"\1\2",
    )


def test_keep_tag_keeps_the_value(ann, deidentified):
    assert deidentified(ann, asking(("keepTag", ["PatientName"]))).PatientName == "Ann Johnson"


def test_remove_tag_leaves_an_empty_value(ann, deidentified):
    config = asking(("removeTag", ["Manufacturer"]))
    assert deidentified(ann, config)["Manufacturer"].is_empty


def test_delete_tag_deletes_the_element(ann, deidentified):
    assert "PatientName" not in deidentified(ann, asking(("deleteTag", ["PatientName"])))


def test_reset_tag_writes_the_placeholder(ann, deidentified):
    result = deidentified(ann, asking(("resetTag", ["PatientName"])))
    assert result["PatientName"].to_json_dict(None, 0) == {"vr": "PN", "Value": [{"Alphabetic": PLACEHOLDER}]}


def test_a_uid_is_regenerated_alone_when_all_others_are_kept(ann, deidentified):
    config = asking(("regenUidTag", ["00080018"]), profile="KEEP_ALL_PROFILE", primaryIds="KEEP")
    result = deidentified(ann, config)
    assert result.SOPInstanceUID == regenerate_uid("1.2.3.30")
    assert result.file_meta.MediaStorageSOPInstanceUID == result.SOPInstanceUID
    assert (result.StudyInstanceUID, result.SeriesInstanceUID) == ("1.2.3.10", "1.2.3.20")
    assert result.PatientName == "Ann Johnson"


def test_recurse_tag_gives_the_leaves_of_a_sequence_with_code_d_placeholders(instance, dataset, deidentified):
    whole = instance(StudyInstanceUID="3333333", SeriesInstanceUID="4444444", SOPInstanceUID="2222222")
    whole.PhysiciansReadingStudyIdentificationSequence = [
        dataset(
            PersonIdentificationCodeSequence=[
                dataset(CodeValue=f"CodeValue{number}", CodingSchemeDesignator=f"CodingSchemeDesignator{number}"[:16])
            ]
        )
        for number in (1, 2)
    ]
    result = deidentified(whole, asking(("recurseTag", ["PhysiciansReadingStudyIdentificationSequence"])))
    items = result.PhysiciansReadingStudyIdentificationSequence
    assert len(items) == 2
    for item in items:
        (code,) = item.PersonIdentificationCodeSequence
        assert (code.CodeValue, code.CodingSchemeDesignator) == (PLACEHOLDER, PLACEHOLDER)
    assert result.SOPInstanceUID == "1.3.6.1.4.1.11129.5.1.286710307126045768765142714621897494633"


def test_without_recurse_tag_the_profile_decides_about_the_whole_sequence(instance, dataset, deidentified):
    whole = instance()
    whole.PhysiciansReadingStudyIdentificationSequence = [dataset(CodeValue="1")]
    assert "PhysiciansReadingStudyIdentificationSequence" not in deidentified(whole)


def test_actions_reach_into_walked_sequences(instance, dataset, deidentified):
    whole = instance(AnatomicRegionSequence=[dataset(CodeValue="T-1", CodeMeaning="Lung")])
    result = deidentified(whole, asking(("resetTag", ["CodeMeaning"])))
    assert result.AnatomicRegionSequence[0].CodeMeaning == PLACEHOLDER
    assert result.AnatomicRegionSequence[0].CodeValue == "T-1"


def test_keep_tag_keeps_a_whole_sequence_unread(instance, dataset, deidentified):
    whole = instance(RequestAttributesSequence=[dataset(PatientName="Kept", ReferencedSOPInstanceUID="1.2.3")])
    result = deidentified(whole, asking(("keepTag", ["RequestAttributesSequence"])))
    assert result.RequestAttributesSequence == whole.RequestAttributesSequence


def test_keep_tag_keeps_a_sequence_of_undefined_length_and_delete_tag_deletes_it(instance, dataset, deidentified):
    whole = instance()
    for keyword in ("RequestAttributesSequence", "AnatomicRegionSequence"):
        inner = dataset(CodeValue="1", PurposeOfReferenceCodeSequence=[dataset(CodeValue="2")])
        inner["PurposeOfReferenceCodeSequence"].is_undefined_length = True
        inner.is_undefined_length_sequence_item = True
        setattr(whole, keyword, [inner])
        whole[keyword].is_undefined_length = True
    result = deidentified(
        whole, asking(("keepTag", ["RequestAttributesSequence"]), ("deleteTag", ["AnatomicRegionSequence"])), "bytes"
    )
    assert result.RequestAttributesSequence[0].PurposeOfReferenceCodeSequence[0].CodeValue == "2"
    assert "AnatomicRegionSequence" not in result


def test_reset_tag_on_a_sequence_keeps_its_form_and_nothing_else(instance, dataset, deidentified):
    whole = instance(
        AnatomicRegionSequence=[
            dataset(CodeValue="T-1", ContextUID="1.2.840.10008.6.1.308", CodingSchemeUID="1.2.3.99", Rows=512)
        ]
    )
    result = deidentified(whole, asking(("resetTag", ["AnatomicRegionSequence"]), profile="KEEP_ALL_PROFILE"))
    (item,) = result.AnatomicRegionSequence
    assert (item.CodeValue, item.Rows) == (PLACEHOLDER, 1)
    assert item.ContextUID == "1.2.840.10008.6.1.308"
    assert item.CodingSchemeUID == regenerate_uid("1.2.3.99")


@pytest.mark.parametrize(("action", "kept"), [("removeTag", True), ("deleteTag", False)])
def test_remove_tag_on_a_sequence_leaves_no_items_and_delete_tag_no_sequence(
    instance, dataset, deidentified, action, kept
):
    whole = instance(AnatomicRegionSequence=[dataset(CodeValue="T-1")])
    result = deidentified(whole, asking((action, ["AnatomicRegionSequence"])))
    assert ("AnatomicRegionSequence" in result) is kept
    assert len(result.get("AnatomicRegionSequence") or []) == 0


def test_a_query_by_vr_selects_every_element_of_that_vr(ann, deidentified):
    result = deidentified(ann, asking(("resetTag", ["PN", "LO"]), profile="KEEP_ALL_PROFILE"))
    names = (result.PatientName, result.ReferringPhysicianName, result.PatientID, result.Manufacturer)
    assert set(map(str, names)) == {PLACEHOLDER}


def test_of_two_actions_that_select_an_element_the_first_is_performed(ann, deidentified):
    first_keep = asking(("keepTag", ["PatientName"]), ("deleteTag", ["PN"]))
    first_delete = asking(("deleteTag", ["PN"]), ("keepTag", ["PatientName"]))
    assert deidentified(ann, first_keep).PatientName == "Ann Johnson"
    assert "PatientName" not in deidentified(ann, first_delete)
    assert "ReferringPhysicianName" not in deidentified(ann, first_keep)


def test_keeping_uids_by_vr_keeps_the_ids(ann, deidentified):
    result = deidentified(ann, asking(("keepTag", ["UI"])))
    assert (result.SOPInstanceUID, result.file_meta.MediaStorageSOPInstanceUID) == ("1.2.3.30", "1.2.3.30")


def test_regenerating_uids_by_vr_leaves_those_of_the_standard(ann, deidentified):
    ann.FrameOfReferenceUID = "1.2.3.40"
    ann.ContextGroupExtensionCreatorUID = "1.2.3.41"
    config = asking(("regenUidTag", ["UI"]), profile="KEEP_ALL_PROFILE", primaryIds="KEEP")
    result = deidentified(ann, config)
    assert result.SOPClassUID == ann.SOPClassUID
    assert result.SOPInstanceUID == regenerate_uid("1.2.3.30")
    assert result.ContextGroupExtensionCreatorUID == regenerate_uid("1.2.3.41")


def test_keep_tag_of_a_private_element_keeps_its_creator(instance, deidentified):
    whole = instance()
    whole.add_new(0x00090010, "LO", "CREATOR")
    whole.add_new(0x00091001, "LO", "one")
    whole.add_new(0x00091002, "LO", "two")
    result = deidentified(whole, asking(("keepTag", ["00091001"])))
    assert {tag for tag in result._dict if tag.is_private} == {0x00090010, 0x00091001}


def test_actions_work_on_top_of_the_minimal_keep_list(ann, deidentified):
    result = deidentified(ann, asking(("keepTag", ["PatientID"]), profile="MINIMAL_KEEP_LIST_PROFILE"))
    assert result.PatientID == "S1214223-1"
    assert "PatientName" not in result


@pytest.mark.parametrize("vr", ["LO", "OB", "UT"])
def test_a_name_encoded_under_another_vr_is_still_a_name_to_delete_and_is_not_kept_with_that_vr(
    instance, deidentified, vr
):
    whole = instance()
    whole.add_new(0x00100010, vr, b"JANE" if vr == "OB" else "JANE")
    deleting = asking(("deleteTag", ["PN"]), profile="KEEP_ALL_PROFILE")
    assert "PatientName" not in deidentified(whole, deleting)
    keeping = asking(("keepTag", [vr])) if vr != "OB" else asking(("keepTag", ["UT"]))
    assert not deidentified(whole, keeping)["PatientName"].value
