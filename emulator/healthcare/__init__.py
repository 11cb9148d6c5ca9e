"""The embedded Cloud Healthcare API: datasets, DICOM stores, DICOMweb, de-identify operations.

`build_healthcare` is imported when first asked for, so that a submodule can be used without the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.healthcare.service import HealthcareService, build_healthcare

__all__ = ["HealthcareService", "build_healthcare"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from emulator.healthcare import service  # noqa: PLC0415 - see the module's docstring

        return getattr(service, name)
    raise AttributeError(name)
