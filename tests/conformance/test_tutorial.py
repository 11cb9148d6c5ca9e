"""Tutorial "Using the Cloud Healthcare API to de-identify medical images": both use cases, their bodies as printed.

The bodies go through a shell between double quotes, so their JSON has single quotes, which the API takes. Besides the
name of the destination nothing is changed.
"""

from __future__ import annotations

import datetime

import pytest

OPERATION = {
    "metadata": {"@type": "type.googleapis.com/google.cloud.healthcare.v1.OperationMetadata"},
    "done": True,
}
REQUIRED = {
    *("00020002", "00020003", "00020010", "00080018", "0020000D", "0020000E"),
    *("00280002", "00280004", "00280006", "00280010", "00280011", "00280100", "00280101", "00280102", "00280103"),
}
"""What the minimum of tags for a valid resource leaves of the sample metadata (the how-to lists all 31)."""
READABLE = {"00080005", "00080016"}
"""SpecificCharacterSet and SOPClassUID, which the engine keeps because nobody could read the rest without them."""


def day(value):
    return datetime.date.fromisoformat(value)


@pytest.fixture
def sample(page, burned_in):
    """The how-to's sample instance, with burned-in text and a telephone number."""
    return page.sample(burned_in[0], PatientTelephoneNumbers="650-253-0000", StudyDescription="Call 650-253-0000")


def blank(page, done, burned_in):
    """Which of the burned-in lines are black all over."""
    pixels = page.pixels(done.file())
    boxes = burned_in[1].items()
    return {name for name, (left, top, right, bottom) in boxes if not pixels[top:bottom, left:right].any()}


@pytest.mark.parametrize("name", ["keep_list", "minimal_keep_list"])
def test_use_case_1_removes_all_metadata_and_redacts_all_burned_in_text(page, run, sample, burned_in, name):
    """Its keepList leaves out SeriesInstanceUID, which "a valid DICOM resource" has: the API adds it by itself."""
    done = run(page.text(f"tutorial_{name}.txt"), sample, version="v1")
    metadata = done.metadata()
    assert set(metadata) == REQUIRED | READABLE
    assert page.originals_in(done.file()) == set()
    assert b"650-253" not in done.file()
    assert blank(page, done, burned_in) == set(burned_in[1])


def test_use_case_1_is_the_same_by_keep_list_and_by_profile(page, run, sample):
    """ "Alternatively, you can complete the same de-identification operation without knowing any tag name"."""
    first, second = (
        run(page.text(f"tutorial_{n}.txt"), sample, version="v1") for n in ("keep_list", "minimal_keep_list")
    )
    assert first.file() == second.file()


def test_the_operation_is_answered_as_printed(page, run, sample):
    """The page prints the form for a dataset, whose `apiMethodName` and `response` name dataset and stores; and one
    name of the operation without `operations/` in it, against the other on the same page and the how-to.
    """
    done = run(page.text("tutorial_minimal_keep_list.txt"), sample, version="v1")
    assert set(done.operation) == {"name", "metadata", "done", "response"}
    assert done.operation["done"] is True
    assert done.operation["metadata"]["@type"] == OPERATION["metadata"]["@type"]
    assert {"apiMethodName", "createTime", "endTime"} <= set(done.operation["metadata"])
    assert "/datasets/conformance/operations/" in done.operation["name"]


def test_use_case_2_modifies_metadata_and_redacts_sensitive_burned_in_text(page, run, sample, burned_in):
    """ "Redact the PERSON_NAME value, replace the PHONE_NUMBER value with asterisks, and modify DATE and DATE_OF_BIRTH
    to a date value in the range of 100 days of the original values."

    The request has an empty maskingCharacter: proto3's absent one, for which the API documents the asterisk. The text
    above it calls the profile DEIDENTIFY_TAG_CONTENT; the request has its real name.
    """
    done = run(page.text("tutorial_modify.txt"), sample, version="v1")
    metadata = done.metadata()
    for tag in ("00100010", "00080090"):
        assert metadata[tag] == {"vr": "PN"}
    assert metadata["00102154"] == {"vr": "SH", "Value": ["*" * len("650-253-0000")]}
    assert metadata["00081030"] == {"vr": "LO", "Value": ["Call " + "*" * len("650-253-0000")]}
    shifts = {day(metadata[t]["Value"][0]) - day(page.metadata()[t]["Value"][0]) for t in ("00080020", "00100030")}
    (shift,) = shifts
    assert abs(shift.days) <= 100
    assert shift.days != 0
    assert metadata["00080070"] == page.metadata()["00080070"]
    assert metadata["00100040"] == page.metadata()["00100040"]
    redacted = blank(page, done, burned_in)
    assert {"name", "birth date"} <= redacted
    assert "sex" not in redacted


def test_the_printed_key_shifts_the_dates_of_a_patient_alike_in_every_operation(page, run):
    body = page.text("tutorial_modify.txt").replace("REDACT_SENSITIVE_TEXT", "REDACT_NO_TEXT")
    first, second = (run(body, page.sample(), version="v1", again=True) for _ in range(2))
    assert first.operation["name"] != second.operation["name"]
    assert first.metadata()["00080020"]["Value"] != page.metadata()["00080020"]["Value"]
    assert first.file() == second.file()
