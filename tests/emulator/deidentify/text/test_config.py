"""TextConfig of both versions: defaults, what goes before what, and what is refused."""

import pickle

import pytest

from emulator.deidentify.errors import ConfigError
from emulator.deidentify.text.transform import CharacterMask, CryptoHash, DateShift, Redact, ReplaceWithInfoType

KEY = "MDEyMzQ1Njc4OWFiY2RlZg=="
OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMA=="
REDACT = {"redactConfig": {}}
REPLACE = {"replaceWithInfoTypeConfig": {}}
MASK = {"characterMaskConfig": {}}
SHIFT = {"dateShiftConfig": {"cryptoKey": KEY}}


def additional(*items, **more):
    return {"additionalTransformations": list(items), **more}


def on(*info_types, **kind):
    return {"infoTypes": list(info_types), **kind}


def refusal(compiled, text, version="v1beta1"):
    with pytest.raises(ConfigError) as refused:
        compiled(text, version)
    return refused.value


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
@pytest.mark.parametrize("text", [None, {}, {"additionalTransformations": []}])
def test_without_transformations_dates_are_shifted_and_all_else_is_named(compiled, text, version):
    done = compiled(text, version).by_info_type
    assert isinstance(done["DATE"], DateShift)
    assert isinstance(done["DATE_OF_BIRTH"], DateShift)
    assert {type(what) for name, what in done.items() if not name.startswith("DATE")} == {ReplaceWithInfoType}
    assert {"PERSON_NAME", "PHONE_NUMBER", "MEDICAL_RECORD_NUMBER"} <= done.keys()


@pytest.mark.parametrize("profile", ["PROFILE_TYPE_UNSPECIFIED", "BASIC"])
def test_the_basic_profile_is_the_default(compiled, profile):
    assert compiled({"profileType": profile}) == compiled({})


def test_the_empty_profile_looks_for_nothing(compiled):
    assert compiled({"profileType": "EMPTY"}).info_types == frozenset()


def test_with_the_empty_profile_only_what_is_named_is_transformed(compiled):
    plan = compiled(additional(on("PERSON_NAME", **REDACT), profileType="EMPTY"))
    assert plan.by_info_type == {"PERSON_NAME": Redact()}


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
@pytest.mark.parametrize("field", ["transformations", "additionalTransformations", "additional_transformations"])
def test_what_is_named_goes_before_the_default(compiled, field, version):
    plan = compiled({field: [on("PERSON_NAME", **REDACT)]}, version)
    assert plan.by_info_type["PERSON_NAME"] == Redact()
    assert plan.by_info_type["PHONE_NUMBER"] == ReplaceWithInfoType()


def test_both_lists_count(compiled):
    plan = compiled({"transformations": [on("AGE", **REDACT)], **additional(on("PERSON_NAME", **MASK))})
    assert (plan.by_info_type["AGE"], plan.by_info_type["PERSON_NAME"]) == (Redact(), CharacterMask("*"))


def test_a_transformation_without_info_types_is_for_all_that_others_do_not_name(compiled):
    plan = compiled(additional(MASK, on("PERSON_NAME", **REDACT)))
    assert plan.by_info_type["PERSON_NAME"] == Redact()
    assert {plan.by_info_type[name] for name in ("DATE", "DATE_OF_BIRTH", "AGE", "PHONE_NUMBER")} == {CharacterMask()}


def test_a_transformation_without_info_types_fills_the_empty_profile(compiled):
    plan = compiled(additional(REDACT, profileType="EMPTY"))
    assert plan.by_info_type["PHONE_NUMBER"] == Redact()


def test_a_single_transformation_without_info_types_is_for_any_in_v1(compiled):
    assert set(compiled(additional(REDACT), "v1").by_info_type.values()) == {Redact()}


def test_beside_others_it_is_refused_in_v1(compiled):
    error = refusal(compiled, additional(on("PERSON_NAME", **MASK), REDACT), "v1")
    assert error.json_path == "$.text.additionalTransformations[1]"
    assert "v1beta1" in error.message


