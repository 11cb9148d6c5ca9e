"""Labelled texts as DICOM headers and reports hold them: invented people, numbers that check, texts that name nobody.

Every sample is one sentence with one value in it; which characters the value takes is known from how the sentence was
made. Values and sentences are written apart from the finders. The same seed gives the same samples.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from benchmarks import text_values as values
from benchmarks.text_values import Make
from emulator.deidentify.text.phrase import Phrase


class Sample(NamedTuple):
    """A text in which one value is sensitive.

    Attributes:
        kind: what is measured together, for example "PERSON_NAME, header".
        text: as in a value of LO, LT or UT.
        start: of the value in it.
        end: behind the value.
        info_type: what the value is.
        header: phrases of the instance that the text belongs to.
    """

    kind: str
    text: str
    start: int
    end: int
    info_type: str
    header: tuple[Phrase, ...] = ()


_BY_FORM: Final[Mapping[str, tuple[str, Make, tuple[str, ...]]]] = {
    "DATE, full": (
        "DATE",
        values.full_date,
        (
            *("{}", "Compared with {}", "CT chest {} nativ", "seen {}, unchanged", "Prior exam: {}", "(acquired {})"),
            *("Follow-up of {}.", "study_{}_ax", "outside film dated {}"),
        ),
    ),
    "DATE, part": (
        "DATE",
        values.part_date,
        ("MRI of {}", "since {}", "compared with {}", "s/p surgery {}", "previous exam on {}", "Today is {}"),
    ),
    "DATE_OF_BIRTH": (
        "DATE_OF_BIRTH",
        lambda rng: rng.choice(
            [
                f"{values.a_day(rng):%m/%d/%Y}",
                f"{values.a_day(rng):%d.%m.%Y}",
                f"{values.a_day(rng):%Y-%m-%d}",
                f"{values.a_day(rng):%Y%m%d}",
            ]
        ),
        (
            "DOB: {}",
            "D.O.B. {}",
            "DOB {}",
            "born {}",
            "born on {}",
            "geb. {}",
            "Date of birth: {}",
            "Geburtsdatum {}",
            "*{}",
        ),
    ),
    "AGE": ("AGE", values.age, ("{} male", "{} with pain", "Patient is {}", "{}, fall from height")),
    "PHONE_NUMBER, North America": (
        "PHONE_NUMBER",
        values.us_phone,
        (
            "call {}",
            "Phone: {}",
            "results to {}",
            "{}",
            "fax {} please",
            "Dept. of Radiology, {}",
            "reach us at {} anytime",
        ),
    ),
    "PHONE_NUMBER, elsewhere": (
        "PHONE_NUMBER",
        values.foreign_phone,
        ("Tel. {}", "call {}", "{}", "Rückruf {}", "contact {} (ward)"),
    ),
    "PHONE_NUMBER, local with label": (
        "PHONE_NUMBER",
        values.local_phone,
        ("Tel {}", "Phone: {}", "phone no. {}", "pager {}", "Fax: {}"),
    ),
    "EMAIL_ADDRESS": ("EMAIL_ADDRESS", values.email, ("mail {}", "{}", "report to <{}>", "contact: {}.")),
    "IP_ADDRESS": ("IP_ADDRESS", values.ip, ("host {}", "sent from {}", "{}", "PACS at {} port 104")),
    "MAC_ADDRESS": ("MAC_ADDRESS", values.mac, ("MAC {}", "{}", "adapter {} up")),
    "URL": (
        "URL",
        values.fixed("https://pacs.example.org/s?id=7", "http://10.0.0.7/wado", "www.example.org/p/7"),
        ("see {}", "{}"),
    ),
    "US_SOCIAL_SECURITY_NUMBER": (
        "US_SOCIAL_SECURITY_NUMBER",
        values.ssn,
        ("SSN {}", "SSN: {}", "{}", "soc. sec. {} on file"),
    ),
    "US_SOCIAL_SECURITY_NUMBER, digits only": (
        "US_SOCIAL_SECURITY_NUMBER",
        lambda rng: f"{rng.randrange(100, 660)}{rng.randrange(10, 99)}{rng.randrange(1000, 9999)}",
        ("SSN {}", "SSN: {}", "Social security number {}", "SS# {}"),
    ),
    "MEDICAL_RECORD_NUMBER": (
        "MEDICAL_RECORD_NUMBER",
        values.record,
        (
            *(
                "MRN: {}",
                "MRN {}",
                "MRN#{}",
                "Medical values.record number {}",
                "Patient ID: {}",
                "PatientID={}",
                "Pat.-ID {}",
            ),
            *(
                "Accession {}",
                "Accession #: {}",
                "Acc# {}",
                "Acc. No. {}",
                "Hospital no. {}",
                "Fallnummer {}",
                "ID: {}",
            ),
            *("Case number {}", "Encounter {}", "Account # {}", "Pt ID {}", "Specimen {}"),
        ),
    ),
    "CREDIT_CARD_NUMBER": ("CREDIT_CARD_NUMBER", values.card, ("values.card {}", "{}", "paid by {} yesterday")),
    "IBAN_CODE": ("IBAN_CODE", values.iban, ("IBAN {}", "{}", "Konto {}")),
    "SWIFT_CODE": ("SWIFT_CODE", values.fixed("DEUTDEFF500", "BOFAUS3N", "COBADEFFXXX"), ("BIC {}", "SWIFT code: {}")),
    "PASSPORT": (
        "PASSPORT",
        lambda rng: f"{rng.choice('CXL')}{values.some_digits(rng, 8)}",
        ("passport {}", "Passport no.: {}", "Reisepass {}"),
    ),
    "US_DRIVERS_LICENSE_NUMBER": (
        "US_DRIVERS_LICENSE_NUMBER",
        lambda rng: f"{rng.choice('ADW')}{values.some_digits(rng, 7)}",
        ("driver's license {}", "Drivers license #{}", "DL# {}", "Driver License: {}"),
    ),
    "US_INDIVIDUAL_TAXPAYER_IDENTIFICATION_NUMBER": (
        "US_INDIVIDUAL_TAXPAYER_IDENTIFICATION_NUMBER",
        lambda rng: f"9{values.some_digits(rng, 2)}-{rng.randrange(70, 89)}-{values.some_digits(rng, 4)}",
        ("ITIN {}", "{}", "tax id {}"),
    ),
    "US_VEHICLE_IDENTIFICATION_NUMBER": (
        "US_VEHICLE_IDENTIFICATION_NUMBER",
        values.vin,
        ("VIN {}", "{}", "trailer {} parked"),
    ),
    "US_DEA_NUMBER": ("US_DEA_NUMBER", values.dea, ("DEA {}", "DEA number: {}", "{}")),
    "US_HEALTHCARE_NPI": ("US_HEALTHCARE_NPI", values.npi, ("NPI {}", "NPI: {}", "NPI# {}")),
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER": (
        "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
        values.nhs,
        ("NHS {}", "NHS no: {}", "NHS number {}"),
    ),
    "IMEI_HARDWARE_ID": (
        "IMEI_HARDWARE_ID",
        lambda rng: values.luhn("35" + values.some_digits(rng, 12)),
        ("IMEI {}", "IMEI: {}"),
    ),
    "LOCATION": ("LOCATION", values.address, ("{}", "lives at {}", "Address: {}", "sent to {} by mail")),
    "ORGANIZATION_NAME": (
        "ORGANIZATION_NAME",
        values.organization,
        ("{}", "transferred from {}", "performed at {}", "{}, Radiology"),
    ),
    "PERSON_NAME, title": (
        "PERSON_NAME",
        values.staff_name,
        (
            *(
                "Dr. {} notified",
                "Dr {} was called",
                "Mr. {} is pleasant",
                "Mrs. {} tolerated it",
                "Ms. {}",
                "Prof. {}",
            ),
            *("seen by Dr. {}", "Prof. Dr. med. {}", "Herr {} kommt", "Frau {} wünscht", "discussed with DR. {}"),
        ),
    ),
    "PERSON_NAME, label": (
        "PERSON_NAME",
        values.told_name,
        (
            *(
                "Patient: {}",
                "Patient name: {}",
                "Name: {}",
                "Referring physician: {}",
                "Technologist: {}",
                "PATIENT NAME: {}",
            ),
            *(
                "Radiologist: {}",
                "Attending: {}",
                "Operator: {}",
                "Pt: {}",
                "Contact: {}, wife",
                "Ordering Physician: {}",
            ),
        ),
    ),
    "PERSON_NAME, deed": (
        "PERSON_NAME",
        values.staff_name,
        (
            *("Referred by {}", "Performed by {}", "Read by {}", "Dictated by {}", "Electronically signed by {}"),
            *("reviewed by Dr. {}", "Ordered by: {}", "REPORTED BY {}", "Interpreted by {} today"),
        ),
    ),
    "PERSON_NAME, degree": (
        "PERSON_NAME",
        values.full_name,
        ("{}, MD", "{} MD", "{}, M.D.", "{}, RDMS", "signed {}, MD, PhD"),
    ),
    "PERSON_NAME, Family^Given": ("PERSON_NAME", values.caret_name, ("{}", "copy for {}", "from {} today")),
    "PERSON_NAME, Family, Given": ("PERSON_NAME", values.comma_name, ("{}", "{}")),
}

_HEADER_SENTENCES: Final = (
    *("CT chest of {}", "{} CT thorax", "Motion of {} is normal", "CT_{}_AX", "for {}.", "({})", "{}'s knee", "x/{}/y"),
    *("seen with {}, stable", "KNEE {} LEFT", "copy to {}-file", "MR {}"),
)


def _header_name(rng: random.Random) -> tuple[str, Phrase]:
    family, given = values.a_family(rng), values.a_given(rng)
    middle = rng.choice(["", "^Q"])
    written = rng.choice(
        [
            *(
                family,
                family.upper(),
                family.lower(),
                given,
                f"{given} {family}",
                f"{family} {given}",
                f"{family}, {given}",
            ),
            *(f"{family.upper()}_{given.upper()}", f"{given[0]}. {family}", f"{family} {given[0]}", f"{given}{family}"),
            f"{family}-{given}",
        ]
    )
    return written, Phrase(f"{family}^{given}{middle}", "PERSON_NAME")


def _header_id(rng: random.Random) -> tuple[str, Phrase]:
    number = rng.choice(
        [
            values.some_digits(rng, 7),
            f"{rng.choice('ABC')}{values.some_digits(rng, 6)}",
            f"{values.some_digits(rng, 3)}-{values.some_digits(rng, 2)}-{values.some_digits(rng, 3)}",
        ]
    )
    plain = number.replace("-", "")
    written = rng.choice([number, plain, f"{plain[:3]} {plain[3:]}", number.lower(), f"#{number}"])
    return written, Phrase(number, "MEDICAL_RECORD_NUMBER")


def samples(seed: int = 0, each: int = 60) -> Iterator[Sample]:
    """`each` samples of every kind."""
    rng = random.Random(seed)
    for kind, (info_type, make, sentences) in _BY_FORM.items():
        for _ in range(each):
            yield _sample(kind, rng.choice(sentences), make(rng), info_type)
    for kind, info_type, with_header in (
        ("PERSON_NAME, header", "PERSON_NAME", _header_name),
        ("MEDICAL_RECORD_NUMBER, header", "MEDICAL_RECORD_NUMBER", _header_id),
    ):
        for _ in range(each):
            written, phrase = with_header(rng)
            yield _sample(kind, rng.choice(_HEADER_SENTENCES), written, info_type, phrase)


def _sample(kind: str, sentence: str, value: str, info_type: str, *header: Phrase) -> Sample:
    start = sentence.index("{}")
    return Sample(kind, sentence.replace("{}", value), start, start + len(value), info_type, header)
