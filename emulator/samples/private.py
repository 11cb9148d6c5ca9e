"""A private block (PS3.5 section 7.8) with a canary in every VR that private vendors use."""

from __future__ import annotations

from pydicom.dataset import Dataset

from emulator.samples.build import dataset
from emulator.samples.visit import Visit

CREATOR = "SAMPLE WORKS PRIVATE"
_GROUP = 0x0029


def add_private_block(instance: Dataset, visit: Visit) -> None:
    """Reserve a block in group 0029 and fill it: words, numbers, dates, a UID, bytes, and a nested sequence."""
    mint = visit.mint
    block = instance.private_block(_GROUP, CREATOR, create=True)
    values = {
        **{vr: mint.word(vr) for vr in ("AE", "CS", "LO", "LT", "SH", "ST", "UC", "UT")},
        "PN": mint.name("Private"),
        "DA": mint.day(visit.year),
        "TM": visit.clock(),
        "DT": visit.moment(),
        "DS": mint.decimal(170),
        "IS": mint.integer(),
        "UI": visit.uid("private", instance.InstanceNumber),
        "UR": mint.url(),
        "OB": mint.word("UN").encode("ascii"),
        "UN": mint.word("UN").encode("ascii"),
    }
    for offset, (vr, value) in enumerate(sorted(values.items()), start=1):
        block.add_new(offset, vr, value)
    inner = dataset(PatientName=mint.name("Nested"), PatientID=mint.word("LO"), TextValue=mint.word("UT"))
    deeper = inner.private_block(_GROUP, CREATOR, create=True)
    deeper.add_new(1, "LO", mint.word("LO"))
    deeper.add_new(2, "UC", mint.word("UC"))
    block.add_new(0x40, "SQ", [inner])
