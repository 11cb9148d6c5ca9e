import pytest
from pydicom import config as pydicom_config
from pydicom.valuerep import validate_value

from emulator.deidentify import regenerate_uid
from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import ENUMERATED, VALUE_REPRESENTATIONS, tag_of
from emulator.deidentify.values import dummy, new_uids, replacement

UNKNOWN_TAG = 0x00189999
TEXT_VRS = VALUE_REPRESENTATIONS & {
    "AE",
    "AS",
    "CS",
    "DA",
    "DS",
    "DT",
    "IS",
    "LO",
    "LT",
    "PN",
    "SH",
    "ST",
    "TM",
    "UC",
    "UR",
    "UT",
}


@pytest.mark.parametrize("vr", sorted(TEXT_VRS))
def test_a_dummy_is_legal_for_its_vr_and_says_nothing_of_the_value(vr):
    value = dummy(UNKNOWN_TAG, vr, b"CANARY", little_endian=True)
    assert len(value) % 2 == 0
    assert value.strip()
    assert b"CANARY" not in value
    validate_value(vr, value.decode().rstrip(), pydicom_config.RAISE)


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        ("US", b"\7\0\7\0", b"\1\0\1\0"),
        ("US", b"", b"\1\0"),
        ("US", b"\7\0\7", b"\1\0"),
        ("FL", b"\0" * 8, b"\0\0\x80\x3f" * 2),
        ("IS", b"12\\13 ", b"1\\1 "),
        ("DS", b"", b"1 "),
        ("OW", b"\7" * 100, b"\0\0"),
        ("UN", b"\7" * 100, b"\0\0"),
        ("AT", b"\7" * 8, b"\0" * 4),
    ],
)
def test_numbers_keep_their_multiplicity_and_bytes_do_not(vr, value, expected):
    assert dummy(UNKNOWN_TAG, vr, value, little_endian=True) == expected


def test_numbers_follow_the_byte_order():
    assert dummy(UNKNOWN_TAG, "US", b"\0\7", little_endian=False) == b"\0\1"


def test_an_enumerated_value_stays_and_another_becomes_one_of_the_enumeration():
    tag = tag_of("ValueType")
    assert dummy(tag, "CS", b"NUM ", little_endian=True) == b"NUM "
    assert dummy(tag, "CS", b"CANARY", little_endian=True) == b"TEXT"
    assert dummy(tag, "LO", b"NUM ", little_endian=True) == b"PLACEHOLDER "


def test_every_enumeration_is_of_code_strings():
    for values in ENUMERATED.values():
        for value in values:
            validate_value("CS", value, pydicom_config.RAISE)


def test_a_count_stays_with_the_numbers_it_counts_unless_it_is_no_count():
    tag = tag_of("NumberOfGraphicPoints")
    assert dummy(tag, "US", b"\5\0", little_endian=True) == b"\5\0"
    assert dummy(tag, "LO", b"CANARY", little_endian=True) == b"PLACEHOLDER "


def test_several_uids_are_replaced_and_empty_ones_stay_empty():
    expected = f"{regenerate_uid('1.2')}\\\\{regenerate_uid('1.3')}".encode()
    assert new_uids(b"1.2\\\\1.3\0", "UI", keep_standard=False).rstrip(b"\0") == expected
    assert new_uids(b"", "UI", keep_standard=False) == b""


def test_uids_of_the_standard_stay_only_when_told():
    assert new_uids(b"1.2.840.10008.1.2\0", "UI", keep_standard=True) == b"1.2.840.10008.1.2\0"
    assert b"10008" not in new_uids(b"1.2.840.10008.1.2\0", "UI", keep_standard=False)


def test_what_is_no_uid_is_replaced_like_one():
    new = new_uids("Jané".encode("latin-1"), "UI", keep_standard=True)
    assert new.rstrip(b"\0").decode() == regenerate_uid("Jané")


def test_an_action_that_replaces_no_value_is_a_mistake():
    with pytest.raises(ValueError, match="replaces no value"):
        replacement(Action.KEEP, UNKNOWN_TAG, "LO", b"", little_endian=True)


def test_a_sequence_with_dummies_is_a_legal_report(instance, dataset, deidentified):
    code = dataset(CodeValue="121071", CodingSchemeDesignator="DCM", CodeMeaning="Finding")
    whole = instance(
        ValueType="CONTAINER",
        ContentSequence=[
            dataset(
                RelationshipType="CONTAINS",
                ValueType="NUM",
                ConceptNameCodeSequence=[code],
                MeasuredValueSequence=[dataset(NumericValue="42.5", MeasurementUnitsCodeSequence=[code])],
                ContentSequence=[dataset(RelationshipType="INFERRED FROM", ValueType="TEXT", TextValue="CANARY")],
            )
        ],
    )
    (item,) = deidentified(whole).ContentSequence
    assert (item.RelationshipType, item.ValueType) == ("CONTAINS", "NUM")
    assert item.ConceptNameCodeSequence[0].CodeMeaning == "PLACEHOLDER"
    assert item.MeasuredValueSequence[0].NumericValue == 1
    assert item.ContentSequence[0].TextValue == "PLACEHOLDER"
