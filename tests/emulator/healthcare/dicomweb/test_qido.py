"""QIDO-RS over HTTP: levels, attributes, filters, pages."""

from __future__ import annotations

import pytest

STUDY_UID, SERIES_UID, SOP_UID = "0020000D", "0020000E", "00080018"


@pytest.fixture
def stored(server, dicom):
    """Two studies of two patients: one with two series of two instances and one, the other with one instance."""
    first = dicom.instance(
        PatientID="P1",
        PatientName="Adams^Ann",
        StudyDate="20200101",
        AccessionNumber="A1",
        ReferringPhysicianName="House^Greg",
        StudyDescription="Head",
        SeriesDescription="Scout",
        InstanceNumber=1,
        Modality="CT",
        SpecificCharacterSet="ISO_IR 100",
    )
    same_study = {key: first[key].value for key in ("StudyInstanceUID", "PatientID", "PatientName", "StudyDate")}
    datasets = [
        first,
        dicom.instance(**same_study, SeriesInstanceUID=first.SeriesInstanceUID, InstanceNumber=2, Modality="CT"),
        dicom.instance(**same_study, Modality="SR", InstanceNumber=1),
        dicom.instance(PatientID="P2", PatientName="Brown^Bob", StudyDate="20210615", Modality="MR"),
    ]
    server.add(*datasets)
    return datasets


def uids(results, tag):
    return [result[tag]["Value"][0] for result in results]


