"""LOCATION, STREET_ADDRESS and ORGANIZATION_NAME, as far as their form tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from emulator.deidentify.text.finders.ordinary_words import ORDINARY_WORDS
from emulator.deidentify.text.finders.pattern import Match, Pattern, Patterns, Text

INFO_TYPES: Final = frozenset({"LOCATION", "ORGANIZATION_NAME", "STREET_ADDRESS"})

_CAPITAL: Final = r"(?:[A-ZÀ-ÖØ-Þ][\w'’.-]{0,30})"
_STREET: Final = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Highway|Hwy"
    r"|Parkway|Pkwy|Terrace|Circle|Cir|Crescent|Close|Trail|Alley|STREET|AVENUE|AVE|ROAD|BLVD|LANE|DRIVE)"
)
_STATES: Final = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY DC"
)
_STATE: Final = f"(?:{'|'.join(_STATES.split())})"
_CITY: Final = rf"{_CAPITAL}(?: {_CAPITAL}){{0,2}}"
_CITY_WORD: Final = r"(?![A-Z]{1,2}\d)[A-ZÀ-ÖØ-Þ][\w'’.-]{0,30}"
_CITY_WORDS: Final = rf"{_CITY_WORD}(?: {_CITY_WORD}){{0,2}}"
_UK_POSTCODE: Final = r"[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?!\w)"
_ZIP: Final = r"\d{5}(?:-\d{4})?"

_UNIT: Final = r"(?:,? (?:Apt|Suite|Ste|Unit|Floor|Fl|#)\.? ?\w{1,6})?"
_GERMAN: Final = r"(?:[Ss]tra(?:ß|ss)e|[Ss]tr\.|weg|[Pp]latz|[Aa]llee|gasse|ring|damm|ufer)"
_ROMANCE: Final = r"(?:rue|avenue|boulevard|place|chemin|allée|impasse|quai|calle|via|viale|piazza)"
_OF: Final = r"(?:(?:de|du|des|la|le|les|los|las|l'|d'|del|della|di|da|do)\s?){0,3}"
_CAPITALS: Final = rf"{_CAPITAL}(?: {_CAPITAL}){{0,3}}"
_LABEL: Final = (
    r"(?i:address|addr|adresse|lives (?:at|in)|resid(?:es|ent) (?:at|of|in)|wohnhaft in|hometown|city|zip(?: code)?)"
)


def _begins_with_capital(match: re.Match[str]) -> bool:
    return match[0][0].isupper()


_ORGANIZED_TEXT: Final = "hospital clinic infirmary center centre group hospice system services associates of and"
_ORGANIZED: Final = frozenset(_ORGANIZED_TEXT.split())


def _is_proper(match: re.Match[str]) -> bool:
    """Whether one of its words is its own: a pain clinic is any."""
    words = re.findall(r"[^\W\d_]{2,}", match[0].casefold())
    return match[0][0].isupper() and any(word not in ORDINARY_WORDS and word not in _ORGANIZED for word in words)


_POSTCODE: Final = r"(?:[A-Z]{1,2}-)?\d{4,5}"

_ADDRESSES: Final = Patterns(
    Pattern(
        "LOCATION",
        re.compile(
            rf"(?<![\w.])\d{{1,5}}[A-Za-z]?,? (?:[NSEW]\.? )?"
            rf"(?:{_CAPITAL} |\d{{1,3}}(?:st|nd|rd|th) ){{1,4}}{_STREET}\b\.?"
            rf"{_UNIT}(?:,\s?{_CITY_WORDS})?(?:,? {_STATE})?(?: {_ZIP}|,? {_UK_POSTCODE})?"
        ),
        digits=1,
    ),
    Pattern("LOCATION", re.compile(rf"(?<!\w){_CITY}, {_STATE},? {_ZIP}(?!\d)"), digits=5, words=(", ",)),
    Pattern("LOCATION", re.compile(r"(?<!\w)P\.? ?O\.? ?Box \d{1,7}", re.IGNORECASE), digits=1, words=("box",)),
    Pattern(
        "LOCATION",
        re.compile(
            rf"(?<!\w)(?:[A-ZÄÖÜ][\wäöüß-]{{1,30}}[ -]?)?{_GERMAN}"
            rf" ?\d{{1,4}} ?[a-z]?(?!\w)(?:,? (?:[A-Z]{{1,2}}-)?\d{{4,5}} {_CITY})?"
        ),
        _begins_with_capital,
        digits=1,
        words=("str", "weg", "platz", "allee", "gasse", "ring", "damm", "ufer"),
    ),
    Pattern(
        "LOCATION",
        re.compile(
            rf"(?<![\w.])\d{{1,4}}(?: ?(?:bis|ter))?,? {_ROMANCE} {_OF}{_CAPITALS}(?:,? \d{{5}} {_CITY})?",
        ),
        digits=1,
        words=("rue", "avenue", "boulevard", "place", "chemin", "all", "impasse", "quai", "calle", "via", "piazza"),
    ),
    Pattern(
        "LOCATION",
        re.compile(
            rf"(?<!\w)(?:Calle|Avenida|Via|Viale|Piazza|Rua) {_OF}{_CAPITALS},? (?:n[°º.]\s?)?\d{{1,4}}(?!\w)"
            rf"(?:,? {_POSTCODE} {_CITY})?"
        ),
        digits=1,
        words=("calle", "avenida", "via", "piazza", "rua"),
    ),
    Pattern(
        "LOCATION",
        re.compile(
            rf"(?<!\w)(?:(?:Am|An|Auf|Im|In|Zum|Zur|Unter) (?:de[rmn] )?)?{_CAPITALS} \d{{1,4}}[a-z]?,"
            rf" {_POSTCODE} {_CITY}"
        ),
        digits=5,
        words=(", ",),
    ),
    Pattern(
        "LOCATION",
        re.compile(rf"(?<!\w){_CAPITALS},? {_UK_POSTCODE}"),
        _is_proper,
        digits=2,
    ),
    Pattern(
        "LOCATION",
        re.compile(rf"\b{_LABEL}[\s:=]{{1,3}}(?P<value>{_CITY}(?:, {_CITY})?(?:,? {_ZIP})?|{_ZIP})(?!\w)"),
        words=("addr", "lives", "resid", "wohnhaft", "hometown", "city", "zip"),
    ),
)

_HOSPITAL: Final = (
    *(
        "Hospital",
        "Clinic",
        "Infirmary",
        "Medical (?:Center|Centre|Group)",
        "Hospice",
        "Klinikum",
        "Klinik",
        "Krankenhaus",
    ),
    *(
        "Health(?:care)? (?:System|Center|Centre|Services)",
        "Imaging (?:Center|Centre)",
        "Radiology (?:Associates|Group)",
    ),
    *("HOSPITAL", "CLINIC", "MEDICAL CENTER", "KLINIKUM"),
)
_HOSPITAL_FIRST: Final = (
    *("Universitäts(?:klinikum|klinik|spital)", "Klinikum", "Krankenhaus", "Hôpital", "Hopital", "CHU", "Clinique"),
    *("Hospital", "Ospedale", "Policlinico", "Ziekenhuis"),
)
_OF_HOSPITAL: Final = (
    r"(?:(?:de|del|du|la|le|des|di|della|der|am|Sankt|St\.?|San|Santa|General|Universitario|Universitaire|Clínico)"
    r"\s?){0,3}"
)
_CARE: Final = ("hospi", "clini", "infirm", "medical", "health", "imaging", "radiology", "klini", "krankenhaus")

_ORGANIZATIONS: Final = Patterns(
    Pattern(
        "ORGANIZATION_NAME",
        re.compile(
            rf"(?<!\w)(?:(?:{_CAPITAL}|of|and|&|the) ){{1,6}}(?:{'|'.join(_HOSPITAL)})\b(?: (?:of|at|in) {_CITY})?"
        ),
        _is_proper,
        words=_CARE,
    ),
    Pattern(
        "ORGANIZATION_NAME",
        re.compile(rf"(?<!\w)(?:{'|'.join(_HOSPITAL_FIRST)}) {_OF_HOSPITAL}{_CAPITAL}(?: {_CAPITAL}){{0,2}}"),
        words=(*_CARE, "pital", "chu", "ospedale", "policlinico", "spital", "ziekenhuis"),
    ),
)


def matches(text: Text, info_types: frozenset[str]) -> Iterator[Match]:
    """Addresses and names of hospitals. An address is a LOCATION, or a STREET_ADDRESS when only that is asked for."""
    if {"LOCATION", "STREET_ADDRESS"} & info_types:
        kind = "LOCATION" if "LOCATION" in info_types else "STREET_ADDRESS"
        for start, end, _ in _ADDRESSES.matches(text, frozenset({"LOCATION"})):
            yield Match(start, end, kind)
    yield from _ORGANIZATIONS.matches(text, info_types)
