"""What a whole value is, known by its attribute alone: the name of the patient needs no search."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from emulator.deidentify.attributes import tag_of

_BY_VR: Final = {"PN": "PERSON_NAME", "DA": "DATE", "DT": "DATE", "AS": "AGE"}
"""VRs that hold one kind of thing, whatever the attribute (PS3.5 table 6.2-1)."""

_BY_ATTRIBUTE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DATE_OF_BIRTH": "PatientBirthDate",
        "MEDICAL_RECORD_NUMBER": """PatientID OtherPatientIDs AccessionNumber StudyID AdmissionID ServiceEpisodeID
            RequestedProcedureID ScheduledProcedureStepID PerformedProcedureStepID InsurancePlanIdentification
            MedicalRecordLocator BreedRegistrationNumber ClinicalTrialSubjectID
            ClinicalTrialSubjectReadingID PlacerOrderNumberImagingServiceRequest
            FillerOrderNumberImagingServiceRequest PlacerOrderNumberImagingServiceRequestRetired
            FillerOrderNumberImagingServiceRequestRetired PlacerOrderNumberProcedure FillerOrderNumberProcedure
            SpecimenAccessionNumber SpecimenIdentifier ContainerIdentifier SlideIdentifier ResultsID
            InterpretationID""",
        "PHONE_NUMBER": """PatientTelephoneNumbers ReferringPhysicianTelephoneNumbers PersonTelephoneNumbers
            OrderCallbackPhoneNumber TelephoneNumberTrial""",
        "LOCATION": """PatientAddress InstitutionAddress ReferringPhysicianAddress PersonAddress CountryOfResidence
            RegionOfResidence AddressTrial DistributionAddress PatientInstitutionResidence
            ScheduledPatientInstitutionResidence CurrentPatientLocation""",
        "ORGANIZATION_NAME": """InstitutionName InstitutionalDepartmentName ResponsibleOrganization
            VerifyingOrganization HumanPerformerOrganization ClinicalTrialSiteName ClinicalTrialCoordinatingCenterName
            ClinicalTrialSponsorName RequestingService""",
        "PERSON_NAME": "ContactDisplayName CameraOwnerName",
    }
)
"""Keywords of PS3.6 by what their values are as a whole. Text that may hold several things is searched instead."""


def _by_tag() -> dict[int, str]:
    return {tag_of(keyword): info_type for info_type, words in _BY_ATTRIBUTE.items() for keyword in words.split()}


_INFO_TYPES: Final[Mapping[int, str]] = MappingProxyType(_by_tag())


@lru_cache(maxsize=8192)
def info_type_of(tag: int, vr: str) -> str:
    """The info type that any value of the attribute is as a whole; "" when it has to be searched.

    Args:
        tag: group in the upper 16 bits, for example 0x00100020.
        vr: the VR by which the value is read.

    >>> info_type_of(0x00100020, "LO"), info_type_of(0x00081070, "PN"), info_type_of(0x00081030, "LO")
    ('MEDICAL_RECORD_NUMBER', 'PERSON_NAME', '')
    """
    return _INFO_TYPES.get(tag) or _BY_VR.get(vr, "")
