"""Every row of PS3.15 table E.1-1, at the top and again inside sequences, with a value that can be recognised."""

import dataclasses
import functools
import io
import struct

import pydicom
import pytest
from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from emulator.deidentify import compile_config, regenerate_uid
from emulator.deidentify.attributes import PRIMARY_IDS, is_structural
from emulator.deidentify.engine import deidentify_data
from emulator.deidentify.options import EDITIONS, EngineOptions
from emulator.deidentify.tables.rows import rows

pytestmark = pytest.mark.filterwarnings("ignore:.*for VR", "ignore:Invalid value for VR")

BASIC = {"dicomTagConfig": {}}
REPEATING = {
    0x50000005: ("US", "X"),
    0x50003000: ("OW", "X"),
    0x50022500: ("LO", "X"),
    0x50FE0022: ("LO", "X"),
    0x60000022: ("LO", "X"),
    0x60003000: ("OW", "X"),
    0x60024000: ("LT", "X"),
    0x601E1500: ("LO", "X"),
    0x60FE3000: ("OW", "X"),
}
WITHOUT_A_DICTIONARY_ENTRY = "LO"
"""The VR that attributes which pydicom's dictionary lacks are written with."""


@functools.cache
def rows_of_a_data_set(edition):
    """VR and code by tag."""
    named = {row.tag: (row.vr or WITHOUT_A_DICTIONARY_ENTRY, row.code) for row in rows(edition)}
    return {tag: row for tag, row in (named | REPEATING).items() if not is_structural(tag)}


def traceable(tag, vr, place):
    """A value that is legal for the VR and occurs once in the file, as far as the VR has room for that."""
    number = place << 16 | (tag ^ tag >> 16) & 0xFFFF
    if vr == "DA":
        return f"{1000 + number % 800}{1 + number % 12:02d}{1 + number % 28:02d}"
    if vr == "TM":
        return f"{number % 24:02d}{number % 60:02d}{number % 59:02d}.{number % 999983:06d}"
    if vr == "DT":
        return f"17{number % 100:02d}0101000000.{number % 999979:06d}"
    if vr == "AS":
        return f"{100 + number % 800}D"
    if vr in {"DS", "IS"}:
        return f"{number}7777"
    if vr == "US":
        return 40000 + number % 9999
    if vr == "UI":
        return f"1.2.7777.{tag}.{place}"
    if vr in {"OB", "OW", "UN"}:
        return f"BYTES_{tag:08X}_{place} ".encode()
    return f"{vr}{tag:08X}_{place}"


def item_of(tag, place):
    """An item of a sequence of the table; its leaves are named by no row."""
    item = Dataset()
    item.CodeMeaning = f"SQ{tag:08X}_{place}"
    item.ReferencedSOPInstanceUID = f"1.2.7778.{tag}.{place}"
    item.DoubleFloatRealWorldValueFirstValueMapped = 7777.25 + place
    inner = Dataset()
    inner.CodeMeaning = f"INNER{tag:08X}_{place}"
    inner.add_new(0x00091001, "LO", f"PRIVATE{tag:08X}_{place}")
    item.ConceptCodeSequence = [inner]
    return item


def filled(edition, target, place):
    """`target` with an element for each row, and private ones."""
    for tag, (vr, _code) in rows_of_a_data_set(edition).items():
        if tag in PRIMARY_IDS and not place:
            continue
        kind = "OW" if vr == "OB or OW" else vr
        target.add_new(tag, kind, [item_of(tag, place)] if vr == "SQ" else traceable(tag, kind, place))
    target.add_new(0x00290010, "LO", f"CREATOR_{place}")
    target.add_new(0x00291001, "LO", f"PRIVATE_{place}")
    target.add_new(0x00291002, "SQ", [item_of(0x00291002, place)])
    target.add_new(0x00291003, "OB", f"PRIVATE BYTES {place}".encode())
    return target


@functools.cache
def tortured(edition):
    """An instance with all rows at the top and in six places below it."""
    whole = Dataset()
    whole.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    whole.SOPInstanceUID, whole.StudyInstanceUID, whole.SeriesInstanceUID = "1.2.3.30", "1.2.3.10", "1.2.3.20"
    filled(edition, whole, 0)
    deeper = Dataset()
    deeper.PlanePositionSequence = [filled(edition, Dataset(), 2)]
    whole.SharedFunctionalGroupsSequence = [filled(edition, Dataset(), 1), deeper]
    whole.ContentSequence.append(filled(edition, Dataset(), 3))  # code D: the form stays
    whole.ReferencedImageSequence.append(filled(edition, Dataset(), 4))  # code X/Z/U*: references stay
    whole[0x00291002].value.append(filled(edition, Dataset(), 5))
    return whole


def values(data_set):
    """All values, nested ones too, as bytes or text."""
    for element in data_set:
        if element.VR == "SQ":
            for item in element.value:
                yield from values(item)
        elif element.value not in (None, "", b""):
            yield element.value if isinstance(element.value, bytes | int) else str(element.value)


def patterns(before):
    """What to look for in the bytes of a file; short values and numbers can occur there by chance."""
    encoded = (value if isinstance(value, bytes) else value.encode() for value in before if not isinstance(value, int))
    return [pattern for pattern in encoded if len(pattern) > 4]


