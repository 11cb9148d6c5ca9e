"""PERSON_NAME, where a title, a label or the form of a name tells. Names on their own need the header, or a model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from emulator.deidentify.text.finders.ordinary_words import ORDINARY_WORDS
from emulator.deidentify.text.finders.pattern import Match, Pattern, Text
from emulator.deidentify.text.finders.pattern import matches as _matches

INFO_TYPES: Final = frozenset({"PERSON_NAME"})

_UPPER: Final = "[A-ZÀ-ÖØ-Þ]"
_LOWER: Final = "[a-zß-öø-ÿ]"
_TITLED: Final = (
    rf"(?:{_UPPER}{_LOWER}+(?:['’-]{_UPPER}?{_LOWER}+){{0,2}}|(?:O|D)['’]{_UPPER}{_LOWER}+|Ma?c[A-Z][a-z]+)"
)
_CAPITALS: Final = rf"(?:{_UPPER}{{2,}}(?:['’-]{_UPPER}{{2,}}){{0,2}})"
_WORD: Final = f"(?:{_TITLED}|{_CAPITALS})"
_INITIAL: Final = rf"(?:{_UPPER}\.? ?)"
_PARTICLE: Final = (
    r"(?:(?:van der|van den|van de|von der|de la|de los|van|von|de|del|di|da|dos|al|el|bin|ben|la|le|zu|ter|ten) )"
)
_NAME: Final = rf"(?:{_INITIAL}{{0,2}}{_PARTICLE}?{_WORD}(?:[ -]{_INITIAL}{{0,2}}{_PARTICLE}?{_WORD}){{0,3}})"
_SUFFIX: Final = r"(?:,? (?:Jr|Sr|II|III|IV|M\.?D|D\.?O|Ph\.?D|R\.?N|RT|RDMS|PA-C|NP|FRCR|MBBS)\b\.?){0,3}"
_DEGREE: Final = r"(?:M\.?D|D\.?O|Ph\.?D|R\.?N|RDMS|FRCR|MBBS)\b"

_TITLES: Final = (
    r"(?:Drs?|Prof|Professor|Doctor|Mr|Mrs|Ms|Miss|Mx|Sir|Herr|Frau|Hr|Mme|Mlle|Sra?|Srta|Dott|Dra|Nurse|Sister"
    r"|MR|MRS|DR|PROF)"
)
_FURTHER_TITLES: Final = r"(?:(?:med|Dr|Prof|dent|habil|rer|nat)\.? ){0,3}"

_NOT_A_LABEL: Final = r"(?!(?:DOB|MRN|ID|SEX|AGE|SSN|ACC|TEL|BORN)\b)"
_ROLES: Final = (
    *("patient", "pt", "pat", "patient'?s? name", "name", "nom", "nombre", "vorname", "nachname", "surname"),
    *("last name", "first name", "given name", "family name", "maiden name", "physician", "doctor", "radiologist"),
    *("technologist", "technician", "tech", "operator", "sonographer", "surgeon", "nurse", "attending", "resident"),
    *("fellow", "consultant", "referring", "referrer", "referring physician", "ordering physician"),
    *("performing physician", "reading physician", "arzt", "ärztin", "untersucher", "mother", "father", "wife"),
    *("husband", "son", "daughter", "brother", "sister", "spouse", "guardian", "next of kin", "contact"),
    *("emergency contact", "cc", "attn", "attention", "mutter", "vater"),
)
_DEEDS: Final = (
    *("referred", "performed", "read", "reported", "dictated", "signed", "reviewed", "ordered", "interpreted"),
    *("requested", "seen", "scanned", "verified", "approved", "acquired", "transcribed", "examined", "prepared"),
    *("electronically signed", "checked", "entered", "edited", "written", "created"),
)
_TOLD: Final = ("discussed with", "d/w", "spoke with", "called to", "notified", "informed", "per", "attn", "cc")
_PERSONS: Final = (
    *("patient", "pt", "mother", "father", "wife", "husband", "son", "daughter", "physician", "radiologist"),
    *("technologist", "operator", "nurse", "named", "surgeon"),
)


def _is_name(match: re.Match[str]) -> bool:
    """Whether no word of it is an ordinary one of radiology."""
    words = re.findall(r"[^\W\d_]{2,}", match["value"].casefold())
    return bool(words) and words[0] not in ORDINARY_WORDS and not all(word in ORDINARY_WORDS for word in words)


def _is_full_name(match: re.Match[str]) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", match["value"].casefold())
    return len(words) >= 2 and not any(word in ORDINARY_WORDS for word in words)


_PATTERNS: Final = (
    Pattern(
        "PERSON_NAME",
        re.compile(r"(?<![\w^])(?P<value>[^\W\d_][\w'’. -]{0,40}\^[^\W\d_][\w'’. -]{0,40}(?:\^[\w'’. -]{0,40}){0,3})"),
        words=("^",),
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(rf"(?<!\w){_TITLES}(?:\.\s?|\s){_FURTHER_TITLES}(?P<value>{_NAME}{_SUFFIX})"),
        _is_name,
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(
            rf"(?<!\w)(?i:{'|'.join(_ROLES)})\s?(?:\([^()]{{0,20}}\)\s?)?[:=]\s?(?:{_TITLES}\.? )?"
            rf"(?P<value>(?:{_WORD}, ?{_NOT_A_LABEL}{_NAME}|{_NAME}){_SUFFIX})"
        ),
        _is_name,
        words=(":", "="),
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(
            rf"(?<!\w)(?i:(?:{'|'.join(_DEEDS)}) by|{'|'.join(_TOLD)})[ :]{{1,2}}(?:{_TITLES}\.? )?"
            rf"(?P<value>{_NAME}{_SUFFIX})"
        ),
        _is_name,
        words=(" by", *_TOLD),
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(rf"(?<!\w)(?i:{'|'.join(_PERSONS)}) (?P<value>{_NAME}{_SUFFIX})"),
        _is_full_name,
        words=_PERSONS,
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(rf"(?<![\w,])(?P<value>{_TITLED}(?:-{_TITLED})?, ?{_TITLED} {_UPPER}\.?)(?!\w)"),
        _is_full_name,
        words=(",",),
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(rf"\A\s*(?P<value>{_TITLED}(?:-{_TITLED})?, ?{_TITLED}(?: {_TITLED})?)\s*\Z"),
        _is_full_name,
        words=(",",),
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(rf"\A\s*(?P<value>{_CAPITALS}, ?{_CAPITALS}(?: [A-Z]\.?)?)\s*\Z"),
        _is_full_name,
        words=(",",),
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(rf"(?<!\w)(?P<value>{_TITLED} (?:[A-Z]\. ?)?{_TITLED}), ?{_DEGREE}"),
        _is_full_name,
        words=(",",),
    ),
)


def matches(text: Text, info_types: frozenset[str]) -> Iterator[Match]:
    """Names after a title or a label, and in the forms Family^Given and Family, Given."""
    return _matches(_PATTERNS, text, info_types)
