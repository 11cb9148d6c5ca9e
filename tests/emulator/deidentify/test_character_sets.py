"""SpecificCharacterSet stays, under every profile, when it is one."""

import pytest

from emulator.deidentify.character_sets import names_character_sets

PROFILES = ["ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE", "MINIMAL_KEEP_LIST_PROFILE", "KEEP_ALL_PROFILE"]


@pytest.mark.parametrize(
    "value",
    [b"ISO_IR 100", b"\\\\ISO 2022 IR 87", b"ISO-IR 192 ", b"ISO 2022 IR 6\\ISO 2022 IR 58", b"UTF8", b"", b"GB18030"],
)
def test_terms_are_known_however_they_are_spelt(value):
    assert names_character_sets(value.replace(b"\\\\", b"\\"))


@pytest.mark.parametrize("value", [b"DOE^JOHN", b"ISO_IR 100\\DOE", b"ISO_IR 9999", b"\xff\0\xfe"])
def test_anything_else_is_not(value):
    assert not names_character_sets(value)


@pytest.mark.parametrize("rewriter", ["bytes", "dataset"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_name_in_its_place_does_not_stay(instance, dataset, encoded, run, rewriter, profile):
    inside = dataset(PatientComments="x")
    whole = instance(SpecificCharacterSet="ISO_IR 100", RequestAttributesSequence=[inside])
    content = encoded(whole).replace(b"ISO_IR 100", b"CANARY^DOE")
    assert b"CANARY" not in run(content, {"dicomTagConfig": {"profileType": profile}}, rewriter)


@pytest.mark.parametrize("rewriter", ["bytes", "dataset"])
def test_a_character_set_stays_as_it_was_written(instance, run, rewriter):
    content = run(instance(SpecificCharacterSet="ISO_IR 192", PatientName="x"), rewriter=rewriter)
    assert b"CS\x0a\x00ISO_IR 192" in content
