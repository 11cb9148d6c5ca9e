"""Structured reports: Basic Text SR and Comprehensive SR (PS3.3 A.35.1, A.35.3), and Key Object Selection (A.35.4)."""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    BasicTextSRStorage,
    ComprehensiveSRStorage,
    KeyObjectSelectionDocumentStorage,
)

from emulator.samples.build import Reference, code, dataset, evidence
from emulator.samples.visit import Visit

_CONTAINS, _HAS = "CONTAINS", "HAS OBS CONTEXT"


def _item(relation: str, value_type: str, name: Dataset, **values: Any) -> Dataset:
    """A content item, PS3.3 table C.17-5."""
    return dataset(RelationshipType=relation, ValueType=value_type, ConceptNameCodeSequence=[name], **values)


def _container(relation: str, name: Dataset, *content: Dataset) -> Dataset:
    return _item(relation, "CONTAINER", name, ContinuityOfContent="SEPARATE", ContentSequence=list(content))


def _text(name: Dataset, text: str) -> Dataset:
    return _item(_CONTAINS, "TEXT", name, TextValue=text)


def _image(one: Reference) -> Dataset:
    """An IMAGE item; it needs no concept name (PS3.3 C.17.3.2.1, Type 1C)."""
    return dataset(RelationshipType=_CONTAINS, ValueType="IMAGE", ReferencedSOPSequence=[one.item()])


def _observation_context(visit: Visit) -> list[Dataset]:
    """Who reports on whom: person names, a UID, a date, a time and a number as content items."""
    mint = visit.mint
    return [
        _item(_HAS, "PNAME", code("121008", "DCM", "Person Observer Name"), PersonName=mint.name("Observe")),
        _item(_HAS, "PNAME", code("121029", "DCM", "Subject Name"), PersonName=mint.name("Subject")),
        _item(_HAS, "UIDREF", code("121012", "DCM", "Device Observer UID"), UID=visit.uid("device-observer")),
        _item(_HAS, "TEXT", code("121030", "DCM", "Subject ID"), TextValue=mint.word("UT")),
        _item(_HAS, "DATE", code("121031", "DCM", "Subject Birth Date"), Date=mint.day(1950)),
        _item(_HAS, "TIME", code("111061", "DCM", "Study Time"), Time=visit.clock()),
        _item(_HAS, "DATETIME", code("126201", "DCM", "Acquisition Date Time"), DateTime=visit.moment()),
    ]


def _diameter(visit: Visit) -> Dataset:
    """A measurement with its unit."""
    measured = dataset(
        NumericValue=visit.mint.decimal(12), MeasurementUnitsCodeSequence=[code("mm", "UCUM", "millimeter")]
    )
    return _item(_CONTAINS, "NUM", code("M-02550", "SRT", "Diameter"), MeasuredValueSequence=[measured])


def _findings(visit: Visit, images: list[Reference], *, measured: bool) -> Dataset:
    """A nested tree: section, finding, measurement when `measured`, and the images it was made on."""
    finding = _container(
        _CONTAINS,
        code("121070", "DCM", "Findings"),
        _text(code("121071", "DCM", "Finding"), f"Nodule seen, compare {visit.mint.word('UT')}."),
        _item(
            _CONTAINS,
            "CODE",
            code("121071", "DCM", "Finding"),
            ConceptCodeSequence=[code("M-03010", "SRT", "Nodule")],
        ),
        *([_diameter(visit)] if measured else []),
        *(_image(one) for one in images),
    )
    return _container(_CONTAINS, code("121064", "DCM", "Current Procedure Descriptions"), finding)


def _document(visit: Visit, title: Dataset, content: list[Dataset]) -> Dataset:
    """SR Document General and SR Document Content modules, PS3.3 C.17.2 and C.17.3."""
    mint = visit.mint
    return dataset(
        ContentDate=visit.day,
        ContentTime=visit.clock(),
        CompletionFlag="COMPLETE",
        CompletionFlagDescription="Final",
        VerificationFlag="VERIFIED",
        PreliminaryFlag="FINAL",
        VerifyingObserverSequence=[
            dataset(
                VerifyingObserverName=mint.name("Verify"),
                VerifyingObserverIdentificationCodeSequence=[code(mint.word("SH"), "99SAMPLES", mint.word("LO"))],
                VerifyingOrganization=mint.word("LO"),
                VerificationDateTime=visit.moment(),
            )
        ],
        AuthorObserverSequence=[
            dataset(
                ObserverType="PSN",
                PersonName=mint.name("Author"),
                PersonIdentificationCodeSequence=[code(mint.word("SH"), "99SAMPLES", mint.word("LO"))],
                InstitutionName=mint.word("LO"),
                InstitutionCodeSequence=[],
            )
        ],
        PerformedProcedureCodeSequence=[],
        ValueType="CONTAINER",
        ConceptNameCodeSequence=[title],
        ContinuityOfContent="SEPARATE",
        ContentSequence=content,
    )


def report(visit: Visit, *, images: list[Reference], sop_class: UID = ComprehensiveSRStorage) -> Dataset:
    """A radiology report that names its images, and the report it replaces when the study has one."""
    series = visit.series("SR", "Report")
    before = [one for one in visit.made if one.modality == "SR"]
    measured = sop_class != BasicTextSRStorage  # which takes no NUM items, PS3.3 A.35.1.3.1
    content = [*_observation_context(visit), _findings(visit, images, measured=measured)]
    content.append(_text(code("121077", "DCM", "Conclusion"), visit.mint.word("UT")))
    document = _document(visit, code("18748-4", "LN", "Diagnostic imaging report"), content)
    if images:
        document.CurrentRequestedProcedureEvidenceSequence = evidence(images)
    if before:
        document.PredecessorDocumentsSequence = evidence(before)
    return visit.finished(visit.instance(series, sop_class, document))


def key_objects(visit: Visit, *, images: list[Reference]) -> Dataset:
    """A selection of images for the referring physician."""
    series = visit.series("KO", "Key images")
    content = [
        _text(code("113012", "DCM", "Key Object Description"), visit.mint.word("UT")),
        *(_image(one) for one in images),
    ]
    document = dataset(
        ContentDate=visit.day,
        ContentTime=visit.clock(),
        CurrentRequestedProcedureEvidenceSequence=evidence(images),
        ValueType="CONTAINER",
        ConceptNameCodeSequence=[code("113002", "DCM", "For Referring Provider")],
        ContinuityOfContent="SEPARATE",
        ContentTemplateSequence=[dataset(MappingResource="DCMR", TemplateIdentifier="2010")],
        ContentSequence=content,
    )
    return visit.finished(visit.instance(series, KeyObjectSelectionDocumentStorage, document))
