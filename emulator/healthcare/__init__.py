"""The embedded Cloud Healthcare API: datasets, DICOM stores, DICOMweb, de-identify operations."""
