import pytest

from pipeline.config import UidPlan, regenerated_uid

REGENERATE_ALL = UidPlan("regenerate", "regenerate", "regenerate")
KEEP_ALL = UidPlan("keep", "keep", "keep")
PROFILES = [
    "PROFILE_TYPE_UNSPECIFIED",
    "MINIMAL_KEEP_LIST_PROFILE",
    "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE",
    "KEEP_ALL_PROFILE",
    "DEIDENTIFY_TAG_CONTENTS",
]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("primary_ids", "plan"),
    [("PRIMARY_IDS_OPTION_UNSPECIFIED", REGENERATE_ALL), ("REGEN", REGENERATE_ALL), ("KEEP", KEEP_ALL)],
)
def test_primary_ids_option_decides_for_every_profile(load, beta, profile, primary_ids, plan):
    assert load(beta(profileType=profile, options={"primaryIds": primary_ids})).uid_plan == plan


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_regenerates_by_itself(load, beta, profile):
    assert load(beta(profileType=profile)).uid_plan == REGENERATE_ALL


@pytest.mark.parametrize(
    ("query", "plan"),
    [
        ("StudyInstanceUID", UidPlan("keep", "regenerate", "regenerate")),
        ("0020000D", UidPlan("keep", "regenerate", "regenerate")),
        ("SeriesInstanceUID", UidPlan("regenerate", "keep", "regenerate")),
        ("0020000e", UidPlan("regenerate", "keep", "regenerate")),
        ("SOPInstanceUID", UidPlan("regenerate", "regenerate", "keep")),
        ("00080018", UidPlan("regenerate", "regenerate", "keep")),
        ("UI", KEEP_ALL),
        ("FrameOfReferenceUID", REGENERATE_ALL),
        ("PN", REGENERATE_ALL),
    ],
)
def test_keep_tag_overrides_the_profile(load, beta, query, plan):
    assert load(beta(actions=[{"queries": ["PatientID", query], "keepTag": {}}])).uid_plan == plan


@pytest.mark.parametrize(
    ("query", "plan"),
    [
        ("SOPInstanceUID", UidPlan("keep", "keep", "regenerate")),
        ("UI", REGENERATE_ALL),
    ],
)
def test_regen_uid_tag_overrides_primary_ids(load, beta, query, plan):
    body = beta(options={"primaryIds": "KEEP"}, actions=[{"queries": [query], "regenUidTag": {}}])
    assert load(body).uid_plan == plan


def test_actions_decide_level_by_level(load, beta):
    actions = [
        {"queries": ["StudyInstanceUID"], "keepTag": {}},
        {"queries": ["SeriesInstanceUID", "SOPInstanceUID"], "regenUidTag": {}},
    ]
    assert load(beta(actions=actions)).uid_plan == UidPlan("keep", "regenerate", "regenerate")


def test_predict_applies_the_rule_where_the_plan_says_so():
    plan = UidPlan(study="keep", series="regenerate", sop="keep")
    assert plan.predict("1.1", "1.2", "1.3") == ("1.1", regenerated_uid("1.2"), "1.3")
