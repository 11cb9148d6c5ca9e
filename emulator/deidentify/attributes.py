"""Attributes with a part of their own in de-identification, and the data dictionary as the engine asks it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from pydicom.datadict import dictionary_VR, tag_for_keyword


def tag_of(keyword: str) -> int:
    """The tag of a keyword of PS3.6.

    Raises:
        KeyError: there is no such keyword.
    """
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return int(tag)


SPECIFIC_CHARACTER_SET: Final = 0x00080005
SOP_CLASS_UID: Final = 0x00080016
SOP_INSTANCE_UID: Final = 0x00080018
STUDY_INSTANCE_UID: Final = 0x0020000D
SERIES_INSTANCE_UID: Final = 0x0020000E
MEDIA_STORAGE_SOP_CLASS_UID: Final = 0x00020002
MEDIA_STORAGE_SOP_INSTANCE_UID: Final = 0x00020003
TRANSFER_SYNTAX_UID: Final = 0x00020010
OVERLAY_DATA: Final = 0x60003000
PIXEL_DATA: Final = 0x7FE00010

LONG_VRS: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
"""VRs whose explicit length takes four bytes after two reserved ones (PS3.5 table 7.1-1)."""

_SHORT_VRS = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
VALUE_REPRESENTATIONS: Final = LONG_VRS | frozenset(_SHORT_VRS.split())
"""PS3.5 table 6.2-1."""

TEXT_VRS: Final = frozenset({"AE", "AS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "UC", "UT"})
"""VRs whose text the API inspects (Discovery, DEIDENTIFY_TAG_CONTENTS and CleanTextTag)."""

PRIMARY_IDS: Final = (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, SOP_INSTANCE_UID)
"""The API's primary ids; the fourth, MediaStorageSOPInstanceUID, is written from the third."""

SOP_INSTANCE_REFERENCES: Final = frozenset(
    {
        0x00041511,  # ReferencedSOPInstanceUIDInFile
        0x00080058,  # FailedSOPInstanceUIDList
        0x00081155,  # ReferencedSOPInstanceUID
        0x00081167,  # MultiFrameSourceSOPInstanceUID
        0x00200242,  # SOPInstanceUIDOfConcatenationSource
    }
)
"""Attributes that hold SOP Instance UIDs of other instances. Study and series are referred to by their own tags."""

REFERENCE_PARTS: Final = frozenset(
    {
        tag_of("ReferencedFrameNumber"),
        tag_of("ReferencedSegmentNumber"),
        tag_of("SpatialLocationsPreserved"),
        tag_of("PurposeOfReferenceCodeSequence"),
    }
)
"""What an item of ReferencedImageSequence or SourceImageSequence consists of beside UIDs (PS3.3 tables 10-3, C.7-6)."""

ALWAYS_KEPT: Final = frozenset({SPECIFIC_CHARACTER_SET, SOP_CLASS_UID})
"""Without them the rest cannot be read, or is no instance. The API's list of required tags has neither."""

_REQUIRED = """StudyInstanceUID SeriesInstanceUID SOPInstanceUID TransferSyntaxUID MediaStorageSOPInstanceUID
    MediaStorageSOPClassUID PixelData Rows Columns SamplesPerPixel BitsAllocated BitsStored HighBit
    PhotometricInterpretation PixelRepresentation NumberOfFrames PlanarConfiguration PixelAspectRatio
    SmallestImagePixelValue LargestImagePixelValue RedPaletteColorLookupTableDescriptor
    GreenPaletteColorLookupTableDescriptor BluePaletteColorLookupTableDescriptor RedPaletteColorLookupTableData
    GreenPaletteColorLookupTableData BluePaletteColorLookupTableData ICCProfile ColorSpace WindowCenter WindowWidth
    VOILUTFunction"""


REQUIRED: Final = frozenset(tag_of(keyword) for keyword in _REQUIRED.split())
"""The 31 tags that MINIMAL_KEEP_LIST_PROFILE and keepList keep, and removeList may not name (how-to "De-identify DICOM
data using DicomTagConfig", section "Keep tags")."""

_VERTICES = ("POINT", "POLYLINE", "MULTIPOINT", "CIRCLE", "ELLIPSE", "POLYGON", "ELLIPSOID", "INTERPOLATED")
_UNITS = ("PIXEL", "DISPLAY", "MATRIX")
_YES_OR_NO = ("Y", "N")
_VALUE_TYPES = """TEXT NUM CODE DATETIME DATE TIME UIDREF PNAME COMPOSITE IMAGE WAVEFORM SCOORD SCOORD3D TCOORD
    CONTAINER TABLE"""

