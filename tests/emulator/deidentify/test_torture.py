"""Every row of PS3.15 table E.1-1, at the top and again inside a sequence that the table does not name."""

import struct

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from emulator.deidentify import regenerate_uid
from emulator.deidentify.attributes import is_structural
from emulator.deidentify.rules import _rows

pytestmark = pytest.mark.filterwarnings("ignore:.*for VR")

ROWS = {tag: (vr or "OW", code) for tag, vr, code in _rows("2018e")} | {
    0x50003000: ("OW", "X"),
    0x50022500: ("LO", "X"),
    0x60003000: ("OW", "X"),
    0x60024000: ("LT", "X"),
    0x601E0022: ("LO", "X"),
}
IDS = {0x00080018, 0x0020000D, 0x0020000E}
ROWS_OF_A_DATA_SET = {tag: row for tag, row in ROWS.items() if not is_structural(tag) and tag != 0xFFFCFFFC}


def traceable(tag, vr, place):
    """A value that is legal for the VR and occurs once in the file."""
    number = place << 16 | (tag ^ tag >> 16) & 0xFFFF
    if vr == "DA":
        return f"{1000 + number % 800}{1 + number % 12:02d}{1 + number % 28:02d}"
    if vr == "TM":
        return f"{number % 24:02d}{number % 60:02d}{number % 59:02d}.{number % 999983:06d}"
    if vr == "DT":
        return f"17{number % 100:02d}0101000000.{number % 999979:06d}"
    if vr == "DS":
        return f"{number}.7777"
    if vr == "US":
        return 40000 + number % 9999
    if vr == "UI":
        return f"1.2.7777.{tag}.{place}"
    if vr in {"OB", "OW", "OB or OW"}:
        return f"BYTES-{tag:08X}-{place} ".encode()
    return f"{vr}{tag:08X}-{place}"


def filled(target: Dataset, place: int) -> Dataset:
    for tag, (vr, _code) in ROWS_OF_A_DATA_SET.items():
        if tag in IDS and not place:
            continue
        kind = "OW" if vr == "OB or OW" else vr
        if vr == "SQ":
            item = Dataset()
            item.CodeMeaning = f"SQ{tag:08X}-{place}"
            item.add_new(0x00091001, "LO", f"PRIVATE{tag:08X}-{place}")
            item.DoubleFloatRealWorldValueFirstValueMapped = 7777.25 + place
            target.add_new(tag, "SQ", [item])
        else:
            target.add_new(tag, kind, traceable(tag, vr, place))
    return target


def values(content_of: Dataset):
    for element in content_of:
        if element.VR == "SQ":
            for item in element.value:
                yield from values(item)
        elif element.value not in (None, "", b""):
            yield element.value if isinstance(element.value, bytes) else str(element.value)


@pytest.fixture
def tortured(instance):
    nested = filled(Dataset(), 1)
    deeper = Dataset()
    deeper.PlanePositionSequence = [filled(Dataset(), 2)]
    whole = filled(instance(), 0)
    whole.SharedFunctionalGroupsSequence = [nested, deeper]
    return whole


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_no_value_of_any_row_survives_at_any_depth(tortured, encoded, deidentified, run, syntax):
    content = encoded(tortured, syntax, SourceApplicationEntityTitle="CANARY_AE")
    before = set(values(tortured))
    kept_by_design = {tortured.SOPClassUID}
    after = run(content)
    again = deidentified(content)
    assert len(before) > 600
    assert set(values(again)) & (before - kept_by_design) == set()
    leaks = [value for value in before - kept_by_design if _bytes(value) in after]
    assert leaks == []
    assert b"CANARY" not in after
    assert struct.pack("<d", 7778.25) not in after


def _bytes(value):
    return value if isinstance(value, bytes) else value.encode()


@pytest.mark.parametrize("place", [0, 1])
def test_each_code_is_honoured(tortured, encoded, deidentified, place):
    after = deidentified(encoded(tortured))
    level = after.SharedFunctionalGroupsSequence[0] if place else after
    broken = []
    for tag, (vr, code) in ROWS_OF_A_DATA_SET.items():
        present = tag in level
        if code == "X":
            honoured = not present
        elif code == "U":
            source = f"1.2.7777.{tag}.{place}" if tag not in IDS or place else tortured[tag].value
            honoured = present and level[tag].value == regenerate_uid(source)
        elif code == "Z":
            honoured = present and level[tag].is_empty
        elif code == "D":
            honoured = present and not level[tag].is_empty
        elif vr == "SQ":
            honoured = not present or level[tag].is_empty or set(values(level[tag].value[0])) <= {"PLACEHOLDER", "1.0"}
        elif "D" in code:
            honoured = present and not level[tag].is_empty
        else:
            honoured = not present or level[tag].is_empty
        if not honoured:
            broken.append(f"{tag:08X} {code}")
    assert broken == []
    assert len(ROWS_OF_A_DATA_SET) > 290
