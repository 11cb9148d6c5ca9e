"""Values of each text VR cleaned: nothing planted survives, and what comes out is legal and readable."""

import warnings
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.charset import decode_bytes, encode_string
from pydicom.datadict import tag_for_keyword

from emulator.deidentify.character_sets import codecs_of
from emulator.deidentify.instance import Instance
from emulator.deidentify.text.legal import MOST_BYTES, is_legal
from emulator.deidentify.text.phrase import Phrase

QUICK = settings(max_examples=60, deadline=None, derandomize=True, database=None)
MULTI_VALUED = ["AE", "LO", "SH", "UC"]
SEARCHED = [*MULTI_VALUED, "LT", "ST", "UT"]
LIMITS = {"AE": 16, "SH": 16, "LO": 64, "PN": 64, "ST": 1024, "LT": 10240, "UC": None, "UT": None}
KINDS = ["redactConfig", "characterMaskConfig", "cryptoHashConfig", "replaceWithInfoTypeConfig"]
HASH_CHARACTERS = 44


@pytest.fixture(scope="module")
def basic(compiled):
    return compiled({})


@pytest.fixture(scope="module")
def wall(instance):
    return instance(names=("Wall^Anna",))


@pytest.fixture(scope="module")
def only(compiled):
    """A plan with one transformation for all info types."""
    return lambda kind: compiled({"additionalTransformations": [{kind: {}}]})


def tag(keyword):
    return tag_for_keyword(keyword)


@pytest.mark.parametrize("vr", SEARCHED)
def test_names_of_the_header_are_replaced_in_every_text_vr(cleaned, only, wall, vr):
    assert cleaned(vr, b"by Wall now ", only("redactConfig"), wall).split() == [b"by", b"now"]


@pytest.mark.parametrize("vr", SEARCHED)
def test_a_value_without_findings_keeps_its_bytes(cleaned, basic, vr):
    for value in (b"CT  nativ", b" a\0", b"", b"  ", b"\0", b"\\\\", b"x" * 200):
        assert cleaned(vr, value, basic) == value


@pytest.mark.parametrize("vr", ["UI", "CS", "TM", "IS", "DS", "OB", "UR", "US", "SQ", "UN"])
def test_other_vrs_are_left_alone(cleaned, basic, wall, vr):
    assert cleaned(vr, b"Wall", basic, wall) == b"Wall"


@pytest.mark.parametrize("vr", MULTI_VALUED)
def test_each_of_several_values_is_cleaned(cleaned, only, wall, vr):
    assert cleaned(vr, b"one\\Wall\\\\Anna 2", only("redactConfig"), wall).split(b"\\") == [b"one", b"", b"", b" 2"]


@pytest.mark.parametrize("vr", ["LT", "ST", "UT"])
def test_a_backslash_is_text_in_single_valued_vrs(cleaned, only, wall, vr):
    assert cleaned(vr, b"C:\\Wall\\x", only("characterMaskConfig"), wall) == b"C:\\****\\x "


@pytest.mark.parametrize(("vr", "limit"), [(vr, limit) for vr, limit in LIMITS.items() if limit and vr != "PN"])
def test_what_is_too_long_is_cut(cleaned, basic, wall, vr, limit):
    value = b"Wall " + b"x " * limit
    assert 0 < len(cleaned(vr, value, basic, wall)) <= limit


def test_a_cut_leaves_nothing_but_cleaned_text(cleaned, basic, wall):
    result = cleaned("SH", b"Wall 7 Anna", basic, wall)
    assert result.startswith(b"[PERSON_NAME]")
    assert len(result) <= LIMITS["SH"]
    assert b"nna" not in result


def test_an_element_holds_no_more_bytes_than_its_length_can_say(cleaned, basic, wall):
    value = b"\\".join([b"Wall"] * 13000)
    result = cleaned("LO", value, basic, wall)
    assert len(result) <= MOST_BYTES
    assert set(result.strip().split(b"\\")) == {b"[PERSON_NAME]"}


@pytest.mark.parametrize(
    ("keyword", "vr", "info_type"),
    [
        ("PatientID", "LO", "MEDICAL_RECORD_NUMBER"),
        ("OtherPatientIDs", "LO", "MEDICAL_RECORD_NUMBER"),
        ("AccessionNumber", "SH", "MEDICAL_RECORD_NUMBER"),
        ("PatientTelephoneNumbers", "SH", "PHONE_NUMBER"),
        ("PatientAddress", "LO", "LOCATION"),
        ("InstitutionAddress", "ST", "LOCATION"),
        ("CameraOwnerName", "UT", "PERSON_NAME"),
    ],
)
def test_attributes_that_hold_one_thing_are_that_thing_as_a_whole(cleaned, basic, keyword, vr, info_type):
    expected = f"[{info_type}]".encode()[: LIMITS[vr]]
    assert cleaned(vr, b"Q zz", basic, tag=tag(keyword)).rstrip() == expected


