"""Names for DICOM elements in a configuration: tag ids, keywords and value representations.

Keywords are looked up in the data dictionary of PS3.6 (tables 6-1, 7-1 and 8-1, retired elements included) that
pydicom carries: a mistyped keyword in a list of tags to remove would otherwise leave the element in place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Literal

from pydicom.datadict import DicomDictionary, RepeatersDictionary

# Command elements (PS3.7) and item delimiters: no data set holds them.
_NOT_IN_DATA_SETS = frozenset({0x0000, 0xFFFE})

_TAG_ID = re.compile(r"[0-9A-Fa-f]{8}")
_KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9]{2,63}")

_VALUE_REPRESENTATIONS = """AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI
    UL UN UR US UT UV"""
VALUE_REPRESENTATIONS = frozenset(_VALUE_REPRESENTATIONS.split())
"""PS3.5 table 6.2-1."""

_REQUIRED_KEYWORDS = """StudyInstanceUID SeriesInstanceUID SOPInstanceUID TransferSyntaxUID
    MediaStorageSOPInstanceUID MediaStorageSOPClassUID PixelData Rows Columns SamplesPerPixel BitsAllocated
    BitsStored HighBit PhotometricInterpretation PixelRepresentation NumberOfFrames PlanarConfiguration
    PixelAspectRatio SmallestImagePixelValue LargestImagePixelValue RedPaletteColorLookupTableDescriptor
    GreenPaletteColorLookupTableDescriptor BluePaletteColorLookupTableDescriptor
    RedPaletteColorLookupTableData GreenPaletteColorLookupTableData BluePaletteColorLookupTableData ICCProfile
    ColorSpace WindowCenter WindowWidth VOILUTFunction"""
REQUIRED_KEYWORDS = frozenset(_REQUIRED_KEYWORDS.split())
"""The tags the API keeps by itself; "required tags cannot be in removeList" (how-to "De-identify DICOM data")."""


@dataclass(frozen=True)
class Selector:
    """What one entry of `queries` or `tags` selects.

    `kind` "tag": one element; `tag` is its id in upper case hexadecimal, with x for repeating groups
    ("60xx3000"); `keyword` and `vrs` are empty for elements that are not in PS3.6 (private or newer).
    `kind` "vr": all elements of one value representation; `vrs` holds it and `tag` is empty.
    """

    kind: Literal["tag", "vr"]
    tag: str
    keyword: str
    vrs: frozenset[str]

    def selects(self, tag: str, vr: str) -> bool:
        """Whether an element with this id (upper case hexadecimal) and VR is selected."""
        return vr in self.vrs if self.kind == "vr" else self.tag == tag


class SelectorError(ValueError):
    """The entry names no element; the message tells the cure and does not repeat the entry."""


@cache
def _by_keyword() -> dict[str, Selector]:
    elements = {f"{tag:08X}": entry for tag, entry in DicomDictionary.items() if tag >> 16 not in _NOT_IN_DATA_SETS}
    elements |= {mask.upper().replace("X", "x"): entry for mask, entry in RepeatersDictionary.items()}
    return {
        keyword: Selector("tag", tag, keyword, frozenset(vrs.split(" or ")))
        for tag, (vrs, _multiplicity, _name, _retired, keyword) in elements.items()
        if keyword
    }


@cache
def _by_tag() -> dict[str, Selector]:
    return {selector.tag: selector for selector in _by_keyword().values()}


@cache
def _keywords_by_lower_case() -> dict[str, str]:
    return {keyword.lower(): keyword for keyword in _by_keyword()}


def parse_selector(text: str, *, allow_vr: bool) -> Selector:
    """Read one entry: "00100010", "PatientName" or, where `allow_vr`, "PN".

    Raises `SelectorError` for anything else.
    """
    if _TAG_ID.fullmatch(text):
        tag = text.upper()
        return _by_tag().get(tag, Selector("tag", tag, "", frozenset()))
    if text in VALUE_REPRESENTATIONS:
        if allow_vr:
            return Selector("vr", "", "", frozenset({text}))
        raise SelectorError("a value representation is not allowed here; name the tags by id or keyword")
    if text in _by_keyword():
        return _by_keyword()[text]
    raise SelectorError(_cure(text, allow_vr=allow_vr))


def _cure(text: str, *, allow_vr: bool) -> str:
    if _TAG_ID.fullmatch(re.sub(r"^0[xX]|[(),\s]", "", text)):
        return 'a tag id is eight hexadecimal digits and nothing else: "00100010"'
    if _KEYWORD.fullmatch(text):
        same = _keywords_by_lower_case().get(text.lower())
        near = [same] if same else get_close_matches(text, _by_keyword(), n=1, cutoff=0.8)
        hint = f'; did you mean "{near[0]}"?' if near else "; name an element newer than that by its tag id"
        return f"is no keyword of DICOM PS3.6{hint}"
    if allow_vr:
        return 'must be a tag id ("00100010"), a keyword ("PatientName") or a value representation ("PN")'
    return 'must be a tag id ("00100010") or a keyword ("PatientName")'
