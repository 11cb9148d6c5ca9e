"""DICOM files as the embedded DICOM store sees them: structure, DICOM JSON, index entries, transcoding. No HTTP."""