def test_two_transformations_without_info_types_are_refused(compiled):
    assert "second" in refusal(compiled, additional(REDACT, MASK)).message


def test_excluded_info_types_are_not_looked_for_even_when_they_are_named(compiled):
    plan = compiled(additional(on("PERSON_NAME", **REDACT), excludeInfoTypes=["PERSON_NAME", "LOCATION"]))
    assert plan.info_types.isdisjoint({"PERSON_NAME", "LOCATION"})
    assert "DATE" in plan.info_types


def test_birth_dates_are_treated_as_dates_are(compiled):
    done = compiled(additional(on("DATE", **REDACT), profileType="EMPTY")).by_info_type
    assert done == {"DATE": Redact(), "DATE_OF_BIRTH": Redact()}


def test_birth_dates_can_be_treated_otherwise(compiled):
    done = compiled(additional(on("DATE_OF_BIRTH", **REDACT), on("DATE", **SHIFT))).by_info_type
    assert done["DATE_OF_BIRTH"] == Redact()
    assert isinstance(done["DATE"], DateShift)


def test_birth_dates_are_replaced_when_other_dates_are_excluded(compiled):
    done = compiled({"excludeInfoTypes": ["DATE"]}).by_info_type
    assert "DATE" not in done
    assert done["DATE_OF_BIRTH"] == ReplaceWithInfoType()


@pytest.mark.parametrize("lists", [("transformations",) * 2, ("transformations", "additionalTransformations")])
def test_one_info_type_in_two_transformations_is_refused(compiled, lists):
    text: dict = {name: [] for name in lists}
    for name, kind in zip(lists, (REDACT, MASK), strict=True):
        text[name].append(on("PERSON_NAME", **kind))
    assert "PERSON_NAME has a transformation already" in refusal(compiled, text).message


@pytest.mark.parametrize("kind", [{}, REDACT | MASK])
def test_a_transformation_is_of_exactly_one_kind(compiled, kind):
    error = refusal(compiled, additional(on("PERSON_NAME", **kind)))
    assert error.json_path == "$.text.additionalTransformations[0]"
    assert "redactConfig" in error.message


def test_a_misspelt_info_type_is_refused_with_the_right_one(compiled):
    error = refusal(compiled, additional(on("PERSON_NAMES", **REDACT)))
    assert error.json_path == "$.text.additionalTransformations[0].infoTypes[0]"
    assert "did you mean PERSON_NAME?" in error.message


def test_an_info_type_without_detector_is_refused(compiled):
    message = refusal(compiled, additional(on("GENDER", **REDACT))).message
    assert "the engine has no detector for GENDER" in message
    assert "PERSON_NAME" in message


def test_excluding_what_is_never_found_changes_nothing(compiled):
    assert compiled({"excludeInfoTypes": ["FDA_CODE"]}).by_info_type == compiled({}).by_info_type


def test_a_misspelt_exclusion_is_refused(compiled):
    error = refusal(compiled, {"excludeInfoTypes": ["PERSON_NAMES"]})
    assert error.json_path == "$.text.excludeInfoTypes[0]"
    assert "PERSON_NAME?" in error.message


@pytest.mark.parametrize("name", ["person name", "Jane Doe", 7, None, ""])
def test_what_is_no_name_is_refused_and_not_repeated(compiled, name):
    error = refusal(compiled, additional(on(name, **REDACT)))
    assert "must be the name of an info type" in error.message
    assert "Jane" not in str(error)


@pytest.mark.parametrize("info_types", [[], ["PERSON_NAME"], ["DATE", "AGE"]])
def test_date_shift_is_for_dates_only(compiled, info_types):
    assert "dateShiftConfig is for dates" in refusal(compiled, additional(on(*info_types, **SHIFT))).message


def test_date_shift_of_nothing_named_is_refused_in_v1_too(compiled):
    assert "dateShiftConfig is for dates" in refusal(compiled, additional(SHIFT), "v1").message


