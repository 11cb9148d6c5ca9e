import pytest

ACTIONS = "$.dicomTagConfig.actions"
PRIMARY = ["StudyInstanceUID", "0020000D", "SeriesInstanceUID", "0020000e", "SOPInstanceUID", "00080018", "UI"]


def action(kind, *queries):
    return {"queries": list(queries), kind: {}}


@pytest.mark.parametrize("kind", ["removeTag", "deleteTag", "resetTag"])
@pytest.mark.parametrize("query", [*PRIMARY, "MediaStorageSOPInstanceUID"])
def test_action_that_takes_a_primary_id_away_is_refused(mistakes, beta, kind, query):
    found = mistakes(beta(actions=[action(kind, "PatientID", query)]))
    assert list(found) == [f"{ACTIONS}[0].queries[1]"]
    assert "could not be reconciled" in found[f"{ACTIONS}[0].queries[1]"]


@pytest.mark.parametrize("kind", ["cleanTextTag", "recurseTag", "cleanImageTag"])
@pytest.mark.parametrize("query", PRIMARY)
def test_action_that_does_not_apply_to_uids_is_refused_on_a_primary_id(mistakes, beta, kind, query):
    assert list(mistakes(beta(actions=[action(kind, query)]))) == [f"{ACTIONS}[0].queries[0]"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("PatientName", "PatientName"), ("PatientName", "00100010"), ("PN", "PN"), ("7FE00010", "7fe00010")],
)
def test_tag_in_two_actions_is_refused(mistakes, beta, first, second):
    found = mistakes(beta(actions=[action("keepTag", first), action("deleteTag", "PatientID", second)]))
    assert list(found) == [f"{ACTIONS}[1].queries[1]"]
    assert f"{ACTIONS}[0]" in found[f"{ACTIONS}[1].queries[1]"]


def test_tag_twice_in_one_action_is_accepted(mistakes, beta):
    assert mistakes(beta(actions=[action("keepTag", "PatientName", "00100010")])) == {}


def test_tag_under_an_action_for_its_value_representation_draws_a_warning(load, beta):
    config = load(beta(actions=[action("keepTag", "PatientName"), action("deleteTag", "PN")]))
    assert [warning.split(":")[0] for warning in config.warnings] == [f"{ACTIONS}[0].queries[0]"]


def test_primary_id_under_two_disagreeing_actions_is_refused(mistakes, beta):
    found = mistakes(beta(actions=[action("keepTag", "SOPInstanceUID"), action("regenUidTag", "UI")]))
    assert list(found) == [f"{ACTIONS}[1].queries[0]"]
    assert "SOPInstanceUID" in found[f"{ACTIONS}[1].queries[0]"]


@pytest.mark.parametrize(("kind", "sop"), [("keepTag", "REGEN"), ("regenUidTag", "KEEP")])
def test_file_meta_id_that_would_contradict_the_instance_is_refused(mistakes, beta, kind, sop):
    body = beta(options={"primaryIds": sop}, actions=[action(kind, "MediaStorageSOPInstanceUID")])
    assert "SOPInstanceUID" in mistakes(body)[f"{ACTIONS}[0].queries[0]"]


def test_file_meta_id_with_the_instance_is_accepted(mistakes, beta):
    assert mistakes(beta(actions=[action("keepTag", "SOPInstanceUID", "00020003")])) == {}


@pytest.mark.parametrize("queries", [{}, {"queries": []}])
def test_action_without_queries_is_refused(mistakes, beta, queries):
    assert "no queries" in mistakes(beta(actions=[{**queries, "keepTag": {}}]))[f"{ACTIONS}[0]"]


def test_entry_without_an_action_is_refused(mistakes, beta):
    assert "says no action" in mistakes(beta(actions=[{"queries": ["PN"]}]))[f"{ACTIONS}[0]"]


def test_entry_with_two_actions_is_refused(mistakes, beta):
    found = mistakes(beta(actions=[{"queries": ["PN"], "keepTag": {}, "deleteTag": {}}]))
    assert "keepTag and deleteTag" in found[f"{ACTIONS}[0]"]


def test_mistyped_action_is_reported_once(mistakes, beta):
    found = mistakes(beta(actions=[{"queries": ["PN"], "keepTags": {}}]))
    assert list(found) == [f"{ACTIONS}[0].keepTags"]


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("regenUidTag", "PatientName"),
        ("regenUidTag", "LO"),
        ("recurseTag", "PatientName"),
        ("recurseTag", "UI"),
        ("cleanTextTag", "Rows"),
        ("cleanTextTag", "TM"),
        ("cleanImageTag", "PatientName"),
        ("cleanImageTag", "OW"),
        ("cleanImageTag", "00091001"),
    ],
)
def test_query_that_the_action_does_not_apply_to_is_refused(mistakes, beta, kind, query):
    assert list(mistakes(beta(actions=[action(kind, query)]))) == [f"{ACTIONS}[0].queries[0]"]


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("regenUidTag", "FrameOfReferenceUID"),
        ("recurseTag", "SQ"),
        ("recurseTag", "PhysiciansReadingStudyIdentificationSequence"),
        ("cleanTextTag", "DA"),
        ("cleanTextTag", "StudyDescription"),
        ("cleanImageTag", "PixelData"),
        ("regenUidTag", "00091001"),
        ("keepTag", "60003000"),
        ("keepTag", "OverlayData"),
        ("resetTag", "UN"),
    ],
)
def test_query_that_the_action_applies_to_is_accepted(mistakes, beta, kind, query):
    assert mistakes(beta(actions=[action(kind, query)])) == {}


@pytest.mark.parametrize("query", ["XX", "PatientNam", "0010,0010", "", "pn"])
def test_query_that_selects_nothing_is_refused(mistakes, beta, query):
    assert list(mistakes(beta(actions=[action("keepTag", query)]))) == [f"{ACTIONS}[0].queries[0]"]
