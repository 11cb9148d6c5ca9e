"""Canaries: values that are legal for their VR and that occur nowhere else, so that a search finds every leak.

Most carry their VR and a number (`CANARY-LO-0001`). VRs whose syntax leaves no room for words get a value nobody
would write by chance: a time with six odd decimals, a weight with seven.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Final

PREAMBLE: Final = "PREAMBLE"
"""Stands for the 128 bytes before `DICM`: PS3.15 E.1.1 wants them replaced, as they may hold identities."""


class Mint:
    """Makes canaries and remembers them. The n-th value of a kind is always the same one."""

    def __init__(self) -> None:
        self._made: Counter[str] = Counter()
        self._dates: set[date] = set()
        self._text: set[str] = set()
        self._uids: set[str] = set()

    @property
    def text(self) -> frozenset[str]:
        """What has been made so far, UIDs excepted. Each is greppable: 10 characters or more, dates 8."""
        return frozenset(self._text)

    @property
    def uids(self) -> frozenset[str]:
        """UIDs that were registered as identifying."""
        return frozenset(self._uids)

    def word(self, vr: str) -> str:
        """`CANARY-LO-0001` for a VR of words, `CANARY_CS_0001` for CS (which has no hyphen)."""
        number = self._next(vr)
        return self._keep(f"CANARY_{vr}_{number:04d}" if vr == "CS" else f"CANARY-{vr}-{number:04d}")

    def name(self, given: str, ideographic: str = "", phonetic: str = "") -> str:
        """A person name (PN) whose family name is the canary; other scripts follow as PS3.5 section 6.2.1 says.

        >>> Mint().name("Tarou", "山田^太郎")
        'CANARY-PN-0001^Tarou=山田^太郎'
        """
        groups = [f"{self.word('PN')}^{given}", ideographic, phonetic]
        for group in groups[1:]:
            self._text.update(part for part in group.split("^") if part)
        return "=".join(groups).rstrip("=")

    def day(self, year: int) -> str:
        """A day (DA) of that year, or of one soon after, that no other canary has."""
        number = self._next("DA")
        day = date(year, 1, 1) + timedelta(days=number * 37 % 365)
        while day in self._dates:
            day += timedelta(days=1)
        self._dates.add(day)
        return self._keep(day.strftime("%Y%m%d"))

    def time(self, second_of_day: int) -> str:
        """A time of day (TM) at that second, with decimals that no other canary has."""
        return self._keep(self._clock(second_of_day, self._next("TM")))

    def moment(self, day: str, second_of_day: int) -> str:
        """A date and time (DT) of that `day` (DA)."""
        return self._keep(f"{day}{self._clock(second_of_day, self._next('DT'))}+0000")

    def decimal(self, whole: int) -> str:
        """A number (DS) between `whole` and `whole` + 1."""
        return self._keep(f"{whole}.{7_000_000 + self._next('DS') * 131}")

    def integer(self) -> str:
        """A number (IS) of ten digits, below 2**31."""
        return self._keep(str(1_931_000_000 + self._next("IS") * 7919))

    def url(self) -> str:
        """An address (UR) in the domain that never resolves (RFC 2606)."""
        return f"https://host.invalid/{self.word('UR')}"

    def uid(self, uid: str) -> str:
        """Registers a UID (UI) that identifies: of a study, an instance, a device; returns it."""
        self._uids.add(uid)
        return uid

    @staticmethod
    def _clock(second_of_day: int, number: int) -> str:
        minutes, seconds = divmod(second_of_day % 86_400, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours:02d}{minutes:02d}{seconds:02d}.{number * 7_919 % 1_000_000:06d}"

    def _next(self, kind: str) -> int:
        self._made[kind] += 1
        return self._made[kind]

    def _keep(self, value: str) -> str:
        self._text.add(value)
        return value


_ESCAPED: Final = {"iso2022_jp": (b"", b"\x1b(B"), "euc_kr": (b"\x1b$)C", b"")}
_SHORTEST_PATTERN: Final = 6


def byte_patterns(canary: str) -> frozenset[bytes]:
    """The canary as bytes in each encoding that the samples use; empty when too short to be told from noise.

    The escape sequences of ISO 2022 are part of a pattern, else four bytes of pixel data could match a name.
    """
    if canary.isascii():
        return frozenset({canary.encode("ascii")})
    patterns = {canary.encode("utf-8")}
    for codec, (before, after) in _ESCAPED.items():
        try:
            patterns.add(before + canary.encode(codec).removesuffix(after))
        except UnicodeEncodeError:
            continue
    return frozenset(pattern for pattern in patterns if len(pattern) >= _SHORTEST_PATTERN)
