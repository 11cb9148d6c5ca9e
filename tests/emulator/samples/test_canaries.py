"""Every canary that is announced is in the files, in all the places where leaks happen."""

import pytest
from pydicom.valuerep import PersonName

from emulator.samples import byte_patterns, canaries, generate_studies, text_canaries, uid_canaries
from emulator.samples.canary import Mint


def values(element):
    raw = element.value if element.VM > 1 else [element.value]
    return [value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in raw]


def walk(dataset, place="top"):
    """(VR, place, value as text) of every element: place is top, nested, private or meta."""
    for element in dataset:
        if element.VR == "SQ":
            inside = "private" if element.tag.is_private or place == "private" else "nested"
            for item in element.value:
                yield from walk(item, inside)
        elif element.keyword != "PixelData":
            at = "private" if element.tag.is_private else place
            for value in values(element):
                yield element.VR, at, value


@pytest.fixture(scope="module")
def found(instances):
    everything = [entry for one in instances for entry in walk(one)]
    everything += [entry for one in instances for entry in walk(one.file_meta, "meta")]
    everything += [("preamble", "meta", one.preamble.decode("ascii")) for one in instances]
    return everything


def test_every_announced_value_is_in_some_element(found):
    text = "\n".join({value for _, _, value in found})
    assert [canary for canary in canaries() if canary not in text] == []


def test_every_value_that_looks_like_a_canary_is_announced(found):
    announced = text_canaries()
    words = {word.strip(".\0") for _, _, value in found for word in value.replace("^", " ").replace("/", " ").split()}
    assert {word for word in words if word.startswith(("CANARY-", "CANARY_"))} <= announced


def test_every_vr_of_text_carries_one_at_the_top(found):
    vrs = {vr for vr, place, value in found if place == "top" and "CANARY-" in value}
    assert vrs >= {"AE", "LO", "LT", "PN", "SH", "ST"}


def test_every_vr_of_text_carries_one_in_a_sequence(found):
    vrs = {vr for vr, place, value in found if place == "nested" and "CANARY-" in value}
    assert vrs >= {"LO", "LT", "PN", "SH", "ST", "UT"}


def test_private_elements_carry_one_of_every_vr(found):
    announced = canaries()
    vrs = {vr for vr, place, value in found if place == "private" and any(one in value for one in announced)}
    assert vrs >= {
        "AE",
        "CS",
        "DA",
        "DS",
        "DT",
        "IS",
        "LO",
        "LT",
        "OB",
        "PN",
        "SH",
        "ST",
        "TM",
        "UC",
        "UI",
        "UN",
        "UR",
        "UT",
    }


def test_file_meta_and_preamble_carry_one(found):
    assert {vr for vr, place, value in found if place == "meta" and "CANARY-" in value} == {"AE", "preamble"}


def test_dates_and_times_are_canaries_too(instances):
    announced = text_canaries()
    one = instances[0]
    for keyword in ("PatientBirthDate", "StudyDate", "AcquisitionTime", "PatientWeight", "PatientSize"):
        assert str(one[keyword].value) in announced, keyword


def test_study_series_instance_and_reference_uids_are_canaries(instances):
    announced = uid_canaries()
    for one in instances:
        assert {one.StudyInstanceUID, one.SeriesInstanceUID, one.SOPInstanceUID, one.DeviceUID} <= announced


def test_class_and_transfer_syntax_uids_are_not_canaries():
    assert not [uid for uid in uid_canaries() if uid.startswith("1.2.840.10008")]


def test_names_in_other_scripts_are_canaries(instances):
    announced = text_canaries()
    groups = {part for one in instances for part in PersonName(one.PatientName).ideographic.split("^") if part}
    assert len(groups) == 6
    assert groups <= announced


def test_text_canaries_do_not_depend_on_the_seed():
    assert text_canaries(seed=1, studies=2) == text_canaries(studies=2)
    assert not uid_canaries(seed=1, studies=2) & uid_canaries(studies=2)


def test_fewer_studies_have_fewer_canaries():
    assert canaries(studies=1) < canaries(studies=2) < canaries()


def test_every_canary_is_long_enough_to_be_searched_for():
    assert [one for one in canaries() if one.isascii() and len(one) < 8] == []


def test_every_canary_is_in_the_bytes_of_some_file(written, instances):
    raw = b"".join(path.read_bytes() for path in written.files)
    deflated = "Deflated Explicit VR Little Endian"
    hidden = "\n".join(
        value for one in instances if one.file_meta.TransferSyntaxUID.name == deflated for _, _, value in walk(one)
    )
    missing = [
        one for one in canaries() if one not in hidden and not any(pattern in raw for pattern in byte_patterns(one))
    ]
    assert [one for one in missing if byte_patterns(one)] == []


def test_no_two_dates_are_the_same():
    mint = Mint()
    assert len({mint.day(1950) for _ in range(800)}) == 800


@pytest.mark.parametrize("seed", [0, 5])
def test_no_canary_depends_on_being_generated_twice(seed):
    first = [one.PatientName for one in generate_studies(seed, studies=3)]
    again = [one.PatientName for one in generate_studies(seed, studies=3)]
    assert first == again
