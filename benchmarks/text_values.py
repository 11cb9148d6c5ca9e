"""Values that identify somebody, invented: names, dates and addresses, and numbers that check.

Each function takes a source of chance and answers one value; the same source gives the same values.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from typing import Final

Make = Callable[[random.Random], str]

_FAMILIES_TEXT: Final = """
    Brandvold Okonkwo Takahashi Lindqvist Marchetti Delacroix Whitcombe Villanueva Abernathy Kowalczyk Petrossian
    Rasmussen Fitzwilliam Mukherjee Oyelaran Castellanos Schuhmacher Vanterpool O'Brien Smith-Jones McAllister Müller
    Nguyen Johnson Garcia Baker Wall Stone Brown Head Young Foley Parkinson Hodgkin
"""
FAMILIES: Final = _FAMILIES_TEXT.split()
_GIVEN_TEXT: Final = """
    Ingrid Haruko Beatrice Rosalind Esperanza Wilhelmina John Mary Robert Linda José Anne-Marie Chinedu Magnus Florian
    Cornelius Leopold Thaddeus Wei Fatima Oluwaseun Priya Björn Zoë
"""
GIVEN: Final = _GIVEN_TEXT.split()
_STREETS: Final = [
    "Larkspur Lane",
    "Hollyhock Drive",
    "Juniper Street",
    "N Foxglove Ave",
    "Wisteria Court",
    "Oak Hill Rd",
]
_TOWNS: Final = ["Millbrook, NY 12545", "Ashland, OR 97520", "Saint Paul, MN 55101-2204", "New Haven, CT 06510"]
_HOSPITALS: Final = [
    *("Larchmere General Hospital", "St. Odilia Medical Center", "University of Northfield Hospital"),
    *("Gallenkamp Clinic", "Klinikum Talheim", "Hôpital Saint-Roch", "Northfield Children's Hospital"),
]
_MONTHS_TEXT: Final = """
    January February March April May June July August September October November December
    Januar Februar März April Mai Juni Juli August September Oktober November Dezember
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
"""
_MONTHS, _GERMAN_MONTHS, _FRENCH_MONTHS, _SPANISH_MONTHS = (line.split() for line in _MONTHS_TEXT.strip().splitlines())


def some_digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def a_day(rng: random.Random) -> datetime.date:
    return datetime.date(1932, 1, 1) + datetime.timedelta(days=rng.randrange(34000))


def full_date(rng: random.Random) -> str:
    day = a_day(rng)
    short, name = _MONTHS[day.month - 1][:3], _MONTHS[day.month - 1]
    ordinal = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day.day, "th")
    return rng.choice(
        [
            day.isoformat(),
            f"{day:%Y%m%d}",
            f"{day:%Y/%m/%d}",
            f"{day:%Y.%m.%d}",
            f"{day:%m/%d/%Y}",
            f"{day.month}/{day.day}/{day.year}",
            f"{day:%m/%d/%y}",
            f"{day:%m-%d-%Y}",
            f"{day:%d.%m.%Y}",
            f"{day.day}.{day.month}.{day.year}",
            f"{day:%d.%m.%y}",
            f"{day:%d-%m-%Y}",
            f"{name} {day.day}, {day.year}",
            f"{short} {day.day}, {day.year}",
            f"{short}. {day.day} {day.year}",
            f"{day.day} {name} {day.year}",
            f"{day.day}{ordinal} of {name} {day.year}",
            f"{name} {day.day}{ordinal}, {day.year}",
            f"{day.day}-{short.upper()}-{day.year}",
            f"{day:%d}{short.upper()}{day.year}",
            f"{day:%d}-{short}-{day:%y}",
            f"{day.day}. {_GERMAN_MONTHS[day.month - 1]} {day.year}",
            f"{day.day} {_FRENCH_MONTHS[day.month - 1]} {day.year}",
            f"{day.day} de {_SPANISH_MONTHS[day.month - 1]} de {day.year}",
            f"{day.year}年{day.month}月{day.day}日",
            f"{day:%Y-%m-%d}T{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}Z",
            f"{day:%Y%m%d}{rng.randrange(24):02}{rng.randrange(60):02}30.{some_digits(rng, 6)}+0100",
            f"{day:%A}, {name} {day.day}, {day.year}",
        ]
    )


def part_date(rng: random.Random) -> str:
    day = a_day(rng)
    name = _MONTHS[day.month - 1]
    return rng.choice(
        [
            f"{name} {day.year}",
            f"{name[:3]} {day.year}",
            f"{day.month:02}/{day.year}",
            f"{name} {day.day}",
            f"{day.day}-{name[:3].upper()}",
            f"{name[:3]}-{day.day:02}",
            f"{day.year}-{day.month:02}",
            f"{day.day} {name}",
        ]
    )


def us_phone(rng: random.Random) -> str:
    area, office, line = f"{rng.randrange(201, 990)}", f"{rng.randrange(200, 999)}", some_digits(rng, 4)
    extension = rng.choice(["", "", "", " x123", " ext. 45"])
    form = rng.choice(["({}) {}-{}", "({}){}-{}", "{}-{}-{}", "{}.{}.{}", "+1 {} {} {}", "1-{}-{}-{}", "+1 ({}) {}-{}"])
    return form.format(area, office, line) + extension


def foreign_phone(rng: random.Random) -> str:
    return rng.choice(
        [
            f"+49 6221 {some_digits(rng, 6)}",
            f"+49 (0)89 4400-{some_digits(rng, 4)}",
            f"0049 30 {some_digits(rng, 8)}",
            f"+44 20 7{some_digits(rng, 3)} {some_digits(rng, 4)}",
            f"+33 1 42 {some_digits(rng, 2)} {some_digits(rng, 2)} {some_digits(rng, 2)}",
            f"+81-3-5{some_digits(rng, 3)}-{some_digits(rng, 4)}",
            f"+34 91 {some_digits(rng, 3)} {some_digits(rng, 2)} {some_digits(rng, 2)}",
            f"+91 98{some_digits(rng, 3)} {some_digits(rng, 5)}",
        ]
    )


def local_phone(rng: random.Random) -> str:
    first, second = some_digits(rng, 3), some_digits(rng, 6)
    return rng.choice([f"{first}-{second[:4]}", f"0{first}/{second}", f"5{first}{second}"])


def ssn(rng: random.Random) -> str:
    area = rng.choice([number for number in range(1, 900) if number != 666])
    return f"{area:03}{{0}}{rng.randrange(1, 100):02}{{0}}{rng.randrange(1, 10000):04}".format(rng.choice("-- ."))


def record(rng: random.Random) -> str:
    return rng.choice(
        [
            some_digits(rng, rng.randrange(5, 10)),
            f"{rng.choice('ABHMX')}{some_digits(rng, 7)}",
            f"{some_digits(rng, 3)}-{some_digits(rng, 2)}-{some_digits(rng, 3)}",
            f"{rng.choice(['UNC', 'KH', 'PAT'])}-{some_digits(rng, 6)}",
            f"{some_digits(rng, 4)}/{some_digits(rng, 5)}",
        ]
    )


def luhn(digits: str) -> str:
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def card(rng: random.Random) -> str:
    number = luhn(rng.choice(["4", "51", "55", "2221"]).ljust(6, "3") + some_digits(rng, 9))
    return rng.choice(["{}{}{}{}", "{} {} {} {}", "{}-{}-{}-{}"]).format(*(number[i : i + 4] for i in range(0, 16, 4)))


def iban(rng: random.Random) -> str:
    account = some_digits(rng, 18)
    check = 98 - int(account + "131400") % 97
    number = f"DE{check:02}{account}"
    return number if rng.random() < 0.5 else " ".join(number[i : i + 4] for i in range(0, 22, 4))


def vin(rng: random.Random) -> str:
    letters = "ABCDEFGH..JKLMN.P.R..STUVWXYZ"
    values = {char: (index % 10) + (1 if index < 20 else 0) for index, char in enumerate(letters) if char != "."}
    values |= dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True))
    weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
    body = [rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(17)]
    rest = (
        sum(
            weight * (int(char) if char.isdigit() else values[char]) for weight, char in zip(weights, body, strict=True)
        )
        % 11
    )
    body[8] = "X" if rest == 10 else str(rest)
    return "".join(body)


def nhs(rng: random.Random) -> str:
    while True:
        digits = rng.choice("4567") + some_digits(rng, 8)
        check = 11 - sum(int(char) * weight for char, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            number = digits + str(check % 11)
            return f"{number[:3]} {number[3:6]} {number[6:]}"


def dea(rng: random.Random) -> str:
    digits = [int(char) for char in some_digits(rng, 6)]
    check = (digits[0] + digits[2] + digits[4] + 2 * (digits[1] + digits[3] + digits[5])) % 10
    return f"{rng.choice('ABFM')}{rng.choice('DSWK')}{''.join(map(str, digits))}{check}"


def npi(rng: random.Random) -> str:
    return luhn("80840" + "1" + some_digits(rng, 8))[5:]


def email(rng: random.Random) -> str:
    user = rng.choice(["j.doe", "mary_ann", "rad-desk+ct", "x99"])
    return f"{user}@{rng.choice(['northfield.example.org', 'mail.example.com', 'klinik-talheim.de'])}"


def ip(rng: random.Random) -> str:
    if rng.random() < 0.2:
        return rng.choice(["2001:db8::8a2e:370:7334", "fe80::1ff:fe23:4567:890a"])
    return ".".join(str(rng.randrange(1, 255)) for _ in range(4))


def mac(rng: random.Random) -> str:
    pairs = [f"{rng.randrange(256):02X}" for _ in range(6)]
    return rng.choice([":".join(pairs), "-".join(pairs), ":".join(pairs).lower()])


def age(rng: random.Random) -> str:
    years = rng.randrange(20, 99)
    return rng.choice(
        [
            *(
                f"{years} y/o",
                f"{years} yo",
                f"{years}yo",
                f"{years} years old",
                f"{years}-year-old",
                f"{years} year old",
            ),
            *(f"0{years}Y", f"{years} yrs old", f"{years}-jährige", f"{years} Jahre alt", f"{years} ans"),
        ]
    )


def street(rng: random.Random) -> str:
    return f"{rng.randrange(1, 9999)} {rng.choice(_STREETS)}"


def address(rng: random.Random) -> str:
    return rng.choice(
        [
            f"{street(rng)}, {rng.choice(_TOWNS)}",
            street(rng),
            f"{street(rng)}, Apt {rng.randrange(1, 30)}B, {rng.choice(_TOWNS)}",
            rng.choice(_TOWNS),
            f"P.O. Box {some_digits(rng, 4)}",
            f"Gartenstraße {rng.randrange(1, 99)}, 6{some_digits(rng, 4)} Talheim",
            f"{rng.randrange(1, 99)} rue des Lilas, 7{some_digits(rng, 4)} Paris",
            f"Am Alten Markt {rng.randrange(1, 99)}, 5{some_digits(rng, 4)} Neustadt",
            f"{rng.randrange(1, 99)} High Street, Oxford OX1 {rng.randrange(1, 9)}DP",
            f"Calle Mayor {rng.randrange(1, 99)}, 28013 Madrid",
        ]
    )


def a_family(rng: random.Random) -> str:
    return rng.choice(FAMILIES)


def a_given(rng: random.Random) -> str:
    return rng.choice(GIVEN)


def told_name(rng: random.Random) -> str:
    """A name as people write it in a sentence."""
    family, given = a_family(rng), a_given(rng)
    middle = rng.choice("ABCDEFGHJKLMNPRSTW")
    return rng.choice(
        [
            f"{given} {family}",
            f"{given} {middle}. {family}",
            f"{given[0]}. {family}",
            f"{family}",
            f"{given.upper()} {family.upper()}",
            f"{family}, {given}",
        ]
    )


def staff_name(rng: random.Random) -> str:
    family, given = a_family(rng), a_given(rng)
    return rng.choice(
        [
            family,
            f"{given} {family}",
            f"{given[0]}. {family}",
            family.upper(),
            f"{given[0]}.{given[-1].upper()}. {family}",
        ]
    )


def full_name(rng: random.Random) -> str:
    return f"{a_given(rng)} {a_family(rng)}"


def caret_name(rng: random.Random) -> str:
    family, given = a_family(rng), a_given(rng)
    return rng.choice(
        [
            f"{family}^{given}",
            f"{family.upper()}^{given.upper()}",
            f"{family}^{given}^{rng.choice('ABC')}",
            f"{family}^{given}^^Dr.",
        ]
    )


def comma_name(rng: random.Random) -> str:
    family, given = a_family(rng), a_given(rng)
    return rng.choice(
        [f"{family}, {given}", f"{family.upper()}, {given.upper()}", f"{family}, {given} {rng.choice('ABC')}."]
    )


def organization(rng: random.Random) -> str:
    return rng.choice(_HOSPITALS)


def fixed(*values: str) -> Make:
    return lambda rng: rng.choice(values)
