"""UIDs that name other instances follow the rule of those instances' own ids."""

import pytest

from emulator.deidentify import regenerate_uid

KEEP_ALL = {"dicom": {}}
KEPT_IDS = {"dicomTagConfig": {"options": {"primaryIds": "KEEP"}}}


@pytest.fixture
def referring(instance, dataset):
    whole = instance(SOPInstanceUID="1.2.3.99")
    whole.ReferencedImageSequence = [
        dataset(
            ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2",
            ReferencedSOPInstanceUID="1.2.3.30",
            ReferencedFrameNumber=7,
            PurposeOfReferenceCodeSequence=[dataset(CodeValue="121311", CodeMeaning="Localizer")],
            InstitutionName="CANARY",
            CodeMeaning="CANARY",
        )
    ]
    whole.ReferencedSeriesSequence = [
        dataset(SeriesInstanceUID="1.2.3.20", ReferencedInstanceSequence=[dataset(ReferencedSOPInstanceUID="1.2.3.30")])
    ]
    whole.StudiesContainingOtherReferencedInstancesSequence = [dataset(StudyInstanceUID="1.2.3.10")]
    whole.SOPInstanceUIDOfConcatenationSource = "1.2.3.30"
    return whole


@pytest.mark.parametrize("config", [{"dicomTagConfig": {}}, KEEP_ALL])
def test_references_name_the_instances_by_their_new_uids(instance, referring, deidentified, config):
    target, result = deidentified(instance(), config), deidentified(referring, config)
    assert result.ReferencedImageSequence[0].ReferencedSOPInstanceUID == target.SOPInstanceUID
    (series,) = result.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == target.SeriesInstanceUID
    assert series.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == target.SOPInstanceUID
    (study,) = result.StudiesContainingOtherReferencedInstancesSequence
    assert study.StudyInstanceUID == target.StudyInstanceUID
    assert result.SOPInstanceUIDOfConcatenationSource == target.SOPInstanceUID


def test_references_stay_when_the_ids_stay(instance, referring, deidentified):
    result = deidentified(referring, KEPT_IDS)
    assert result.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2.3.30"
    assert result.ReferencedSeriesSequence[0].SeriesInstanceUID == "1.2.3.20"


def test_a_reference_keeps_what_it_consists_of_and_loses_the_rest(referring, deidentified):
    (item,) = deidentified(referring).ReferencedImageSequence
    assert item.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2"
    assert item.ReferencedFrameNumber == 7
    assert item.PurposeOfReferenceCodeSequence[0].CodeMeaning == "Localizer"
    assert "CANARY" not in str(item)


def test_each_uid_of_a_list_is_replaced(instance, deidentified):
    whole = instance(FailedSOPInstanceUIDList=["1.2.3", "1.2.4", "1.2.3"])
    expected = [regenerate_uid(uid) for uid in ("1.2.3", "1.2.4", "1.2.3")]
    assert deidentified(whole).FailedSOPInstanceUIDList == expected


def test_the_performed_procedure_step_keeps_its_form_with_new_uids(instance, dataset, deidentified):
    step = dataset(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.3", ReferencedSOPInstanceUID="1.2.3.77")
    result = deidentified(instance(ReferencedPerformedProcedureStepSequence=[step]))
    (item,) = result.ReferencedPerformedProcedureStepSequence
    assert item.ReferencedSOPClassUID == "1.2.840.10008.3.1.2.3.3"
    assert item.ReferencedSOPInstanceUID == regenerate_uid("1.2.3.77")


def test_the_referenced_study_goes_from_the_top_and_keeps_its_form_where_it_is_required(
    instance, dataset, deidentified
):
    study = dataset(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID="1.2.3.10", StudyDescription="CANARY"
    )
    whole = instance(ReferencedStudySequence=[study])
    whole.ReferencedRequestSequence = [dataset(StudyInstanceUID="1.2.3.10", ReferencedStudySequence=[study])]
    result = deidentified(whole)
    assert "ReferencedStudySequence" not in result
    (item,) = result.ReferencedRequestSequence[0].ReferencedStudySequence
    assert item.ReferencedSOPClassUID == "1.2.840.10008.3.1.2.3.1"
    assert item.ReferencedSOPInstanceUID == regenerate_uid("1.2.3.10")
    assert "StudyDescription" not in item


@pytest.mark.parametrize("padding", ["", " ", "\0", "\0\0", " \0"])
def test_padding_of_a_uid_does_not_change_what_it_becomes(instance, encoded, deidentified, padding):
    whole = instance()
    value = ("1.2.3.4" + padding).encode()
    whole.add_new(0x00200052, "OB", value + b"\0" * (len(value) % 2))
    assert deidentified(whole)[0x00200052].value == regenerate_uid("1.2.3.4")
