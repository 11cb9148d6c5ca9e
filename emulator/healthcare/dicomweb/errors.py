"""Turning what can go wrong below HTTP into Google's errors."""

from __future__ import annotations

from emulator.errors import GoogleError


def bad_request(message: str) -> GoogleError:
    """400 INVALID_ARGUMENT."""
    return GoogleError(400, message)


def not_found(what: str) -> GoogleError:
    """404 for a study, series, instance or store that is not there."""
    where = "" if what == "store" else " in the DICOM store"
    return GoogleError(404, f"the {'DICOM store' if what == 'store' else what} does not exist{where}")


def not_acceptable(message: str) -> GoogleError:
    """406: nothing that the Accept header names can be answered."""
    return GoogleError(406, message)


def not_implemented(message: str) -> GoogleError:
    """501: the real API may do this, the embedded one does not."""
    return GoogleError(501, message)