def test_of_several_ids_each_is_replaced(cleaned, only):
    result = cleaned("LO", b"12\\ \\ab", only("characterMaskConfig"), tag=tag("OtherPatientIDs"))
    assert result == b"**\\\\**"


def test_an_attribute_is_searched_when_its_info_type_is_excluded(cleaned, compiled, wall):
    plan = compiled({"excludeInfoTypes": ["LOCATION"]})
    assert cleaned("LO", b"Hall 2, Wall", plan, wall, tag=tag("PatientAddress")) == b"Hall 2, [PERSON_NAME] "


@pytest.mark.parametrize("contextual", [False, True])
def test_a_name_is_a_person_as_a_whole(cleaned, basic, wall, contextual):
    for value in (b"Ann Johnson", b"Wall^Anna", b"Wall", b"A^B^^Dr=\x1b$B;3ED=c", b"A"):
        assert cleaned("PN", value, basic, wall, contextual=contextual) == b"[PERSON_NAME] "


def test_each_of_several_names_is_replaced_and_empty_ones_stay(cleaned, basic):
    assert cleaned("PN", b"A^B\\\\^^\\C", basic) == b"[PERSON_NAME]\\\\^^\\[PERSON_NAME] "


@pytest.mark.parametrize("character", ["*", "^", "="])
def test_a_transformed_name_is_one_component(cleaned, compiled, character):
    plan = compiled({"additionalTransformations": [{"characterMaskConfig": {"maskingCharacter": character}}]})
    assert cleaned("PN", b"Doe^Jo=X", plan).strip() in {b"", b"*" * 8}


def test_a_hash_in_a_name_is_one_component_group(cleaned, only):
    result = cleaned("PN", b"Doe^Jo", only("cryptoHashConfig"))
    assert len(result.strip()) == HASH_CHARACTERS - 1
    assert b"=" not in result


def test_names_are_searched_for_other_things_when_persons_are_excluded(cleaned, compiled):
    plan = compiled({"excludeInfoTypes": ["PERSON_NAME"], "additionalTransformations": [{"redactConfig": {}}]})
    assert cleaned("PN", b"Doe^2021-05-03=a", plan) == b"Doe^=a"


@pytest.mark.parametrize("keyword", ["StudyDate", "PatientBirthDate", "ContentDate"])
def test_dates_move_together(cleaned, basic, keyword):
    before = [b"20201230", b"20210101", b"20210301"]
    one, two, three = (date.fromisoformat(cleaned("DA", day, basic, tag=tag(keyword)).decode()) for day in before)
    assert ((two - one).days, (three - two).days) == (2, 59)
    assert two != date(2021, 1, 1)


def test_a_date_and_a_time_move_by_the_days_of_the_date(cleaned, basic):
    date = cleaned("DA", b"20210520", basic)
    assert cleaned("DT", b"20210520101112.5+0200", basic) == date + b"101112.5+0200 "


def test_each_of_several_dates_moves(cleaned, basic):
    one = cleaned("DA", b"20210520", basic)
    assert cleaned("DA", b"20210520\\\\20210520", basic) == one + b"\\\\" + one


@pytest.mark.parametrize("value", [b"20210230", b"2021", b"20210101-20210201", b"Jane Doe", b"\xff\xfe", b"[DATE]"])
def test_what_is_no_date_becomes_empty(cleaned, basic, value):
    assert cleaned("DA", value, basic) == b""


@pytest.mark.parametrize("value", [b"2021", b"202105", b"Jane", b"20210230", b"\xff\xfe", b"20210520-20210521"])
def test_what_cannot_be_moved_of_date_times_becomes_empty(cleaned, basic, value):
    assert cleaned("DT", value, basic) == b""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("vr", "value"), [("DA", b"20210520"), ("DT", b"20210520"), ("AS", b"041Y")])
def test_what_a_date_or_an_age_cannot_hold_becomes_empty(cleaned, only, kind, vr, value):
    assert cleaned(vr, value, only(kind)) == b""


@pytest.mark.parametrize(("vr", "value"), [("DA", b"20210520"), ("DT", b"202105"), ("AS", b"041Y"), ("AS", b"?")])
def test_excluded_dates_and_ages_stay(cleaned, compiled, vr, value):
    plan = compiled({"excludeInfoTypes": ["DATE", "DATE_OF_BIRTH", "AGE"]})
    assert cleaned(vr, value, plan) == value