def test_studies_answer_the_documented_attributes(server, stored):
    study = server.search("/studies")[0]
    assert study == {
        "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
        "00080020": {"vr": "DA", "Value": ["20200101"]},
        "00080050": {"vr": "SH", "Value": ["A1"]},
        "00080056": {"vr": "CS", "Value": ["ONLINE"]},
        "00080090": {"vr": "PN", "Value": [{"Alphabetic": "House^Greg"}]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Adams^Ann"}]},
        "00100020": {"vr": "LO", "Value": ["P1"]},
        STUDY_UID: {"vr": "UI", "Value": [stored[0].StudyInstanceUID]},
    }


def test_series_answer_the_documented_attributes_and_the_study(server, stored):
    assert server.search("/series")[0] == {
        "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
        "00080060": {"vr": "CS", "Value": ["CT"]},
        "0008103E": {"vr": "LO", "Value": ["Scout"]},
        STUDY_UID: {"vr": "UI", "Value": [stored[0].StudyInstanceUID]},
        SERIES_UID: {"vr": "UI", "Value": [stored[0].SeriesInstanceUID]},
    }


@pytest.mark.parametrize("below", ["", "/studies/{study}", "/studies/{study}/series/{series}"])
def test_instances_answer_the_documented_attributes_and_always_study_and_series(server, stored, below):
    first = stored[0]
    path = below.format(study=first.StudyInstanceUID, series=first.SeriesInstanceUID)
    assert server.search(f"{path}/instances")[0] == {
        "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
        "00080016": {"vr": "UI", "Value": [first.SOPClassUID]},
        SOP_UID: {"vr": "UI", "Value": [first.SOPInstanceUID]},
        "00080056": {"vr": "CS", "Value": ["ONLINE"]},
        STUDY_UID: {"vr": "UI", "Value": [first.StudyInstanceUID]},
        SERIES_UID: {"vr": "UI", "Value": [first.SeriesInstanceUID]},
        "00200013": {"vr": "IS", "Value": [1]},
        "00280010": {"vr": "US", "Value": [2]},
        "00280011": {"vr": "US", "Value": [3]},
        "00280100": {"vr": "US", "Value": [16]},
    }


def test_each_level_lists_what_lies_below_the_url(server, stored):
    first = stored[0]
    study = f"/studies/{first.StudyInstanceUID}"
    counts = {
        "/studies": 2,
        "/series": 3,
        "/instances": 4,
        f"{study}/series": 2,
        f"{study}/instances": 3,
        f"{study}/series/{first.SeriesInstanceUID}/instances": 2,
        "/studies/1.2.3/series": 0,
        "/studies/1.2.3/instances": 0,
    }
    assert {path: len(server.search(path)) for path in counts} == counts


@pytest.mark.parametrize(
    ("query", "studies"),
    [
        ("PatientID=P1", 1),
        ("00100020=P1", 1),
        ("PatientID=P", 0),
        ("PatientID=P*", 0),
        ("PatientName=Adams%5EAnn", 1),
        ("PatientName=Adams", 0),
        ("PatientName=ann&fuzzymatching=true", 1),
        ("PatientName=an+ad&fuzzymatching=true", 1),
        ("PatientName=nn&fuzzymatching=true", 0),
        ("ReferringPhysicianName=House%5EGreg", 1),
        ("ReferringPhysicianName=house&fuzzymatching=true", 0),
        ("AccessionNumber=A1", 1),
        ("StudyDate=20200101", 1),
        ("StudyDate=20200101-20211231", 2),
        ("StudyDate=20200102-", 1),
        ("StudyDate=-20200101", 1),
        ("PatientID=P1&StudyDate=20210615", 0),
        ("alt=json&key=k&prettyPrint=false&%24.xgafv=2&PatientID=P2", 1),
        ("", 2),
    ],
)
def test_studies_are_filtered_by_the_documented_attributes(server, stored, query, studies):
    assert len(server.search(f"/studies?{query}")) == studies


def test_series_and_instances_are_filtered_by_the_attributes_of_their_levels_and_above(server, stored):
    first = stored[0]
    assert len(server.search("/series?Modality=SR&PatientID=P1")) == 1
    assert len(server.search(f"/series?SeriesInstanceUID={first.SeriesInstanceUID}")) == 1
    assert len(server.search("/instances?Modality=CT")) == 2
    assert uids(server.search(f"/instances?SOPInstanceUID={first.SOPInstanceUID}"), SOP_UID) == [first.SOPInstanceUID]
    assert len(server.search(f"/instances?StudyInstanceUID={first.StudyInstanceUID}&PatientID=P1")) == 3
    assert server.search(f"/studies/{stored[3].StudyInstanceUID}/instances?PatientID=P1") == []


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/instances?SOPClassUID=1.2", "SOPClassUID is not a supported instance"),
        ("/instances?00080016=1.2", "SOPClassUID is not a supported instance"),
        ("/studies?Modality=CT", "Modality is not a supported"),
        ("/studies?SeriesInstanceUID=1.2", "SeriesInstanceUID is not a supported"),
        ("/series?SOPInstanceUID=1.2", "SOPInstanceUID is not a supported"),
        ("/studies?ModalitiesInStudy=CT", "ModalitiesInStudy is not a supported"),
        ("/studies?Nonsense=1", "unknown/unsupported QIDO attribute: Nonsense"),
        ("/studies?99999999=1", "unknown/unsupported QIDO attribute: 99999999"),
        ("/studies?includefield=AvailableTransferSyntaxUID", "attribute: AvailableTransferSyntaxUID"),
        ("/studies?includefield=00083002", "unknown/unsupported QIDO attribute: 00083002"),
        ("/studies?includefield=PatientID,Nonsense", "unknown/unsupported QIDO attribute: Nonsense"),
        ("/studies?limit=5001", "limit is not a whole number from 1 to 5000"),
        ("/series?limit=5001", "limit is not a whole number from 1 to 5000"),
        ("/instances?limit=50001", "limit is not a whole number from 1 to 50000"),
        ("/instances?limit=0", "limit is not"),
        ("/instances?limit=-1", "limit is not"),
        ("/instances?limit=ten", "limit is not"),
        ("/instances?limit=%D9%A1", "limit is not"),
        ("/instances?offset=1000001", "offset is not a whole number from 0 to 1000000"),
        ("/instances?offset=1.5", "offset is not"),
        ("/studies?StudyDate=2020", "StudyDate is no date or range"),
        ("/studies?StudyDate=-", "StudyDate is no date or range"),
        ("/studies?StudyDate=20200101-20200102-", "StudyDate is no date or range"),
        ("/studies?PatientID=", "PatientID has no value"),
        ("/studies?PatientID=a&PatientID=b", "PatientID is given twice"),
        ("/studies?PatientID=a&00100020=b", "PatientID is given twice"),
        ("/studies?StudyInstanceUID=1.2,1.3", "StudyInstanceUID is not one UID"),
        ("/studies?fuzzymatching=maybe", "fuzzymatching is neither"),
    ],
)
def test_what_the_api_does_not_document_is_refused_by_name(server, path, sentence):
    response = server.get(path)
    assert response.status_code == 400
    assert sentence in response.json()["error"]["message"]
    assert response.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_no_value_is_repeated_in_a_refusal(server):
    for query in ("StudyDate=CANARY", "CANARY^X=1", "limit=CANARY", "StudyInstanceUID=CANARY", "includefield=CANARY^X"):
        assert "CANARY" not in server.get(f"/studies?{query}").text