@pytest.fixture
def basic():
    """`basic(content, edition)`: the file under the Basic profile of an edition."""

    def call(content, edition):
        profile = compile_config(BASIC, options=EngineOptions(edition=edition))
        return b"".join(deidentify_data(content, profile)[0])

    return call


@pytest.mark.parametrize(
    ("syntax", "edition"),
    [(ExplicitVRLittleEndian, edition) for edition in EDITIONS]
    + [(ImplicitVRLittleEndian, EDITIONS[-1]), (ExplicitVRBigEndian, EDITIONS[-1])],
)
def test_no_value_of_any_row_survives_at_any_depth(encoded, basic, syntax, edition):
    whole = tortured(edition)
    meta = {"SourceApplicationEntityTitle": "CANARY_AE", "PrivateInformationCreatorUID": "1.2.77777.8"}
    content = encoded(whole, syntax, **meta, PrivateInformation=b"CANARY_INFO ")
    before = set(values(whole)) - {whole.SOPClassUID}
    after = basic(content, edition)
    again = pydicom.dcmread(io.BytesIO(after))
    assert len(before) > 5 * len(rows_of_a_data_set(edition))
    assert set(values(again)) & before == set()
    assert [pattern for pattern in patterns(before) if pattern in after] == []
    assert b"CANARY" not in after
    assert b"1.2.77777.8" not in after
    endian = ">" if syntax == ExplicitVRBigEndian else "<"
    assert [place for place in range(6) if struct.pack(f"{endian}d", 7777.25 + place) in after] == []
    assert again.file_meta.MediaStorageSOPInstanceUID == again.SOPInstanceUID == regenerate_uid("1.2.3.30")


REQUIRED = {
    "TreatmentMachineName",
    "SourceSerialNumber",
    "SourceManufacturer",
    "RequestedProcedureID",
    "PatientSetupPhotoDescription",
    "PatientTreatmentPreparationProcedureParameterDescription",
    "PositionAcquisitionTemplateDescription",
    "PriorTreatmentDoseDescription",
    "SeriesDescription",
    "PositionAcquisitionTemplateName",
    "RadiopharmaceuticalStartDateTime",
}
"""Code X, but Type 1 or 2 inside sequences (`rules._REQUIRED_NESTED`)."""
REQUIRED_AT_THE_TOP = {"PresentationCreationDate", "PresentationCreationTime"}
DUMMIES = {"PLACEHOLDER", "19000101", "000000", "19000101000000"}


def honoured(element, code, vr, source):
    """Whether an element is now what a code of the table asks for; None stands for one that is gone."""
    if code == "X":
        return element is None
    if code == "U":
        return element is not None and element.value == regenerate_uid(source)
    if code == "Z":
        return element is not None and (element.is_empty or str(element.value) in DUMMIES)
    if element is None or element.is_empty:
        return {"D": False, "Z/D": element is not None}.get(code, True)
    if vr == "SQ":
        fixed = {"PLACEHOLDER", "1.0"}
        return all(value in fixed or str(value).startswith("1.3.6.1.4.1.11129.") for value in values(element.value[0]))
    return "D" in code


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("edition", EDITIONS)
def test_each_code_is_honoured(encoded, basic, edition, place):
    whole = tortured(edition)
    after = pydicom.dcmread(io.BytesIO(basic(encoded(whole), edition)))
    level = after.SharedFunctionalGroupsSequence[0] if place else after
    broken = []
    for tag, (vr, code) in rows_of_a_data_set(edition).items():
        required = REQUIRED | REQUIRED_AT_THE_TOP if place else REQUIRED_AT_THE_TOP
        if keyword_for_tag(tag) in required:
            stay = tag in level and (level[tag].is_empty or str(level[tag].value) in DUMMIES)
            broken += [] if stay else [f"{tag:08X} is required"]
            continue
        source = whole[tag].value if tag in PRIMARY_IDS and not place else f"1.2.7777.{tag}.{place}"
        if not honoured(level.get(tag), code, vr, source):
            broken.append(f"{tag:08X} {code}")
    assert broken == []


def test_an_edition_treats_what_it_added_and_an_older_one_keeps_it(instance, encoded, basic):
    content = encoded(instance(GPSLatitudeRef="N", EncapsulatedDocument=b"CANARY", ChannelLabel="CANARY"))
    kept = {edition: pydicom.dcmread(io.BytesIO(basic(content, edition))) for edition in EDITIONS}
    assert [kept[edition].get("GPSLatitudeRef") for edition in EDITIONS] == ["N", None, None]
    assert [kept[edition].EncapsulatedDocument for edition in EDITIONS] == [b"CANARY", b"\0\0", b"\0\0"]
    assert [kept[edition].get("ChannelLabel") for edition in EDITIONS] == ["CANARY", "CANARY", None]


def test_editions_make_different_profiles():
    profiles = [compile_config(BASIC, options=EngineOptions(edition=edition)) for edition in EDITIONS]
    assert len({dataclasses.astuple(profile.options) for profile in profiles}) == len(EDITIONS)
    assert profiles[0] != profiles[1] != profiles[2]