ENUMERATED: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        tag_of("RelationshipType"): (
            *("CONTAINS", "HAS OBS CONTEXT", "HAS CONCEPT MOD", "HAS PROPERTIES"),
            *("HAS ACQ CONTEXT", "INFERRED FROM", "SELECTED FROM"),
        ),
        tag_of("ValueType"): tuple(_VALUE_TYPES.split()),
        tag_of("ContinuityOfContent"): ("SEPARATE", "CONTINUOUS"),
        tag_of("TemporalRangeType"): ("POINT", "MULTIPOINT", "SEGMENT", "MULTISEGMENT", "BEGIN", "END"),
        tag_of("PixelOriginInterpretation"): ("FRAME", "VOLUME"),
        tag_of("MappingResource"): ("DCMR", "SDM"),
        tag_of("GraphicType"): _VERTICES,
        tag_of("GraphicFilled"): _YES_OR_NO,
        tag_of("GraphicAnnotationUnits"): _UNITS,
        tag_of("BoundingBoxAnnotationUnits"): _UNITS,
        tag_of("AnchorPointAnnotationUnits"): _UNITS,
        tag_of("AnchorPointVisibility"): _YES_OR_NO,
        tag_of("BoundingBoxTextHorizontalJustification"): ("LEFT", "RIGHT", "CENTER"),
        tag_of("CompoundGraphicType"): (
            *("MULTILINE", "INFINITELINE", "CUTLINE", "RANGELINE", "RULER"),
            *("AXIS", "CROSSHAIR", "ARROW", "RECTANGLE", "ELLIPSE"),
        ),
        tag_of("CompoundGraphicUnits"): ("PIXEL", "DISPLAY"),
        tag_of("ShowTickLabel"): _YES_OR_NO,
        tag_of("TickAlignment"): ("BOTTOM", "CENTER", "TOP"),
        tag_of("TickLabelAlignment"): ("BOTTOM", "TOP"),
        tag_of("HorizontalAlignment"): ("LEFT", "CENTER", "RIGHT"),
        tag_of("VerticalAlignment"): ("TOP", "CENTER", "BOTTOM"),
        tag_of("ShadowStyle"): ("OFF", "NORMAL", "OUTLINED"),
        tag_of("LineDashingStyle"): ("SOLID", "DASHED"),
        tag_of("FillMode"): ("SOLID", "STIPPELED"),
        tag_of("FontNameType"): ("ISO_32000",),
        tag_of("Bold"): _YES_OR_NO,
        tag_of("Italic"): _YES_OR_NO,
        tag_of("Underlined"): _YES_OR_NO,
        tag_of("ContextGroupExtensionFlag"): _YES_OR_NO,
        tag_of("ObserverType"): ("PSN", "DEV"),
        tag_of("SelectorAttributeVR"): tuple(sorted(VALUE_REPRESENTATIONS)),
        tag_of("ReasonForTheAttributeModification"): ("COERCE", "CORRECT"),
    }
)
"""Legal values of enumerated attributes that occur in the sequences whose contents get dummies (PS3.3 C.17.3, C.18,
C.10.5, C.10.5.1, 8.8, 10.1): they give the tree its form. A value of these lists says nothing about anyone and stays;
another becomes the first of its list."""

COUNTS: Final = frozenset({tag_of("NumberOfGraphicPoints"), tag_of("GraphicDimensions")})
"""Numbers in those sequences that the lengths of other elements repeat (PS3.3 C.10.5)."""


@lru_cache(maxsize=8192)
def dictionary_vr(tag: int) -> str | None:
    """The VR that PS3.6 gives a tag, or one of several (OW, US); None for private and unknown tags."""
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return None
    if vr == "OB or OW":
        return "OW"
    return vr[:2] if vr != "NONE" else None


def effective_vr(tag: int, encoded: str | None) -> str:
    """The VR to read a value by: the encoded one, or the dictionary's for implicit VR (None) and UN, or "UN".

    UN in an explicit VR file stands for an element that some earlier system did not know (PS3.5 section 6.2.2).
    """
    if encoded in VALUE_REPRESENTATIONS and encoded != "UN":
        return encoded
    return dictionary_vr(tag) or "UN"


def is_private(tag: int) -> bool:
    """Whether the group is odd (PS3.5 section 7.8)."""
    return bool(tag & 0x00010000)


def is_structural(tag: int) -> bool:
    """Whether the element has no place in a file's data set: group length, command set, file meta information.

    PS3.5 section 7.2; PS3.10 section 7.1; PS3.7 annex E.
    """
    group = tag >> 16
    return group in {0x0000, 0x0002} or (tag & 0xFFFF == 0 and group > 0x0006)
