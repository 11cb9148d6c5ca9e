"""What can be done to a piece of text that was found: the five transformations of the API.

Each is a value with `apply(text, info_type, instance, vr)`, which gives what is written instead of `text`, and
`describe()`, which says in plain words what it does. Keys show in neither, nor in a repr.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from typing import TYPE_CHECKING, Final, Protocol

from emulator.deidentify.text.date_shift import MAX_DAYS, days_of, shift_da, shift_dt
from emulator.deidentify.text.date_text import shift_text
from emulator.deidentify.text.keys import Key

if TYPE_CHECKING:
    from emulator.deidentify.instance import Instance

DATES: Final = frozenset({"DATE", "DATE_OF_BIRTH"})
"""Info types that dateShift is for."""


class Transformation(Protocol):
    """One of those below."""

    def apply(self, text: str, info_type: str, instance: Instance, vr: str = "") -> str:
        """What is written instead of `text`.

        Args:
            text: what was found, of the info type and nothing else.
            info_type: for example PERSON_NAME.
            instance: where it was found.
            vr: DA or DT when `text` is a whole value of that VR.
        """

    def describe(self) -> str:
        """What happens to the text, for example "erased"."""


def named(info_type: str) -> str:
    """The name of an info type as it stands in the place of text.

    >>> named("PERSON_NAME")
    '[PERSON_NAME]'
    """
    return f"[{info_type}]"


@dataclasses.dataclass(frozen=True)
class Redact:
    """Erases: "My name is Jane." becomes "My name is ." (Discovery, RedactConfig)."""

    def apply(self, text: str, info_type: str, instance: Instance, vr: str = "") -> str:  # noqa: ARG002
        """Nothing."""
        return ""

    def describe(self) -> str:
        """In words."""
        return "erased"


@dataclasses.dataclass(frozen=True)
class CharacterMask:
    """Writes one character for each that there was, blanks included (Discovery, CharacterMaskConfig)."""

    character: str = "*"

    def apply(self, text: str, info_type: str, instance: Instance, vr: str = "") -> str:  # noqa: ARG002
        """As many masking characters."""
        return self.character * len(text)

    def describe(self) -> str:
        """In words."""
        return f'each character replaced with "{self.character}"'


@dataclasses.dataclass(frozen=True)
class CryptoHash:
    """Writes 44 characters: base64 of the HMAC-SHA-256 of the text in UTF-8.

    The API says SHA-256 with a key and base64 (Discovery, CryptoHashConfig), and not how the key goes in.
    """

    key: Key

    def apply(self, text: str, info_type: str, instance: Instance, vr: str = "") -> str:  # noqa: ARG002
        """The same for the same text, whatever it was found as."""
        return base64.b64encode(
            hmac.digest(self.key.material, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
        ).decode("ascii")

    def describe(self) -> str:
        """In words."""
        return f"replaced with a hash, computed with {self.key.describe()}"


@dataclasses.dataclass(frozen=True)
class ReplaceWithInfoType:
    """Writes the name of the info type: "My name is [PERSON_NAME]." (Discovery, ReplaceWithInfoTypeConfig)."""

    def apply(self, text: str, info_type: str, instance: Instance, vr: str = "") -> str:  # noqa: ARG002
        """The name in brackets."""
        return named(info_type)

    def describe(self) -> str:
        """In words."""
        return "replaced with the name of the info type in brackets"


@dataclasses.dataclass(frozen=True)
class DateShift:
    """Moves dates by days that are the same for a patient and a key (`date_shift.days_of`).

    Intervals within a patient stay, whatever form the dates are in. What has no day, month or year, or is no date of
    the calendar, becomes [DATE]: moving it would either not hide it or not be the same shift.
    """

    key: Key
    zero: bool = False

    def apply(self, text: str, info_type: str, instance: Instance, vr: str = "") -> str:
        """The date in the form it had."""
        days = days_of(self.key.material, instance.patient_id.strip(), instance.study_instance_uid, zero=self.zero)
        shift = {"DA": shift_da, "DT": shift_dt}.get(vr, shift_text)
        shifted = shift(text, days)
        return named(info_type) if shifted is None else shifted

    def describe(self) -> str:
        """In words."""
        return (
            f"moved by up to {MAX_DAYS} days, all dates of a patient by the same, computed with {self.key.describe()}"
        )