def test_pages_cover_everything_once_while_instances_are_added(server, dicom):
    server.add(*(dicom.instance() for _ in range(7)))
    seen = []
    for offset in range(0, 12, 3):
        seen += uids(server.search(f"/instances?limit=3&offset={offset}"), SOP_UID)
        server.add(dicom.instance())
    expected = [stored.sop for stored in server.instances.find(server.store)]
    assert seen == expected[: len(seen)]
    assert len(seen) == 10


def test_pages_have_the_documented_default_sizes(server, dicom):
    study = dicom.instance()
    for _ in range(3):
        server.add(*(dicom.instance(StudyInstanceUID=study.StudyInstanceUID) for _ in range(335)))
    server.add(*(dicom.instance() for _ in range(101)))
    assert len(server.search("/studies")) == 100
    assert len(server.search("/series")) == 100
    assert len(server.search("/instances")) == 1000
    assert len(server.search("/studies?offset=100")) == 2
    assert len(server.search("/instances?limit=50000")) == 1106


def test_named_fields_are_added_at_every_level(server, stored):
    description = {"vr": "LO", "Value": ["Head"]}
    for path in ("/studies", "/instances"):
        assert server.search(f"{path}?includefield=StudyDescription")[0]["00081030"] == description
    many = server.search("/instances?includefield=00081030,PatientID&includefield=Modality&limit=1")[0]
    assert {"00081030", "00100020", "00080060", SOP_UID} <= set(many)
    assert many == dict(sorted(many.items()))


def test_all_fields_of_a_level_are_those_of_the_level(server, stored):
    study = server.search("/studies?includefield=all")[0]
    assert study["00081030"]["Value"] == ["Head"]
    assert study["00080061"] == {"vr": "CS", "Value": ["CT", "SR"]}
    assert (study["00201206"]["Value"], study["00201208"]["Value"]) == ([2], [3])
    assert not {"00280010", "00080060", SOP_UID, SERIES_UID} & set(study)
    series = server.search("/series?includefield=all")[0]
    assert series["00201209"] == {"vr": "IS", "Value": [2]}
    assert not {"00280010", SOP_UID, "00100020"} & set(series)
    instance = server.search("/instances?includefield=all")[0]
    assert {"00280010", "00080060", "00100020", SOP_UID} <= set(instance)
    assert "7FE00010" not in instance


def test_a_search_without_result_is_an_empty_list_or_no_content(server, start, tmp_path):
    assert server.search("/studies?PatientID=nobody") == []
    other = start(tmp_path / "other", qido_empty_status=204)
    response = other.get("/studies?PatientID=nobody")
    assert (response.status_code, response.content) == (204, b"")


def test_names_in_other_scripts_are_found_and_answered_in_utf_8(server, dicom):
    server.add(dicom.instance(SpecificCharacterSet="GB18030", PatientName="Wang^XiaoDong=王^小东", PatientID="王"))
    expected = {"Alphabetic": "Wang^XiaoDong", "Ideographic": "王^小东"}
    for query in ("PatientName=王^小东", "PatientID=王", "PatientName=小东&fuzzymatching=true"):
        (study,) = server.search(f"/studies?{query}")
        assert study["00100010"]["Value"] == [expected]


def test_results_are_dicom_json_and_nothing_else(server, stored):
    assert server.get("/studies", "application/dicom+json").headers["content-type"] == "application/dicom+json"
    assert server.get("/studies", "application/xml").status_code == 406
    assert server.get("/studies", "nonsense").status_code == 400


def test_a_search_in_a_missing_store_is_an_error_not_an_empty_list(server):
    server.store = server.store + "-missing"
    assert server.get("/studies").status_code == 404
