"""The embedded Cloud Healthcare API: datasets, DICOM stores, DICOMweb, de-identify operations."""

from emulator.healthcare.service import HealthcareService, build_healthcare

__all__ = ["HealthcareService", "build_healthcare"]