@pytest.mark.parametrize(
    ("given", "used"), [({}, "*"), ({"maskingCharacter": ""}, "*"), ({"masking_character": "#"}, "#")]
)
def test_the_masking_character_is_an_asterisk_unless_given(compiled, given, used):
    plan = compiled(additional(on("AGE", characterMaskConfig=given)))
    assert plan.by_info_type["AGE"] == CharacterMask(used)


@pytest.mark.parametrize(
    ("given", "reason"), [("##", "single"), ("\\", "backslash"), ("\n", "control"), (7, "must be a string")]
)
def test_other_masking_characters_are_refused(compiled, given, reason):
    error = refusal(compiled, additional(on("AGE", characterMaskConfig={"maskingCharacter": given})))
    assert error.json_path.endswith("characterMaskConfig.maskingCharacter")
    assert reason in error.message


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ({"transformation": []}, "$.text.transformation"),
        ({"profileType": "FULL"}, "$.text.profileType"),
        ({"additionalTransformations": {}}, "$.text.additionalTransformations"),
        ({"additionalTransformations": [[]]}, "$.text.additionalTransformations[0]"),
        (additional(on("AGE", redactConfig={"with": "x"})), "$.text.additionalTransformations[0].redactConfig.with"),
        (additional(on("AGE", redactConfig=[])), "$.text.additionalTransformations[0].redactConfig"),
        ({"excludeInfoTypes": "AGE"}, "$.text.excludeInfoTypes"),
        ([], "$.text"),
    ],
)
def test_what_is_no_text_config_is_refused_with_its_place(compiled, text, path):
    assert refusal(compiled, text).json_path == path


def test_the_profile_is_a_field_of_v1beta1_only(compiled):
    assert "v1beta1 only" in refusal(compiled, {"profileType": "BASIC"}, "v1").message


def test_the_tutorials_configuration_is_taken(compiled):
    text = {
        "transformations": [
            on("PERSON_NAME", **REDACT),
            on("PHONE_NUMBER", characterMaskConfig={"maskingCharacter": ""}),
            on("DATE", "DATE_OF_BIRTH", dateShiftConfig={"cryptoKey": "U2FsdGVkX19bS2oZsdbK9X5zi2utBn22uY+I2Vo0zOU="}),
        ]
    }
    done = compiled(text, "v1").by_info_type
    assert (done["PERSON_NAME"], done["PHONE_NUMBER"]) == (Redact(), CharacterMask("*"))
    assert done["DATE"] == done["DATE_OF_BIRTH"]


def test_equal_configurations_make_equal_plans_in_every_process(compiled):
    text = additional(on("DATE", **SHIFT), on("PERSON_NAME", cryptoHashConfig={"cryptoKey": KEY}))
    plan = compiled(text)
    assert pickle.loads(pickle.dumps(plan)) == plan == compiled(text)


def test_another_key_makes_another_plan(compiled):
    plans = [compiled(additional(on("AGE", cryptoHashConfig={"cryptoKey": key}))) for key in (KEY, OTHER_KEY)]
    assert plans[0] != plans[1]


def test_a_plan_says_in_words_what_it_does(compiled):
    plan = compiled(
        additional(
            on("DATE", **SHIFT),
            on("PERSON_NAME", cryptoHashConfig={}),
            on("AGE", **REDACT),
            profileType="EMPTY",
            excludeInfoTypes=["LOCATION"],
        )
    )
    assert plan.describe() == [
        "AGE: erased",
        "DATE, DATE_OF_BIRTH: moved by up to 100 days, all dates of a patient by the same, computed with the given key",
        "PERSON_NAME: replaced with a hash, computed with a key made for the operation",
        "phrases of the instance's own header, where they are looked for: replaced with [CTX]",
        "LOCATION: left as they are",
    ]


def test_no_key_shows_in_a_plan(compiled):
    plan = compiled(additional(on("DATE", **SHIFT), on("AGE", cryptoHashConfig={})))
    assert isinstance(plan.by_info_type["AGE"], CryptoHash)
    shown = repr(plan) + " ".join(plan.describe())
    for secret in (KEY, "0123456789abcdef", "\\x00\\x01", plan.by_info_type["AGE"].key.material.hex()):
        assert secret not in shown
