import pytest

from emulator.deidentify import regenerate_uid
from emulator.deidentify.attributes import REQUIRED

BASIC_V1 = {"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}
BASIC_V1BETA1 = {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}
BASIC_BY_DEFAULT = {"dicomTagConfig": {}}
KEEP_ALL_V1 = {"dicom": {"filterProfile": "KEEP_ALL_PROFILE"}}
KEEP_ALL_BY_DEFAULT = {"dicom": {}}
KEEP_ALL_V1BETA1 = {"dicomTagConfig": {"profileType": "KEEP_ALL_PROFILE"}}
MINIMAL_V1 = {"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}}
MINIMAL_V1BETA1 = {"dicomTagConfig": {"profileType": "MINIMAL_KEEP_LIST_PROFILE"}}

ALL = [BASIC_V1, BASIC_V1BETA1, KEEP_ALL_V1, KEEP_ALL_V1BETA1, MINIMAL_V1, MINIMAL_V1BETA1]


@pytest.fixture
def patient(instance, dataset):
    """An instance with a bit of everything."""
    whole = instance(
        SpecificCharacterSet="ISO_IR 100",
        PatientName="CANARY^José",
        PatientID="CANARY-ID",
        PatientAge="044Y",
        StudyDate="20200102",
        ContentDate="20200103",
        SeriesDate="20200104",
        InstitutionName="CANARY Hospital",
        Modality="CT",
        Manufacturer="Maker",
        KVP="120",
        FrameOfReferenceUID="1.2.3.40",
        Rows=2,
        Columns=1,
        BitsAllocated=8,
        PixelData=b"\1\2",
        WindowCenter=[40, 50],
    )
    whole.add_new(0x00091001, "LO", "CANARY private")
    whole.add_new(0x00090010, "LO", "CANARY CREATOR")
    whole.AnatomicRegionSequence = [dataset(CodeValue="T-1", PatientName="CANARY^Nested")]
    return whole


def keywords(result):
    return {element.keyword or f"{element.tag:08X}" for element in result}


@pytest.mark.parametrize("config", [BASIC_V1, BASIC_V1BETA1, BASIC_BY_DEFAULT])
def test_basic_removes_empties_and_replaces_by_the_table(patient, deidentified, config):
    result = deidentified(patient, config)
    assert result.PatientName == ""
    assert result.PatientID == ""
    assert result.StudyDate == ""
    assert result.ContentDate == "19000101"
    assert result.SeriesDate == "19000101"
    assert result.InstitutionName == "PLACEHOLDER"
    assert "PatientAge" not in result
    assert result.FrameOfReferenceUID == regenerate_uid("1.2.3.40")


@pytest.mark.parametrize("config", [BASIC_V1, BASIC_V1BETA1, BASIC_BY_DEFAULT])
def test_basic_keeps_what_the_table_does_not_list_and_removes_private_elements(patient, deidentified, config):
    result = deidentified(patient, config)
    assert (result.Modality, result.Manufacturer, result.KVP, result.Rows) == ("CT", "Maker", 120, 2)
    assert result.SpecificCharacterSet == "ISO_IR 100"
    assert not any(element.tag.is_private for element in result)
    assert result.AnatomicRegionSequence[0].CodeValue == "T-1"
    assert result.AnatomicRegionSequence[0].PatientName == ""


@pytest.mark.parametrize("config", [KEEP_ALL_V1, KEEP_ALL_V1BETA1, KEEP_ALL_BY_DEFAULT])
def test_keep_all_changes_the_primary_ids_alone(patient, deidentified, config):
    result = deidentified(patient, config)
    changed = {e.keyword for e in result if e != patient[e.tag]}
    assert changed == {"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"}
    assert keywords(result) == keywords(patient)


@pytest.mark.parametrize("config", [MINIMAL_V1, MINIMAL_V1BETA1])
def test_minimal_keeps_the_required_tags_and_what_reading_needs(patient, deidentified, config):
    result = deidentified(patient, config)
    present = {int(element.tag) for element in result}
    assert present - REQUIRED == {0x00080005, 0x00080016}
    assert {"Rows", "Columns", "PixelData", "WindowCenter"} <= keywords(result)
    assert result.WindowCenter == [40, 50]


@pytest.mark.parametrize("config", ALL)
def test_every_profile_regenerates_the_primary_ids(patient, deidentified, config):
    result = deidentified(patient, config)
    assert result.StudyInstanceUID == regenerate_uid("1.2.3.10")
    assert result.SeriesInstanceUID == regenerate_uid("1.2.3.20")
    assert result.SOPInstanceUID == regenerate_uid("1.2.3.30")
    assert result.file_meta.MediaStorageSOPInstanceUID == result.SOPInstanceUID


@pytest.mark.parametrize("config", ALL)
def test_ids_are_kept_on_request_and_file_meta_with_them(patient, deidentified, config):
    if "dicom" in config:
        config = {"dicom": {**config["dicom"], "skipIdRedaction": True}}
    else:
        config = {"dicomTagConfig": {**config["dicomTagConfig"], "options": {"primaryIds": "KEEP"}}}
    result = deidentified(patient, config)
    ids = (result.StudyInstanceUID, result.SeriesInstanceUID, result.SOPInstanceUID)
    assert ids == ("1.2.3.10", "1.2.3.20", "1.2.3.30")
    assert result.file_meta.MediaStorageSOPInstanceUID == "1.2.3.30"


@pytest.mark.parametrize("option", ["PRIMARY_IDS_OPTION_UNSPECIFIED", "REGEN"])
def test_unspecified_and_regen_regenerate_them(patient, deidentified, option):
    config = {"dicomTagConfig": {"profileType": "KEEP_ALL_PROFILE", "options": {"primaryIds": option}}}
    assert deidentified(patient, config).SOPInstanceUID == regenerate_uid("1.2.3.30")


def test_other_uids_still_change_when_the_ids_are_kept_under_basic(patient, deidentified):
    result = deidentified(patient, {"dicomTagConfig": {"options": {"primaryIds": "KEEP"}}})
    assert result.FrameOfReferenceUID == regenerate_uid("1.2.3.40")


def test_keep_list_keeps_its_tags_and_the_required_ones(patient, deidentified):
    result = deidentified(patient, {"dicom": {"keepList": {"tags": ["PatientName", "00100020"]}}})
    assert (result.PatientName, result.PatientID) == ("CANARY^José", "CANARY-ID")
    assert result.Rows == 2
    assert "StudyDate" not in result
    assert "AnatomicRegionSequence" not in result


def test_keep_list_keeps_a_sequence_with_its_contents_but_maps_the_instances_it_names(instance, dataset, deidentified):
    whole = instance()
    whole.ReferencedImageSequence = [dataset(ReferencedSOPInstanceUID="1.2.3.31", PatientName="Kept")]
    result = deidentified(whole, {"dicom": {"keepList": {"tags": ["ReferencedImageSequence"]}}})
    assert result.ReferencedImageSequence[0].PatientName == "Kept"
    assert result.ReferencedImageSequence[0].ReferencedSOPInstanceUID == regenerate_uid("1.2.3.31")


def test_keep_list_keeps_private_elements_with_their_creator_and_overlays_with_their_plane(instance, deidentified):
    whole = instance()
    whole.add_new(0x00090010, "LO", "CREATOR")
    whole.add_new(0x00090011, "LO", "OTHER")
    whole.add_new(0x00091001, "LO", "one")
    whole.add_new(0x00091002, "LO", "two")
    whole.add_new(0x60020010, "US", 1)
    whole.add_new(0x60023000, "OW", b"\1\2")
    whole.add_new(0x60024000, "LT", "comment")
    result = deidentified(whole, {"dicom": {"keepList": {"tags": ["00091001", "OverlayData"]}}})
    assert {0x00090010, 0x00091001, 0x60020010, 0x60023000} <= set(result.keys())
    assert not {0x00090011, 0x00091002, 0x60024000} & set(result.keys())


def test_remove_list_removes_its_tags_at_every_depth_and_overlays_and_keeps_the_rest(patient, deidentified):
    patient.add_new(0x60000010, "US", 1)
    patient.add_new(0x60003000, "OW", b"\1\2")
    result = deidentified(patient, {"dicom": {"removeList": {"tags": ["PatientName", "00091001"]}}})
    assert "PatientName" not in result
    assert "PatientName" not in result.AnatomicRegionSequence[0]
    assert 0x00091001 not in result
    assert not any(element.tag.group == 0x6000 for element in result)
    assert result.PatientID == "CANARY-ID"
    assert 0x00090010 in result


def test_the_same_input_gives_the_same_bytes(patient, encoded, run):
    content = encoded(patient)
    assert run(content) == run(content)
    assert run(content, BASIC_V1) == run(content, BASIC_BY_DEFAULT)
