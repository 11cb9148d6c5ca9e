"""The people in the samples: one dataset fragment for each patient, merged into every instance of theirs."""

from __future__ import annotations

from typing import NamedTuple

from pydicom.dataset import Dataset

from emulator.samples.build import Uids, code, dataset
from emulator.samples.canary import Mint

_DETACHED_PATIENT = "1.2.840.10008.3.1.2.1.1"
"""Detached Patient Management SOP class: what Referenced Patient Sequence referred to."""


class _Profile(NamedTuple):
    """What sets one patient apart: character set (PS3.3 C.12.1.1.2), names in other scripts, sex, age."""

    character_set: str | list[str] | None
    given: str
    ideographic: str
    phonetic: str
    sex: str
    birth_year: int


_PROFILES = (
    _Profile("ISO_IR 100", "Zoé", "", "", "F", 1948),
    _Profile(["", "ISO 2022 IR 87"], "Tarou", "山田川^太郎丸", "やまだがわ^たろうまる", "M", 1961),
    _Profile("ISO_IR 192", "Ελένη", "王建國^小東方", "", "F", 1979),
    _Profile(["", "ISO 2022 IR 149"], "Gildong", "洪南宮^吉洞明", "홍남궁^길동명", "M", 1937),
    _Profile(None, "Ada", "", "", "O", 1990),
)


class Person(NamedTuple):
    """A patient: the Patient module's elements, and what other modules need to know."""

    number: int
    birth_year: int
    fragment: Dataset


def make_person(number: int, mint: Mint, uids: Uids) -> Person:
    """The `number`-th patient (0, 1, ...): Patient and Patient Identification modules, PS3.3 C.7.1.1 and C.2.2."""
    profile = _PROFILES[number % len(_PROFILES)]
    fragment = dataset(
        PatientName=mint.name(profile.given, profile.ideographic, profile.phonetic),
        PatientID=mint.word("LO"),
        IssuerOfPatientID=mint.word("LO"),
        PatientBirthDate=mint.day(profile.birth_year),
        PatientBirthTime=mint.time(17_000 + number),
        PatientSex=profile.sex,
        OtherPatientIDs=[mint.word("LO"), mint.word("LO")],
        OtherPatientNames=[mint.name("Alias"), mint.name("Second")],
        PatientBirthName=mint.name("Born"),
        PatientMotherBirthName=mint.name("Mother"),
        PatientAddress=mint.word("LO"),
        PatientTelephoneNumbers=[mint.word("SH"), mint.word("SH")],
        CountryOfResidence=mint.word("LO"),
        RegionOfResidence=mint.word("LO"),
        EthnicGroup=mint.word("SH"),
        Occupation=mint.word("SH"),
        MilitaryRank=mint.word("LO"),
        MedicalRecordLocator=mint.word("LO"),
        ResponsiblePerson=mint.name("Guardian"),
        ResponsiblePersonRole="PARENT",
        PatientReligiousPreference=mint.word("LO"),
        PatientComments=f"Seen by appointment. {mint.word('LT')}",
        MedicalAlerts=mint.word("LO"),
        Allergies=[mint.word("LO"), mint.word("LO")],
        PatientIdentityRemoved="NO",
        OtherPatientIDsSequence=[
            dataset(PatientID=mint.word("LO"), IssuerOfPatientID=mint.word("LO"), TypeOfPatientID="TEXT"),
            dataset(PatientID=mint.word("LO"), TypeOfPatientID="BARCODE"),
        ],
        ReferencedPatientSequence=[
            dataset(
                ReferencedSOPClassUID=_DETACHED_PATIENT,
                ReferencedSOPInstanceUID=mint.uid(uids.uid("detached-patient", number)),
            )
        ],
        PatientPrimaryLanguageCodeSequence=[code("en", "RFC5646", mint.word("LO"))],
    )
    if profile.character_set is not None:
        fragment.SpecificCharacterSet = profile.character_set
    return Person(number, profile.birth_year, fragment)
