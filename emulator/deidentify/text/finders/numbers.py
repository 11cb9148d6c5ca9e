"""Numbers with a form or a check digit of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from emulator.deidentify.text.finders.pattern import Match, Pattern, Patterns, Text

_KINDS: Final = """
    CREDIT_CARD_NUMBER IBAN_CODE IMEI_HARDWARE_ID SWIFT_CODE UK_NATIONAL_HEALTH_SERVICE_NUMBER US_DEA_NUMBER
    US_HEALTHCARE_NPI US_INDIVIDUAL_TAXPAYER_IDENTIFICATION_NUMBER US_SOCIAL_SECURITY_NUMBER
    US_VEHICLE_IDENTIFICATION_NUMBER
"""
INFO_TYPES: Final = frozenset(_KINDS.split())

_VIN_VALUES: Final = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _digits(match: re.Match[str]) -> str:
    group = "value" if "value" in match.re.groupindex else 0
    return re.sub(r"\D", "", match[group])


def _card(match: re.Match[str]) -> bool:
    digits = _digits(match)
    american_express = digits[:2] in {"34", "37"}
    plausible = digits[0] in "23456" and american_express == (len(digits) == 15) and len(set(digits)) > 1
    return 13 <= len(digits) <= 19 and plausible and luhn(digits)


def _imei(match: re.Match[str]) -> bool:
    return luhn(_digits(match))


def _npi(match: re.Match[str]) -> bool:
    """National Provider Identifier: Luhn with the prefix 80840."""
    return luhn("80840" + _digits(match))


def _dea(match: re.Match[str]) -> bool:
    digits = [int(digit) for digit in _digits(match)[-7:]]
    return (sum(digits[0:5:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def _nhs(match: re.Match[str]) -> bool:
    """Ten digits, the last by modulus 11."""
    digits = [int(digit) for digit in _digits(match)]
    check = 11 - sum((10 - index) * digit for index, digit in enumerate(digits[:9])) % 11
    return digits[9] == check % 11 and check != 10


def _iban(match: re.Match[str]) -> bool:
    """ISO 13616: modulus 97 of the number with its first four characters last."""
    plain = match[0].replace(" ", "")
    number = "".join(str(int(char, 36)) for char in plain[4:] + plain[:4])
    return 15 <= len(plain) <= 34 and int(number) % 97 == 1


def _vin(match: re.Match[str]) -> bool:
    """49 CFR 565.15(c): the ninth character is the check digit."""
    text = match[0]
    values = (int(char) if char.isdigit() else int(_VIN_VALUES[char]) for char in text)
    rest = sum(value * weight for value, weight in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    return text[8] == ("X" if rest == 10 else str(rest)) and not text.isdigit()


_PATTERNS: Final = Patterns(
    Pattern(
        "US_SOCIAL_SECURITY_NUMBER",
        re.compile(r"(?<![\d.-])(?!000|666|9)\d{3}(?P<s>[-. ])(?!00)\d{2}(?P=s)(?!0000)\d{4}(?![\d-]|\.\d)"),
        digits=9,
    ),
    Pattern(
        "US_SOCIAL_SECURITY_NUMBER",
        re.compile(
            r"\b(?:ssn|ss ?(?:#|no\.?|number)|soc(?:ial)?\.? sec(?:urity)?\.?(?: (?:number|no\.?|#))?)[\s:#=.]{0,4}"
            r"(?P<value>\d{3}[-. ]?\d{2}[-. ]?\d{4})(?!\d)",
            re.IGNORECASE,
        ),
        digits=9,
        words=("ss", "soc"),
    ),
    Pattern(
        "US_INDIVIDUAL_TAXPAYER_IDENTIFICATION_NUMBER",
        re.compile(r"(?<![\d.-])9\d{2}[- ](?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])[- ]\d{4}(?![\d-])"),
        digits=9,
    ),
    Pattern("CREDIT_CARD_NUMBER", re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d]|\.\d|-\d)"), _card, digits=13),
    Pattern("IBAN_CODE", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), _iban, digits=9),
    Pattern(
        "SWIFT_CODE",
        re.compile(
            r"\b(?:swift|bic)(?:[ /-]?(?:code|bic))?[\s:#=]{0,3}"
            r"(?P<value>(?-i:[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?))\b",
            re.IGNORECASE,
        ),
        words=("swift", "bic"),
    ),
    Pattern("US_VEHICLE_IDENTIFICATION_NUMBER", re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b"), _vin, digits=1),
    Pattern(
        "US_HEALTHCARE_NPI",
        re.compile(
            r"\bnpi[\s:#=.]{0,4}(?:no\.?|number)?[\s:#=]{0,3}(?P<value>[12]\d{9})(?!\d)",
            re.IGNORECASE,
        ),
        _npi,
        digits=10,
        words=("npi",),
    ),
    Pattern("US_DEA_NUMBER", re.compile(r"\b[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}\b"), _dea, digits=7),
    Pattern(
        "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
        re.compile(r"(?<![\d.-])\d{3}[ -]\d{3}[ -]\d{4}(?![\d-])"),
        _nhs,
        digits=10,
    ),
    Pattern(
        "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
        re.compile(
            r"\bnhs[\s:#=.]{0,3}(?:no\.?|number)?[\s:#=]{0,3}(?P<value>\d{3}[ -]?\d{3}[ -]?\d{4})(?!\d)",
            re.IGNORECASE,
        ),
        _nhs,
        digits=10,
        words=("nhs",),
    ),
    Pattern(
        "IMEI_HARDWARE_ID",
        re.compile(r"\bimei[\s:#=.]{0,4}(?P<value>\d{15})(?!\d)", re.IGNORECASE),
        _imei,
        digits=15,
        words=("imei",),
    ),
)


def matches(text: Text, info_types: frozenset[str]) -> Iterator[Match]:
    """The numbers of these info types."""
    return _PATTERNS.matches(text, info_types)
