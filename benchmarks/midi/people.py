"""Invented patients and the staff around them. Names, numbers and addresses belong to nobody."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Final, NamedTuple

_NAMES: Final = (
    "Brandvold Okonkwo Takahashi Lindqvist Marchetti Delacroix Whitcombe Villanueva Abernathy Kowalczyk Petrossian "
    "Rasmussen Fitzwilliam Hadjipetrou Mukherjee Oyelaran Castellanos Schuhmacher Vanterpool Zubizarreta"
)
_FAMILIES: Final = _NAMES.split()
_FEMALE: Final = ["Ingrid", "Haruko", "Beatrice", "Rosalind", "Esperanza", "Wilhelmina", "Philippa", "Anneliese"]
_MALE: Final = ["Chinedu", "Magnus", "Florian", "Torvald", "Cornelius", "Bartholomew", "Leopold", "Thaddeus"]
_STAFF: Final = ["Quillfeather", "Montgomery", "Szczepanski", "Ouwerkerk", "Papadakis", "Llewellyn", "Dubrovsky"]
_LANES: Final = ["Larkspur", "Hollyhock", "Juniper", "Foxglove", "Wisteria"]
_TOWNS: Final = [("Millbrook", "NY", "12545"), ("Ashland", "OR", "97520"), ("Decorah", "IA", "52101")]
_HOSPITALS: Final = ["Gallenkamp", "Larchmere", "Sankt Odilia"]


class Person(NamedTuple):
    """A patient, and who looks after them. `street` and `hospital` are the telling words of these names."""

    number: int
    family: str
    given: str
    sex: str
    birth: date
    mrn: str
    account: str
    ssn: str
    phone: str
    email: str
    street: str
    town: str
    state: str
    postcode: str
    relative: str
    referrer: str
    radiologist: str
    technologist: str
    hospital: str

    @property
    def dicom_name(self) -> str:
        """As PN: `Delacroix^Beatrice`."""
        return f"{self.family}^{self.given}"


def make_person(seed: int, number: int) -> Person:
    """The `number`-th patient of a set: always the same one for a seed."""
    rng = random.Random(f"{seed}/{number}")
    sex = "FM"[number % 2]
    family = _FAMILIES[number % len(_FAMILIES)]
    repeats = number // len(_FAMILIES)
    given = (_FEMALE if sex == "F" else _MALE)[(number // 2 + repeats) % 8]
    town, state, postcode = rng.choice(_TOWNS)
    staff = rng.sample(_STAFF, 3)
    exchange = f"{rng.choice(('212', '415', '617', '312'))}-555-01{rng.randrange(100):02d}"
    return Person(
        number=number,
        family=family,
        given=given,
        sex=sex,
        birth=date(1935, 1, 1) + timedelta(days=rng.randrange(23_000)),
        mrn=f"{70_000_000 + number * 7_919 + rng.randrange(7_000)}",
        account=f"A{rng.randrange(10**6, 10**7)}",
        ssn=f"{rng.randrange(400, 600)}-{rng.randrange(11, 99)}-{rng.randrange(1000, 9999)}",
        phone=f"({exchange[:3]}) {exchange[4:]}",
        email=f"{given}.{family}@example.com".lower(),
        street=f"{rng.randrange(100, 9999)} {rng.choice(_LANES)}",
        town=town,
        state=state,
        postcode=postcode,
        relative=rng.choice([name for name in _FEMALE + _MALE if name != given]),
        referrer=staff[0],
        radiologist=staff[1],
        technologist=staff[2],
        hospital=rng.choice(_HOSPITALS),
    )
