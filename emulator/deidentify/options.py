"""What the engine does where Google documents nothing: declared settings, each with a line in FIDELITY.md."""

from __future__ import annotations

import dataclasses
from typing import Final

EDITIONS: Final = ("2018e", "2024b", "2026c")
"""Editions of PS3.15 whose table E.1-1 the Basic profile can follow."""

LOSSY_OUTPUTS: Final = ("explicit", "jpeg-ls-lossless", "jpeg2000-lossless")
"""How a lossy image is stored after redaction."""

_GIB = 2**30


@dataclasses.dataclass(frozen=True)
class EngineOptions:
    """Settings of the engine that no DeidentifyConfig has a field for.

    Attributes:
        edition: the edition of PS3.15 table E.1-1 that the Basic profile follows. The API names 2018e.
        mark_deidentified: whether PatientIdentityRemoved and DeidentificationMethod are written, and
            BurnedInAnnotation after redaction.
        date_shift_zero: whether 0 days is a possible shift of dates.
        ocr_thorough: whether small and faint text is looked for, at twice the time.
        finders: names of further finders of sensitive text, `module:function` (`text.plugins`).
        lossy_output: one of `LOSSY_OUTPUTS`.
        max_redaction_bytes: files larger than this fail when pixels are to be redacted (quotas page: 1 GB).
        max_uncompressed_bytes: compressed pixel data whose frames would take more fails then (quotas page: 2 GB).
    """

    edition: str = "2018e"
    mark_deidentified: bool = False
    date_shift_zero: bool = False
    ocr_thorough: bool = False
    finders: tuple[str, ...] = ()
    lossy_output: str = "explicit"
    max_redaction_bytes: int = _GIB
    max_uncompressed_bytes: int = 2 * _GIB

    def __post_init__(self) -> None:
        """Refuse values that there are not.

        Raises:
            ValueError: `edition` or `lossy_output` is none of those that exist.
        """
        if self.edition not in EDITIONS:
            raise ValueError(f"edition must be one of {', '.join(EDITIONS)}")
        if self.lossy_output not in LOSSY_OUTPUTS:
            raise ValueError(f"lossy_output must be one of {', '.join(LOSSY_OUTPUTS)}")
