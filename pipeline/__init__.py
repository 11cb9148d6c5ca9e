"""De-identifies DICOM instances through the Cloud Healthcare API and accounts for every one of them."""
