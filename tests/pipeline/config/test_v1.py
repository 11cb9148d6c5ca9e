import pytest

from pipeline.config import UidPlan

BASIC = "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"


@pytest.mark.parametrize("dicom", [{}, {"skipIdRedaction": False}])
def test_dicom_that_filters_nothing_is_refused(mistakes, dicom):
    assert BASIC in mistakes({"dicom": dicom})["$.dicom"]


def test_unspecified_profile_is_refused_because_it_keeps_all(mistakes):
    found = mistakes({"dicom": {"filterProfile": "TAG_FILTER_PROFILE_UNSPECIFIED"}})
    assert "KEEP_ALL_PROFILE" in found["$.dicom.filterProfile"]
    assert BASIC in found["$.dicom.filterProfile"]


def test_keep_all_written_out_is_accepted_with_a_warning(load):
    (warning,) = load({"dicom": {"filterProfile": "KEEP_ALL_PROFILE"}}).warnings
    assert warning.startswith("$.dicom.filterProfile: every tag keeps its value")


@pytest.mark.parametrize(
    "dicom",
    [
        {"filterProfile": BASIC, "keepList": {"tags": ["PatientID"]}},
        {"filterProfile": BASIC, "removeList": {"tags": ["PatientID"]}},
        {"keepList": {"tags": ["PatientID"]}, "removeList": {"tags": ["PatientName"]}},
    ],
)
def test_two_filters_are_refused(mistakes, dicom):
    assert "exclude each other" in mistakes({"dicom": dicom})["$.dicom"]


@pytest.mark.parametrize("remove_list", [{}, {"tags": []}])
def test_remove_list_without_tags_is_refused(mistakes, remove_list):
    assert "names no tag" in mistakes({"dicom": {"removeList": remove_list}})["$.dicom.removeList"]


@pytest.mark.parametrize(
    "tag",
    [
        *("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "MediaStorageSOPInstanceUID", "PixelData"),
        *("0020000D", "0020000e", "00080018", "00020003", "7FE00010"),
    ],
)
def test_remove_list_with_a_required_tag_is_refused(mistakes, tag):
    found = mistakes({"dicom": {"removeList": {"tags": ["PatientName", tag]}}})
    assert list(found) == ["$.dicom.removeList.tags[1]"]


@pytest.mark.parametrize(
    ("tag", "hint"),
    [
        ("PatientNam", '"PatientName"'),
        ("patientname", '"PatientName"'),
        ("(0010,0010)", "eight hexadecimal digits"),
        ("0x00100010", "eight hexadecimal digits"),
        ("0010001", "must be a tag id"),
        ("Patient Name", "must be a tag id"),
        ("", "must be a tag id"),
        ("PN", "value representation is not allowed"),
        ("CompletelyUnheardOf", "by its tag id"),
        ("MessageID", "by its tag id"),
    ],
)
@pytest.mark.parametrize("name", ["keepList", "removeList"])
def test_entry_that_names_no_element_is_refused(mistakes, name, tag, hint):
    assert hint in mistakes({"dicom": {name: {"tags": [tag]}}})[f"$.dicom.{name}.tags[0]"]


@pytest.mark.parametrize(
    "tag", ["PatientName", "00100010", "7fe00010", "00091001", "60003000", "OverlayData", "FFFFFFF0"]
)
def test_tag_ids_and_keywords_are_accepted_private_and_unknown_ids_included(mistakes, tag):
    assert mistakes({"dicom": {"keepList": {"tags": [tag]}}}) == {}


@pytest.mark.parametrize(
    "dicom",
    [
        {"filterProfile": BASIC},
        {"filterProfile": "KEEP_ALL_PROFILE"},
        {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"},
        {"filterProfile": "DEIDENTIFY_TAG_CONTENTS", "skipIdRedaction": False},
        {"keepList": {"tags": ["StudyInstanceUID"]}},
        {"removeList": {"tags": ["PatientName"]}},
    ],
)
def test_ids_are_regenerated_whatever_the_filter(load, dicom):
    assert load({"dicom": dicom}).uid_plan == UidPlan("regenerate", "regenerate", "regenerate")


def test_skip_id_redaction_keeps_the_ids(load):
    plan = load({"dicom": {"filterProfile": BASIC, "skipIdRedaction": True}}).uid_plan
    assert plan.predict("1.1", "1.2", "1.3") == ("1.1", "1.2", "1.3")
