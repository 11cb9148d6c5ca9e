"""Short words for writing datasets down."""

from __future__ import annotations

import copy
import uuid
from typing import Any, NamedTuple

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence


def dataset(**elements: Any) -> Dataset:
    """A dataset from keywords: `dataset(Rows=64)`. Lists of datasets become sequences."""
    built = Dataset()
    for keyword, value in elements.items():
        setattr(built, keyword, value)
    return built


def merged(*parts: Dataset) -> Dataset:
    """A new dataset with the elements of all parts; none is shared with them, and the later part wins."""
    whole = Dataset()
    for part in parts:
        whole.update(copy.deepcopy(part))
    return whole


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """A coded entry, PS3.3 section 8.8: `code("R-00339", "SRT", "No")`."""
    return dataset(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def sequence(*items: Dataset) -> DicomSequence:
    """A sequence of these items; an empty one for Type 2 sequences without content."""
    return DicomSequence(items)


class Reference(NamedTuple):
    """Where an instance lies."""

    study: str
    series: str
    sop: str
    sop_class: str
    modality: str

    def item(self, *frames: int) -> Dataset:
        """An item of a SOP Instance Reference Macro, PS3.3 table 10-11."""
        built = dataset(ReferencedSOPClassUID=self.sop_class, ReferencedSOPInstanceUID=self.sop)
        if frames:
            built.ReferencedFrameNumber = list(frames)
        return built


def reference(instance: Dataset) -> Reference:
    """The reference that points to an instance."""
    return Reference(
        instance.StudyInstanceUID,
        instance.SeriesInstanceUID,
        instance.SOPInstanceUID,
        instance.SOPClassUID,
        instance.Modality,
    )


def evidence(references: list[Reference]) -> DicomSequence:
    """Hierarchical references by study and series, PS3.3 table C.17-3 (for (0040,A375) and its like)."""
    studies: dict[str, dict[str, list[Reference]]] = {}
    for one in references:
        studies.setdefault(one.study, {}).setdefault(one.series, []).append(one)
    return sequence(
        *(
            dataset(
                StudyInstanceUID=study,
                ReferencedSeriesSequence=[
                    dataset(SeriesInstanceUID=series, ReferencedSOPSequence=[one.item() for one in ones])
                    for series, ones in by_series.items()
                ],
            )
            for study, by_series in studies.items()
        )
    )


class Uids:
    """UIDs that follow from a seed and a name: the same in every run. Root 2.25 (PS3.5 section B.2)."""

    def __init__(self, seed: int) -> None:
        self._namespace = uuid.UUID(int=seed % (1 << 128))

    def uid(self, *name: object) -> str:
        """`uid("study", 3)` is always the same UID for one seed."""
        return f"2.25.{uuid.uuid5(self._namespace, '/'.join(map(str, name))).int}"
