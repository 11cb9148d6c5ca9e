"""A structured report in free words: the hardest text to clean, and the most worth keeping."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import BasicTextSRStorage

from benchmarks.midi.book import kept, phi
from benchmarks.midi.modules import Study
from benchmarks.midi.recipes import Made, earlier
from emulator.samples.build import code, dataset


def report(study: Study) -> Iterator[Made]:
    """A Basic Text SR (PS3.3 A.35.1) about the study, with names, dates, numbers and addresses in its paragraphs."""
    person, book = study.person, study.book
    series = study.series("SR", book.text(kept("Radiology report")), protocol="REPORT", body_part="CHEST")
    full = f"{person.given} {person.family}"
    history = book.text(
        phi("A", full),
        " (MRN ",
        phi("H", person.mrn),
        ", born ",
        phi("C", f"{person.birth:%B %d, %Y}"),
        ") lives at ",
        phi("B", person.street),
        " Lane, ",
        phi("B", person.town),
        ". Phone ",
        phi("D", person.phone),
        ", e-mail ",
        phi("F", person.email),
        ".",
    )
    findings = book.text(
        kept("Parkinson disease known"),
        ". ",
        kept("No pleural effusion. Nodule of 12 mm in segment 3"),
        ", compared with ",
        phi("C", earlier(study, 380)),
        ". ",
        kept("Heart size normal"),
        ".",
    )
    conclusion = book.text(
        "Discussed with Dr. ",
        phi("A", person.referrer),
        " on ",
        phi("C", f"{study.when:%Y-%m-%d}"),
        " and with the patient's sibling ",
        phi("A", person.relative),
        ". ",
        kept("Follow-up CT in 3 months"),
        ". Images: ",
        phi("N", f"https://pacs.example.org/view/{person.account}"),
        " from ",
        phi("O", f"192.0.2.{10 + person.number % 200}"),
        ".",
    )
    observer = book.identifier("A", f"{person.radiologist}^Jules")
    document = dataset(
        ContentDate=study.day,
        ContentTime=study.clock(),
        CompletionFlag="COMPLETE",
        VerificationFlag="UNVERIFIED",
        PerformedProcedureCodeSequence=[],
        ValueType="CONTAINER",
        ConceptNameCodeSequence=[code("18748-4", "LN", "Diagnostic imaging report")],
        ContinuityOfContent="SEPARATE",
        ContentSequence=[
            _item("HAS OBS CONTEXT", "PNAME", code("121008", "DCM", "Person Observer Name"), "PersonName", observer),
            _item("CONTAINS", "TEXT", code("121060", "DCM", "History"), "TextValue", history),
            _item("CONTAINS", "TEXT", code("121071", "DCM", "Finding"), "TextValue", findings),
            _item("CONTAINS", "TEXT", code("121077", "DCM", "Conclusion"), "TextValue", conclusion),
        ],
    )
    yield Made(study.finished(study.instance(series, BasicTextSRStorage, document)))


def _item(relation: str, value_type: str, name: Dataset, keyword: str, value: str) -> Dataset:
    """A content item, PS3.3 table C.17-5."""
    return dataset(RelationshipType=relation, ValueType=value_type, ConceptNameCodeSequence=[name], **{keyword: value})
