import pytest

from emulator.deidentify import regenerate_uid
from emulator.deidentify.uids import is_standard, is_uid


@pytest.mark.parametrize(
    ("source", "suffix"),
    [
        ("2.25.70541616638819138568043293671559322355", "201854290391432893460946240745559593763"),
        ("1.2.276.0.7230010.3.1.3.8323329.78.1531234558.523694", "303327499491957026103380014864616068710"),
        ("1.2.276.0.7230010.3.1.4.8323329.78.1539083058.523695", "97415866390999888717168863957686758029"),
        ("3333333", "222168347996079463826250565085126257314"),
        ("4444444", "25205702030237830896398173746777399347"),
        ("2222222", "286710307126045768765142714621897494633"),
    ],
)
def test_each_published_pair_is_reproduced(source, suffix):
    assert regenerate_uid(source) == f"1.3.6.1.4.1.11129.5.1.{suffix}"


def test_a_new_uid_is_a_legal_uid_whatever_it_came_from():
    assert all(is_uid(regenerate_uid(source)) for source in ("", "1" * 64, "not a uid", "Ä"))


@pytest.mark.parametrize("text", ["1.2.3", "1", "1.02.3", "9" * 64])
def test_digits_and_dots_are_a_uid(text):
    assert is_uid(text)


@pytest.mark.parametrize("text", ["", ".", "..", "1.", ".1", "1..2", "1.2/3", "../1", "1.2 ", "a", "1" * 65, "١.٢"])
def test_anything_else_is_no_uid(text):
    assert not is_uid(text)


def test_only_well_formed_uids_under_the_standards_root_are_the_standards():
    assert is_standard("1.2.840.10008.1.2")
    assert not is_standard("1.2.840.100081.2")
    assert not is_standard("1.2.840.10008.JANE")