def test_a_name_in_a_date_goes_even_when_dates_are_excluded(cleaned, compiled, wall):
    assert cleaned("DA", b"Wall", compiled({"excludeInfoTypes": ["DATE"]}), wall) == b""


def test_with_the_empty_profile_nothing_changes(cleaned, compiled, wall):
    plan = compiled({"profileType": "EMPTY"})
    for vr, value in (("PN", b"Wall^Anna"), ("DA", b"20210520"), ("LO", b"by Wall"), ("AS", b"041Y"), ("DA", b"x")):
        assert cleaned(vr, value, plan, wall) == value


def test_phrases_of_the_header_become_ctx(cleaned, compiled, wall):
    plan = compiled({"profileType": "EMPTY"})
    assert cleaned("LO", b"Motion of Wall", plan, wall, contextual=True) == b"Motion of [CTX] "


@pytest.mark.parametrize("hidden", ["\0", "\x07", "\x1f", "\x7f", "\x85"])
@pytest.mark.parametrize("vr", SEARCHED)
def test_control_characters_hide_nothing_and_do_not_stay(cleaned, basic, instance, vr, hidden):
    value = f"by Cana{hidden}ryson, Ot{hidden}to".encode("latin-1")
    result = cleaned(vr, value, basic, instance(names=("Canaryson",)))
    assert b"ryson" not in result
    assert not set(result) & {*range(32), *range(127, 160)}


def test_a_control_character_between_two_words_hides_neither(cleaned, only, instance):
    whose = instance(names=("Canaryson", "Walther"))
    assert cleaned("LO", b"by Canaryson\0Walther!", only("redactConfig"), whose).strip() in {b"by !", b"by  !"}


@pytest.mark.parametrize("hidden", ["\u00ad", "\u200b", "\u200d", "\u202e", "\ufeff", "\u2060"])
def test_characters_that_show_as_nothing_hide_nothing(cleaned, basic, instance, hidden):
    value = f"by Cana{hidden}ryson".encode()
    assert cleaned("LO", value, basic, instance(names=("Canaryson",)), encodings=("UTF8",)) == b"by [PERSON_NAME]"


CHARACTER_SETS = [
    (b"ISO_IR 100", "Kontrolle bei Müller, Fuß"),
    (b"ISO_IR 192", "Kontrolle bei Müller 山田 ß €"),
    (b"GB18030", "检查 Müller 王小东"),
    (b"GBK", "检查 Mller 王小东"),
    (b"ISO_IR 144", "осмотр Müller снимок".replace("ü", "u")),
    (b"ISO_IR 13", "ﾔﾏﾀﾞ Muller ﾀﾛｳ"),
    (b"\\ISO 2022 IR 87", "検査 Muller 山田"),
    (b"ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ Muller 山田"),
    (b"\\ISO 2022 IR 149", "검사 Muller 김희중"),
    (b"ISO 2022 IR 100\\ISO 2022 IR 144", "Fuß Muller снимок"),
]


