"""One visit of a patient to the scanner: a study, its series, and the attributes that all its instances share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, RLELossless

from emulator.samples.build import Reference, Uids, code, dataset, merged, reference
from emulator.samples.canary import PREAMBLE, Mint
from emulator.samples.encode import file_meta
from emulator.samples.people import Person

_PERFORMED_STEP = "1.2.840.10008.3.1.2.3.3"
_DETACHED_STUDY = "1.2.840.10008.3.1.2.3.1"
_CREATED_DATE, _CREATED_TIME = "20010101", "120000"
"""Dates that the 2018e table leaves alone: the same in all samples, so that keeping them tells nothing."""


class Visit:
    """Builds the instances of one study.

    Attributes:
        earlier: instances of the same patient that studies before this one made, for references.
        made: this study's instances so far, in order.
        rng: noise of this study's pictures.
    """

    def __init__(
        self, seed: int, number: int, person: Person, mint: Mint, uids: Uids, earlier: Sequence[Reference]
    ) -> None:
        self.number, self.person, self.mint, self.uids = number, person, mint, uids
        self.earlier = tuple(earlier)
        self.made: list[Reference] = []
        self.rng = np.random.default_rng([seed, number])
        self.year = 2005 + number % 14
        self.day = mint.day(self.year)
        self._second = 28_800 + 1_801 * (number % 20)
        self._series_number = 0
        self._study = self._make_study()

    def clock(self, step: int = 7) -> str:
        """The next time of day (TM) of this visit, `step` seconds on: a canary."""
        self._second += step
        return self.mint.time(self._second)

    def moment(self) -> str:
        """The next date and time (DT) of this visit: a canary."""
        self._second += 3
        return self.mint.moment(self.day, self._second)

    def uid(self, *name: object) -> str:
        """An identifying UID of this study: a canary."""
        return self.mint.uid(self.uids.uid(self.number, *name))

    def series(self, modality: str, protocol: str, body_part: str | None = None) -> Dataset:
        """A new series: General Series and General Equipment modules, PS3.3 C.7.3.1 and C.7.5.1."""
        mint = self.mint
        self._series_number += 1
        number = self._series_number
        series = dataset(
            Modality=modality,
            SeriesInstanceUID=self.uid("series", number),
            SeriesNumber=number,
            SeriesDate=self.day,
            SeriesTime=self.clock(60),
            SeriesDescription=f"{protocol} {mint.word('LO')}",
            ProtocolName=mint.word("LO"),
            PerformingPhysicianName=[mint.name("Perform"), mint.name("Assist")],
            OperatorsName=[mint.name("Operate"), mint.name("Relief")],
            PerformedProcedureStepID=mint.word("SH"),
            PerformedProcedureStepStartDate=self.day,
            PerformedProcedureStepStartTime=self.clock(1),
            PerformedProcedureStepDescription=mint.word("LO"),
            CommentsOnThePerformedProcedureStep=mint.word("ST"),
            ReferencedPerformedProcedureStepSequence=[
                dataset(ReferencedSOPClassUID=_PERFORMED_STEP, ReferencedSOPInstanceUID=self.uid("performed", number))
            ],
            RequestAttributesSequence=[self._request()],
            Manufacturer="SAMPLE WORKS",
            ManufacturerModelName="GENERATOR",
            SoftwareVersions=["1", "0"],
            InstitutionName=mint.word("LO"),
            InstitutionAddress=mint.word("ST"),
            InstitutionalDepartmentName=mint.word("LO"),
            StationName=mint.word("SH"),
            DeviceSerialNumber=mint.word("LO"),
            DeviceUID=self.uid("device", number),
            PerformedStationAETitle=mint.word("AE"),
            PerformedLocation=mint.word("SH"),
        )
        if body_part is not None:
            series.BodyPartExamined = body_part
        return series

    def instance(self, series: Dataset, sop_class: UID, *more: Dataset) -> Dataset:
        """A new instance of a series, SOP Common module (PS3.3 C.12.1) included; `more` are its own modules."""
        number = sum(1 for one in self.made if one.series == series.SeriesInstanceUID) + 1
        common = dataset(
            SOPClassUID=sop_class,
            SOPInstanceUID=self.uid("instance", series.SeriesNumber, number),
            InstanceNumber=number,
            InstanceCreationDate=_CREATED_DATE,
            InstanceCreationTime=_CREATED_TIME,
            InstanceCreatorUID=self.uid("creator"),
        )
        built = merged(self.person.fragment, self._study, series, common, *more)
        self.made.append(reference(built))
        return built

    def acquired(self) -> Dataset:
        """General Image module, PS3.3 C.7.6.1: when and how one image came about."""
        return dataset(
            AcquisitionNumber=1,
            AcquisitionDate=self.day,
            AcquisitionTime=self.clock(),
            ContentDate=self.day,
            ContentTime=self.clock(1),
            ImageComments=self.mint.word("LT"),
            PatientOrientation=None,
            BurnedInAnnotation="NO",
            LossyImageCompression="00",
        )

    def finished(self, instance: Dataset, transfer_syntax: UID = ExplicitVRLittleEndian) -> Dataset:
        """The instance with its file meta information, compressed when the transfer syntax is RLE Lossless."""
        compress = transfer_syntax == RLELossless
        started = ExplicitVRLittleEndian if compress else transfer_syntax
        instance.file_meta = file_meta(instance, started, self.mint.word("AE"))
        instance.preamble = self.mint.word(PREAMBLE).encode("ascii").ljust(128, b"\0")
        if compress:
            instance.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
        return instance

    def _request(self) -> Dataset:
        mint = self.mint
        return dataset(
            RequestedProcedureID=mint.word("SH"),
            RequestedProcedureDescription=mint.word("LO"),
            AccessionNumber=self.mint.word("SH"),
            StudyInstanceUID=self.uid("requested-study"),
            ScheduledProcedureStepID=mint.word("SH"),
            ScheduledProcedureStepDescription=mint.word("LO"),
            ScheduledProtocolCodeSequence=[code("SAMPLE1", "99SAMPLES", mint.word("LO"))],
            ReasonForTheRequestedProcedure=mint.word("LO"),
        )

    def _make_study(self) -> Dataset:
        """General Study and Patient Study modules, PS3.3 C.7.2.1 and C.7.2.2."""
        mint = self.mint
        prior = dict.fromkeys(one.study for one in self.earlier)
        return dataset(
            StudyInstanceUID=self.uid("study"),
            StudyDate=self.day,
            StudyTime=self.clock(0),
            StudyID=mint.word("SH"),
            AccessionNumber=mint.word("SH"),
            StudyDescription=mint.word("LO"),
            ReferringPhysicianName=mint.name("Refer"),
            ReferringPhysicianAddress=mint.word("ST"),
            ReferringPhysicianTelephoneNumbers=[mint.word("SH")],
            ReferringPhysicianIdentificationSequence=[
                dataset(
                    PersonIdentificationCodeSequence=[code(mint.word("SH"), "99SAMPLES", mint.word("LO"))],
                    PersonAddress=mint.word("ST"),
                    PersonTelephoneNumbers=[mint.word("LO")],
                    InstitutionName=mint.word("LO"),
                )
            ],
            PhysiciansOfRecord=[mint.name("Record")],
            NameOfPhysiciansReadingStudy=[mint.name("Read"), mint.name("Reread")],
            RequestingPhysician=mint.name("Request"),
            RequestingService=mint.word("LO"),
            RequestedProcedureDescription=mint.word("LO"),
            RequestedProcedureComments=mint.word("LT"),
            AdmissionID=mint.word("LO"),
            AdmittingDate=self.day,
            AdmittingDiagnosesDescription=[mint.word("LO")],
            CurrentPatientLocation=mint.word("LO"),
            AdditionalPatientHistory=mint.word("LT"),
            PatientAge=f"{self.year - self.person.birth_year:03d}Y",
            PatientSize=mint.decimal(1),
            PatientWeight=mint.decimal(60 + self.number % 30),
            ReferencedStudySequence=[
                dataset(ReferencedSOPClassUID=_DETACHED_STUDY, ReferencedSOPInstanceUID=study) for study in prior
            ],
            ProcedureCodeSequence=[code("P5-00000", "SRT", "Radiographic procedure")],
        )
