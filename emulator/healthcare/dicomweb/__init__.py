"""DICOMweb of the embedded Healthcare API: STOW-RS, QIDO-RS, WADO-RS and deletion."""

from emulator.healthcare.dicomweb.routes import dicomweb_routes

__all__ = ["dicomweb_routes"]
