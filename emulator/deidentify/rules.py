"""What each of the API's profiles does, as `Rules`; and the codes of PS3.15 table E.1-1 as actions."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from emulator.deidentify.actions import Action
from emulator.deidentify.attributes import OVERLAY_DATA, REQUIRED, tag_of
from emulator.deidentify.profile import Mask, Rules
from emulator.deidentify.tables.rows import rows

EDITION = "2018e"
"""The edition the API names for ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE."""

ONE_TAG = 0xFFFFFFFF
REPEATING_GROUP = 0xFF000000
OVERLAYS = Mask(REPEATING_GROUP, 0x60000000)
CURVES = Mask(REPEATING_GROUP, 0x50000000)

_CODES = {
    "X": Action.DELETE,
    "U": Action.UID,
    "Z": Action.EMPTY,
    "D": Action.DUMMY,
    "Z/D": Action.DUMMY,
    "X/D": Action.DUMMY,
    "X/Z/D": Action.DUMMY,
    "X/Z": Action.EMPTY,
    "X/Z/U*": Action.REFERENCES,
}
"""Of alternatives, the one that is valid whatever the attribute's Type in the IOD: a dummy satisfies Types 1 to 3, an
empty value Types 2 and 3, references with new UIDs every Type."""

_SEQUENCE_CODES = {"X/D": Action.DELETE, "X/Z/D": Action.DELETE}
"""Sequences are removed where the code allows it: no storage IOD requires those that have these codes, but one."""

_NEEDED_SEQUENCES = {tag_of("ReferencedPerformedProcedureStepSequence"): Action.DUMMY}
"""Type 2 in SR documents and at most Type 3 elsewhere (PS3.3 C.17.2, C.7.3.1): kept as structure with new UIDs."""

_EMPTY_AND_INVALID = tag_of("ReferencedStudySequence")
"""X/Z: Type 3 in the General Study module, where it may not be without items, so it goes (PS3.3 C.7.2.1)."""

_REQUIRED = {tag_of(keyword): Action.DUMMY for keyword in ("PresentationCreationDate", "PresentationCreationTime")}
"""X, but Type 1 in presentation states (PS3.3 C.11.10), which would be none without them."""

_REQUIRED_NESTED = {
    **dict.fromkeys(
        map(
            tag_of,
            (
                "TreatmentMachineName",  # RT Beams, RT Ion Beams, RT Treatment Machine Record: Type 2
                "SourceSerialNumber",  # RT Brachy Session Record: Type 2
                "SourceManufacturer",  # the same
                "RequestedProcedureID",  # ReferencedRequestSequence of SR documents: Type 2
                "PatientSetupPhotoDescription",  # Patient Setup Photo Macro: Type 2
                "PatientTreatmentPreparationProcedureParameterDescription",  # the same
                "PositionAcquisitionTemplateDescription",  # RT Patient Position Acquisition Instruction: Type 2
                "PriorTreatmentDoseDescription",  # RT Enhanced Prescription: Type 2
            ),
        ),
        Action.EMPTY,
    ),
    **dict.fromkeys(
        map(
            tag_of,
            (
                "ReferencedStudySequence",  # Type 2 in ReferencedRequestSequence of SR documents, Type 1 in RT ones
                "InstitutionCodeSequence",  # Person Identification Macro: Type 1C or 2
                "OperatorIdentificationSequence",  # Contributing Sources: Type 1C
                "PatientID",  # Group of Patients Identification: Type 1
                "SeriesDescription",  # SourceSeriesInformationSequence of structure sets: Type 1
                "PositionAcquisitionTemplateName",  # RT Patient Position Acquisition Instruction: Type 1
                "RadiopharmaceuticalStartDateTime",  # Enhanced PET Isotope: Type 1
                "RTAccessoryHolderSlotID",  # RT Delivery Device Common: Type 1
            ),
        ),
        Action.DUMMY,
    ),
}
"""Attributes that modules require inside sequences, where their code alone would leave none or an empty one. Found by
comparing the table with the Types of all modules of all storage IODs (PS3.3 of 2024, as highdicom 0.28 carries it)."""

_GO_TOGETHER = {tag_of("ResponsiblePersonRole"): tag_of("ResponsiblePerson")}
"""Attributes that may not be present without another one that is removed (PS3.3 C.7.1.1)."""


@functools.cache
def basic(edition: str = EDITION) -> Rules:
    """ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE: table E.1-1; attributes it does not list stay, sequences are walked.

    What the table removes or empties, though an IOD requires it there, stays as an empty element or with a dummy.

    Overlay and curve groups go as a whole: an overlay plane without its data is not valid. Private elements go
    (PS3.15 E.1.1, the table's last row). So does what has no VR anybody knows, and what the data dictionary does not
    list: attributes newer than both may hold anything.
    """
    tags = {row.tag: _action(row.tag, row.vr, row.code) for row in rows(edition)}
    tags[_EMPTY_AND_INVALID] = Action.DELETE
    tags |= {tag: action for tag, action in _REQUIRED.items() if tag in tags}
    tags |= {tag: Action.DELETE for tag, other in _GO_TOGETHER.items() if tags.get(other) is Action.DELETE}
    return Rules(
        tags=tags,
        nested_tags={tag: action for tag, action in _REQUIRED_NESTED.items() if tag in tags},
        masks=((OVERLAYS, Action.DELETE), (CURVES, Action.DELETE)),
        standard=Action.KEEP,
        sequences=Action.RECURSE,
        private=Action.DELETE,
        unknown=Action.DELETE,
        unlisted=Action.DELETE,
    )


def _action(tag: int, vr: str, code: str) -> Action:
    if tag in _NEEDED_SEQUENCES:
        return _NEEDED_SEQUENCES[tag]
    if vr == "SQ" and code in _SEQUENCE_CODES:
        return _SEQUENCE_CODES[code]
    return _CODES[code]


@functools.cache
def cleaned_descriptors(edition: str = EDITION) -> frozenset[int]:
    """Attributes whose text the Clean Descriptors Option cleans instead of what the Basic Profile says: column code C.

    The option columns of 2026c were not at hand: those of 2024b stand in, and rows added since are not cleaned but
    treated as the Basic Profile says.
    """
    return frozenset(row.tag for row in rows(edition) if row.clean_descriptors == "C")


@functools.cache
def header_tags(edition: str = EDITION) -> frozenset[int]:
    """Attributes that the Basic Profile replaces, empties, removes or gives new UIDs (codes with D, Z, X or U).

    What they hold identifies someone wherever else it is found in the instance.
    """
    return frozenset(row.tag for row in rows(edition) if set(row.code) & set("DZXU"))


def keep_all() -> Rules:
    """KEEP_ALL_PROFILE: everything stays; sequences are walked because UIDs in them follow the instances they name."""
    return Rules(
        tags={},
        nested_tags={},
        masks=(),
        standard=Action.KEEP,
        sequences=Action.RECURSE,
        private=Action.KEEP,
        unknown=Action.KEEP,
    )


def tag_contents() -> Rules:
    """DEIDENTIFY_TAG_CONTENTS: the text of every element is inspected, at every depth; what holds no text stays.

    Elements that nobody can inspect, as their VR is unknown, go.
    """
    return Rules(
        tags={},
        nested_tags={},
        masks=(),
        standard=Action.CLEAN_TEXT,
        sequences=Action.RECURSE,
        private=Action.CLEAN_TEXT,
        unknown=Action.DELETE,
    )


def keep_list(kept: Iterable[Mask] = ()) -> Rules:
    """MINIMAL_KEEP_LIST_PROFILE, and keepList with the tags it names: they and the required ones stay, nothing else."""
    return Rules(
        tags=dict.fromkeys(REQUIRED, Action.KEEP),
        nested_tags={},
        masks=tuple((mask, Action.KEEP) for mask in kept),
        standard=Action.DELETE,
        sequences=Action.DELETE,
        private=Action.DELETE,
        unknown=Action.DELETE,
    )


def remove_list(removed: Iterable[Mask]) -> Rules:
    """removeList: the tags it names go, at every depth, and overlay groups, as the API adds OverlayData by itself."""
    masks = [*removed, Mask(REPEATING_GROUP, OVERLAY_DATA & REPEATING_GROUP)]
    return Rules(
        tags={},
        nested_tags={},
        masks=tuple((mask, Action.DELETE) for mask in masks),
        standard=Action.KEEP,
        sequences=Action.RECURSE,
        private=Action.KEEP,
        unknown=Action.KEEP,
    )