def _encoded(text, terms):
    codecs = codecs_of(terms)
    if len(codecs) == 1:
        return text.encode(codecs[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return encode_string(text, list(codecs))


@pytest.mark.parametrize(("terms", "text"), CHARACTER_SETS, ids=lambda value: repr(value)[:30])
@pytest.mark.parametrize("vr", ["LO", "LT", "UC", "UT"])
def test_the_rest_of_the_text_stays_readable_in_its_character_set(cleaned, basic, terms, text, vr):
    name = next(word for word in text.replace(",", "").split() if word.startswith("M"))
    whose = Instance("1", "1.2", phrases=(Phrase(name, "PERSON_NAME"),))
    result = cleaned(vr, _encoded(text, terms), basic, whose, encodings=codecs_of(terms))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = decode_bytes(result, list(codecs_of(terms)), {10, 12, 13})
    assert read.rstrip() == text.replace(name, "[PERSON_NAME]")


def test_chinese_text_with_escape_sequences_stays_readable(cleaned, basic, instance):
    whose = instance(names=("Muller",))
    line = b"\x1b$)A" + "检查".encode("gb2312")  # PS3.5 annex K: on every line anew
    result = cleaned("LT", line + b" Muller\r\n" + line, basic, whose, encodings=codecs_of(b"\\ISO 2022 IR 58"))
    assert result == line + b" [PERSON_NAME]\r\n" + line


def test_lines_in_several_character_sets_stay_readable(cleaned, basic, wall):
    codecs = codecs_of(b"ISO 2022 IR 100\\ISO 2022 IR 144")
    value = "Fuß\r\n".encode("latin-1") + b"\x1b-L" + "снимок".encode("iso8859_5") + b"\r\nWall \xdf"
    result = cleaned("LT", value, basic, wall, encodings=codecs)
    assert decode_bytes(result, list(codecs), {10, 12, 13}).rstrip() == "Fuß\r\nснимок\r\n[PERSON_NAME] ß"


def test_a_second_byte_like_a_backslash_splits_no_value(cleaned, basic, wall):
    text = "俓\\Wall"  # in GBK the character's second byte is that of a backslash
    assert b"\\" in "俓".encode("gbk")[1:]
    result = cleaned("LO", text.encode("gbk"), basic, wall, encodings=("GBK",))
    assert result.decode("gbk").rstrip() == "俓\\[PERSON_NAME]"


@pytest.mark.parametrize("value", [b"by M\xfcller", b"\x1b$B\xff\xff", b"abc\x1b(Zdef", b"\x1b"])
@pytest.mark.parametrize("vr", SEARCHED)
def test_text_that_cannot_be_read_is_replaced_as_a_whole(cleaned, basic, vr, value):
    assert cleaned(vr, value, basic, encodings=("UTF8",)) == b"PLACEHOLDER "


def test_a_name_that_cannot_be_read_is_still_a_name(cleaned, basic):
    assert cleaned("PN", b"M\xfcller^J", basic, encodings=("UTF8",)) == b"[PERSON_NAME] "
    assert cleaned("SH", b"\xfc", basic, encodings=("UTF8",), tag=tag("AccessionNumber")) == b"[MEDICAL_RECORD_"


@pytest.mark.parametrize(("encodings", "written"), [(("iso8859",), "*"), (("latin_1",), "*"), (("UTF8",), "█")])
def test_a_mask_that_the_character_set_lacks_becomes_an_asterisk(cleaned, compiled, wall, encodings, written):
    plan = compiled({"additionalTransformations": [{"characterMaskConfig": {"maskingCharacter": "█"}}]})
    assert cleaned("LO", b"by Wall", plan, wall, encodings=encodings).decode().strip() == f"by {written * 4}"


PLANTED = st.sampled_from(["Canaryson", "canaryson", "CANARYSON"])
FILLING = st.text(alphabet="abx 7-^=.,\t\n\0\x1f\\é", max_size=40)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("vr", [*SEARCHED, "PN"])
@given(before=FILLING, name=PLANTED, after=FILLING)
@settings(QUICK, max_examples=15)
def test_no_name_survives_and_the_result_is_legal(cleaned, only, instance, vr, kind, before, name, after):
    whose = instance(names=("Canaryson",))
    result = cleaned(vr, f"{before} {name} {after}".encode(), only(kind), whose, encodings=("UTF8",))
    assert b"canaryson" not in result.lower()
    assert len(result) % 2 == 0
    text = result.decode("utf-8")
    assert not any(char < " " and char not in "\t\n\f\r" for char in text)
    values = [text] if vr in {"LT", "ST", "UT"} else text.split("\\")
    for value in values:
        groups = value.split("=") if vr == "PN" else [value]
        assert all(len(group.rstrip(" ")) <= (LIMITS[vr] or len(group)) for group in groups)
        if vr not in {"LT", "ST", "UT"}:
            assert not set(value) & set("\t\n\f\r")
    if vr == "AE":
        assert text.isascii()


@pytest.mark.parametrize("vr", ["DA", "DT", "AS"])
@given(value=st.binary(max_size=30), planted=st.sampled_from([b"", b"Canaryson", b"20210520", b"041Y"]))
@QUICK
def test_dates_and_ages_come_out_legal_or_empty(cleaned, basic, vr, value, planted):
    result = cleaned(vr, value + planted, basic)
    assert b"Canaryson" not in result
    for part in result.decode("ascii").rstrip(" \0").split("\\"):
        assert not part.strip(" \0^=") or is_legal(vr, part.strip(" \0"))


@pytest.mark.parametrize(
    "encodings", [("UTF8",), ("iso8859",), ("shift_jis", "iso2022_jp"), ("GB18030",), ("nonsense",)]
)
@given(value=st.binary(max_size=60))
@QUICK
def test_any_bytes_are_cleaned(cleaned, basic, wall, encodings, value):
    for vr in ("LO", "PN", "LT"):
        once = cleaned(vr, value, basic, wall, encodings=encodings)
        assert once == value or len(once) % 2 == 0
