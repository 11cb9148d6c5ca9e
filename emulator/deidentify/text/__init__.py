"""Text of DICOM elements and images: what is sensitive in it is found, and transformed."""
