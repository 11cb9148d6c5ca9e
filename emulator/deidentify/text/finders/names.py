"""PERSON_NAME, where a title, a label or the form of a name tells. Names on their own need the header, or a model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from emulator.deidentify.text.finders.ordinary_words import ORDINARY_WORDS, SURNAMES
from emulator.deidentify.text.finders.pattern import Match, Pattern, Patterns, Text

INFO_TYPES: Final = frozenset({"PERSON_NAME"})

_UPPER: Final = "[A-ZÀ-ÖØ-Þ]"
_LOWER: Final = "[a-zß-öø-ÿ]"
_TITLED: Final = (
    rf"(?:Ma?c[A-Z][a-z]+|{_UPPER}{_LOWER}+(?:['’-]{_UPPER}?{_LOWER}+){{0,2}}|(?:O|D)['’]{_UPPER}{_LOWER}+)"
)
_NOT_A_LABEL: Final = r"(?!(?:DOB|MRN|ID|SEX|AGE|SSN|ACC|TEL|BORN)\b)"
_CAPITALS: Final = rf"(?:{_NOT_A_LABEL}(?:[OD]['’])?{_UPPER}{{2,}}(?:['’-]{_UPPER}{{2,}}){{0,2}})"
_WORD: Final = f"(?:{_TITLED}|{_CAPITALS})"
_INITIAL: Final = rf"(?:{_UPPER}\.? ?)"
_PARTICLE: Final = (
    r"(?:(?:van der|van den|van de|von der|de la|de los|van|von|de|del|di|da|dos|al|el|bin|ben|la|le|zu|ter|ten) )"
)
_COMPONENT: Final = (
    rf"(?:{_PARTICLE}?{_UPPER}[\w'’.-]{{0,40}}(?:[ _]{_UPPER}[\w'’.-]{{0,40}}){{0,2}}|[^\W\d_][\w'’.-]{{0,40}})"
)
"""Of a name as DICOM writes it: "van der Berg", "doe", "Anna Maria"."""
_PART: Final = rf"{_NOT_A_LABEL}{_INITIAL}{{0,2}}{_PARTICLE}?{_WORD}"
_NAME: Final = rf"(?:{_PART}(?:[ -]{_PART}){{0,3}}(?: {_UPPER}(?!\w)\.?)?)"
_SUFFIX: Final = r"(?:,? (?:Jr|Sr|II|III|IV|M\.?D|D\.?O|Ph\.?D|R\.?N|RT|RDMS|PA-C|NP|FRCR|MBBS)\b\.?){0,3}"
_DEGREE: Final = r"(?:M\.?D|D\.?O|Ph\.?D|R\.?N|RDMS|FRCR|MBBS)\b"

_TITLES: Final = (
    r"(?:Drs?|Prof|Professor|Doctor|Mr|Mrs|Ms|Miss|Mx|Sir|Herr|Frau|Hr|Mme|Mlle|Sra?|Srta|Dott|Dra|Nurse|Sister"
    r"|MR|MRS|DR|PROF)"
)
_LATIN_TITLES: Final = ("mme", "mlle", "sr", "dott", "nurse", "sister")
_FURTHER_TITLES: Final = r"(?:(?:med|Dr|Prof|dent|habil|rer|nat)\.? ){0,3}"

_ROLES: Final = (
    *("patient", "pt", "pat", "patient'?s? name", "name", "nom", "nombre", "vorname", "nachname", "surname"),
    *("last name", "first name", "given name", "family name", "maiden name", "physician", "doctor", "radiologist"),
    *("technologist", "technician", "tech", "operator", "sonographer", "surgeon", "nurse", "attending", "resident"),
    *("fellow", "consultant", "referring", "referrer", "referring physician", "ordering physician"),
    *("performing physician", "reading physician", "arzt", "ärztin", "untersucher", "mother", "father", "wife"),
    *("husband", "son", "daughter", "brother", "sister", "spouse", "guardian", "next of kin", "contact"),
    *("signed", "dictated", "interpreted", "transcriptionist", "phys", "ref phys", "ref", "md", "author", "staff"),
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
_RELATIVES: Final = ("mother", "father", "wife", "husband", "son", "daughter", "brother", "sister", "spouse")


_WORDS: Final = re.compile(r"[A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+|[A-ZÀ-ÖØ-Þ]+(?![a-zß-öø-ÿ])|[^\W\d_A-Za-zÀ-ÖØ-öø-ÿ]+")


def _words(text: str) -> list[str]:
    """The words of two letters and more, in small letters; those of "HeadRoutine" are two."""
    return [word.casefold() for word in _WORDS.findall(text) if len(word) > 1]


def _is_name(match: re.Match[str]) -> bool:
    """Whether it does not begin with an ordinary word of radiology, unless a surname that is one stands alone."""
    words = _words(match["value"])
    if not words or (words[0] in ORDINARY_WORDS and words[0] not in SURNAMES):
        return False
    return not all(word in ORDINARY_WORDS for word in words) or (len(words) == 1 and match["value"][-1].isalpha())


def _is_titled(match: re.Match[str]) -> bool:
    """Whether what follows a title in capitals without a point is no examination: MR and DR are modalities too."""
    title = match["title"]
    if title.isupper() and "." not in title:
        return all(word not in ORDINARY_WORDS for word in _words(match["value"]))
    return _is_name(match)


def _is_full_name(match: re.Match[str]) -> bool:
    """Whether it is two words, of which only a surname may be an ordinary one."""
    words = _words(match["value"])
    if len(words) < 2 or any(word in ORDINARY_WORDS and word not in SURNAMES for word in words):
        return False
    first, *others = words
    if first in ORDINARY_WORDS and not (first in SURNAMES and "," in match["value"]):
        return False
    return first not in ORDINARY_WORDS or not all(word in ORDINARY_WORDS for word in others)


def _is_dicom_name(match: re.Match[str]) -> bool:
    """Whether it is no protocol: some scanners write the region and the protocol like a name, "Head^HeadRoutine"."""
    family, _, given = match["value"].partition("^")
    familiar = [word in ORDINARY_WORDS for word in _words(family)]
    ordinary = [word in ORDINARY_WORDS for word in _words(given)]
    if familiar and all(familiar) and any(word not in SURNAMES for word in _words(family)):
        return False
    return not (ordinary and all(ordinary))


_PATTERNS: Final = Patterns(
    Pattern(
        "PERSON_NAME",
        re.compile(rf"(?<![\w^])(?P<value>{_COMPONENT}\^{_COMPONENT}(?:\^[\w'’.-]{{0,40}}){{0,3}})"),
        _is_dicom_name,
        words=("^",),
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(rf"(?<!\w)(?P<title>{_TITLES}(?:\.\s?|\s)){_FURTHER_TITLES}(?P<value>{_NAME}{_SUFFIX})"),
        _is_titled,
        words=("dr", "mr", "ms", "mx", "prof", "doctor", "miss", "sir", "herr", "frau", "hr", *_LATIN_TITLES),
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
            rf"(?<!\w)(?i:(?:{'|'.join(_DEEDS)}) by|{'|'.join(_TOLD)}|name(?= [A-Z][^\W\d_]+,))"
            rf"[ :]{{1,2}}(?:{_TITLES}\.? )?"
            rf"(?P<value>(?:{_WORD}, ?{_NOT_A_LABEL}{_NAME}|{_NAME}){_SUFFIX})"
        ),
        _is_name,
        words=(" by", "name", *_TOLD),
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(rf"(?<!\w)(?i:{'|'.join(_PERSONS)}) (?P<value>{_NAME}{_SUFFIX})"),
        _is_full_name,
        words=_PERSONS,
    ),
    Pattern(
        "PERSON_NAME",
        re.compile(rf"(?<!\w)(?i:{'|'.join(_RELATIVES)}),? (?P<value>{_TITLED}(?: {_TITLED})?)(?!\w)"),
        _is_name,
        words=_RELATIVES,
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
        re.compile(rf"(?<!\w)(?P<value>{_WORD} (?:[A-Z]\. ?)?{_WORD}),? ?{_DEGREE}"),
        _is_full_name,
        words=("md", "m.d", "do", "d.o", "ph", "rn", "r.n", "rdms", "frcr", "mbbs"),
    ),
)


def matches(text: Text, info_types: frozenset[str]) -> Iterator[Match]:
    """Names after a title or a label, and in the forms Family^Given and Family, Given."""
    return _PATTERNS.matches(text, info_types)
