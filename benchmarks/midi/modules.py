"""The modules that all generated instances share, with identifiers in them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from benchmarks.midi.book import Book, kept, phi
from benchmarks.midi.people import Person
from emulator.samples.build import Uids, code, dataset, merged
from emulator.samples.encode import file_meta

PATIENT: Final = "BEST-P15-PAT"
"""Retain Patient Characteristics Option: research needs sex, age, size and weight."""

DEVICE: Final = "BEST-REVIEW"
"""What reviewers of collections ask to keep: what the examination was, and how it was made."""

PRIVATE: Final = "BEST-PRIVATE"
"""Retain Safe Private Option."""

CREATOR: Final = "SAMPLE WORKS 1.1"
_PRIVATE_GROUP: Final = 0x0029
_PERFORMED_STEP: Final = "1.2.840.10008.3.1.2.3.3"


class Study:
    """One examination of a patient: makes the parts that its instances share.

    Attributes:
        day: of the examination, as DA.
        book: where everything planted is remembered.
        hospital: its name.
    """

    def __init__(self, seed: int, number: int, person: Person, book: Book, description: str) -> None:
        self.person, self.book, self.number = person, book, number
        self.rng = random.Random(f"{seed}/study/{number}")
        self.when = date(2009, 1, 1) + timedelta(days=self.rng.randrange(4_000))
        self.day = book.date(f"{self.when:%Y%m%d}")
        self._uids = Uids(seed)
        self._series_number = 0
        self._instances: dict[int, int] = {}
        self.hospital = book.text(phi("B", person.hospital), " Memorial Hospital")
        self.shared = merged(self._patient(), self._study(description))

    def uid(self, *name: object) -> str:
        """A planted UID that follows from the study and a name."""
        return self.book.uid(self._uids.uid("midi", self.number, *name))

    def clock(self) -> str:
        """A time of day (TM). Times alone identify nobody and have no check."""
        return f"{self.rng.randrange(8, 17):02d}{self.rng.randrange(60):02d}{self.rng.randrange(60):02d}"

    def series(self, modality: str, description: str, *, protocol: str, body_part: str) -> Dataset:
        """General Series and General Equipment modules, PS3.3 C.7.3.1 and C.7.5.1."""
        book, person = self.book, self.person
        self._series_number += 1
        return dataset(
            Modality=book.safe(modality, "DICOM-IOD-1"),
            SeriesInstanceUID=self.uid("series", self._series_number),
            SeriesNumber=self._series_number,
            SeriesDate=self.day,
            SeriesTime=self.clock(),
            SeriesDescription=description,
            ProtocolName=book.safe(protocol, DEVICE),
            BodyPartExamined=book.safe(body_part, DEVICE),
            PerformingPhysicianName=book.identifier("A", f"{person.radiologist}^Jules"),
            OperatorsName=book.identifier("A", f"{person.technologist}^Remy"),
            ReferencedPerformedProcedureStepSequence=[
                dataset(
                    ReferencedSOPClassUID=_PERFORMED_STEP,
                    ReferencedSOPInstanceUID=self.uid("performed", self._series_number),
                )
            ],
            RequestAttributesSequence=[self._request()],
            Manufacturer=book.safe("SAMPLE WORKS", DEVICE),
            ManufacturerModelName=book.safe("GENERATOR X1", DEVICE),
            SoftwareVersions=book.safe("VB20A", DEVICE),
            InstitutionName=self.hospital,
            InstitutionAddress=book.text(
                f"{100 + person.number} ", phi("B", "Orchard"), " Parkway, ", phi("B", person.town)
            ),
            InstitutionalDepartmentName=book.text("Radiology ", phi("B", f"Westwing {300 + person.number}")),
            StationName=book.identifier("M", f"CTAWP{60_000 + person.number}"),
            DeviceSerialNumber=book.identifier("M", f"SN{440_000 + person.number * 31}"),
            DeviceUID=self.uid("device"),
        )

    def instance(self, series: Dataset, sop_class: str, *more: Dataset) -> Dataset:
        """A new instance: the shared modules, SOP Common (PS3.3 C.12.1), and `more`."""
        series_number = int(series.SeriesNumber)
        number = self._instances[series_number] = self._instances.get(series_number, 0) + 1
        common = dataset(
            SOPClassUID=self.book.safe(sop_class, "DICOM-IOD-1"),
            SOPInstanceUID=self.uid("instance", series_number, number),
            InstanceNumber=number,
            InstanceCreationDate=self.day,
            InstanceCreationTime=self.clock(),
            PatientAge=self.book.safe(self._age(), PATIENT),
        )
        return merged(self.shared, series, common, *more)

    def acquired(self, comments: str) -> Dataset:
        """General Image module, PS3.3 C.7.6.1."""
        moment = f"{self.day}{self.clock()}.000000"
        return dataset(
            AcquisitionNumber=1,
            AcquisitionDate=self.day,
            AcquisitionTime=self.clock(),
            AcquisitionDateTime=self.book.date(moment),
            ContentDate=self.day,
            ContentTime=self.clock(),
            PatientOrientation=None,
            ImageComments=comments,
            LossyImageCompression="00",
        )

    def finished(self, instance: Dataset, transfer_syntax: UID = ExplicitVRLittleEndian) -> Dataset:
        """The instance with its file meta information."""
        instance.file_meta = file_meta(instance, transfer_syntax, self.book.identifier("M", "SAMPLEAE"))
        return instance

    def private_block(self, instance: Dataset) -> None:
        """A private block as vendors write them: numbers that research needs beside names and dates."""
        book, person = self.book, self.person
        block = instance.private_block(_PRIVATE_GROUP, CREATOR, create=True)
        block.add_new(0x10, "DS", book.safe("1000.25", PRIVATE))
        block.add_new(0x11, "SH", book.safe("FLASH3D", PRIVATE))
        block.add_new(0x12, "PN", book.identifier("A", person.dicom_name))
        block.add_new(0x13, "LO", book.text("scanned for ", phi("H", person.mrn)))
        block.add_new(0x14, "DA", self.day)
        block.add_new(0x15, "UN", _even(book.identifier("A", f"{person.given} {person.family}")))
        block.add_new(0x16, "SQ", [dataset(PatientID=person.mrn, PatientName=person.dicom_name)])

    def _age(self) -> str:
        return f"{(self.when - self.person.birth).days // 365:03d}Y"

    def _patient(self) -> Dataset:
        """Patient and Patient Study modules, PS3.3 C.7.1.1 and C.7.2.2."""
        book, person = self.book, self.person
        return dataset(
            SpecificCharacterSet="ISO_IR 100",
            PatientName=book.identifier("A", person.dicom_name),
            PatientID=book.patient_id(person.mrn),
            PatientBirthDate=book.date(f"{person.birth:%Y%m%d}"),
            PatientSex=person.sex,
            PatientSize=book.safe(f"1.{55 + person.number % 35}1", PATIENT),
            PatientWeight=book.safe(f"{52 + person.number % 40}.3", PATIENT),
            OtherPatientIDsSequence=[
                dataset(
                    PatientID=book.identifier("J", person.account),
                    IssuerOfPatientID=self.hospital,
                    TypeOfPatientID="TEXT",
                )
            ],
            PatientBirthName=book.identifier("A", f"Vandermeer^{person.given}"),
            PatientAddress=book.text(
                phi("B", person.street),
                " Lane, ",
                phi("B", person.town),
                f" {person.state} ",
                phi("B", person.postcode),
            ),
            PatientTelephoneNumbers=book.identifier("D", person.phone),
            MilitaryRank=book.identifier("R", f"Badge {33_000 + person.number}"),
            EthnicGroup="Declined",
            PatientComments=book.text(
                "Next of kin ",
                phi("A", f"{person.relative} {person.family}"),
                ", call ",
                phi("D", person.phone),
                ". Email ",
                phi("F", person.email),
                ". SSN ",
                phi("G", person.ssn),
                ".",
            ),
            AdditionalPatientHistory=book.text(
                kept("Hypertension"),
                " and ",
                kept("type 2 diabetes"),
                ". ",
                "Mrs. " if person.sex == "F" else "Mr. ",
                phi("A", person.family),
                " had surgery on ",
                phi("C", f"{self.when - timedelta(days=400):%m/%d/%Y}"),
                ".",
            ),
        )

    def _study(self, description: str) -> Dataset:
        """General Study module, PS3.3 C.7.2.1."""
        book, person = self.book, self.person
        return dataset(
            StudyInstanceUID=self.uid("study"),
            StudyDate=self.day,
            StudyTime=self.clock(),
            StudyID=book.identifier("R", f"ST{5_000 + self.number}"),
            AccessionNumber=book.identifier("R", f"ACC{810_000 + self.number * 17}"),
            StudyDescription=description,
            ReferringPhysicianName=book.identifier("A", f"{person.referrer}^Sasha"),
            ReferringPhysicianIdentificationSequence=[
                dataset(
                    PersonIdentificationCodeSequence=[
                        code(book.identifier("K", f"LIC{99_100 + person.number}"), "99SAMPLES", "Licence")
                    ],
                    PersonTelephoneNumbers=book.identifier("D", f"+1 646 555 01{person.number % 100:02d}"),
                    InstitutionName=self.hospital,
                )
            ],
            RequestingPhysician=book.identifier("A", f"{person.referrer}^Sasha"),
            AdmissionID=book.identifier("R", f"ADM{64_000 + self.number}"),
            AdmittingDiagnosesDescription=book.text(kept("Suspected pneumonia")),
        )

    def _request(self) -> Dataset:
        book, person = self.book, self.person
        return dataset(
            RequestedProcedureID=book.identifier("R", f"RP{71_000 + self.number}"),
            AccessionNumber=f"ACC{810_000 + self.number * 17}",
            ScheduledProcedureStepID=book.identifier("R", f"SPS{72_000 + self.number}"),
            ScheduledProcedureStepDescription=book.text(
                kept("Routine protocol"), " ordered by Dr. ", phi("A", person.referrer)
            ),
            ReasonForTheRequestedProcedure=book.text(
                kept("Persistent cough"), ", patient ", phi("A", f"{person.given} {person.family}")
            ),
        )


def _even(text: str) -> bytes:
    """The value of an element whose VR nobody knows."""
    return text.encode("ascii") + b" " * (len(text) % 2)
