"""What a de-identified instance says of its de-identification, when the engine is told to write it.

PatientIdentityRemoved and the method's code are claims that others rely on (PS3.15 E.1.1, PS3.3 C.7.1.1): they are
written only when the configuration as a whole bears them out. DeidentificationMethod tells what was done, in any case.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

from emulator.deidentify import rules
from emulator.deidentify.actions import Action, Decision, Scope
from emulator.deidentify.attributes import PRIMARY_IDS, dictionary_vr, is_private, is_structural, tag_of
from emulator.deidentify.part10 import Encoding, encode
from emulator.deidentify.profile import Profile
from emulator.deidentify.rewritten import Piece, item, sequence
from emulator.deidentify.tables.rows import rows
from emulator.deidentify.values import pad

PATIENT_IDENTITY_REMOVED: Final = tag_of("PatientIdentityRemoved")
DEIDENTIFICATION_METHOD: Final = tag_of("DeidentificationMethod")
DEIDENTIFICATION_METHOD_CODES: Final = tag_of("DeidentificationMethodCodeSequence")

BASIC: Final = ("113100", "Basic Application Confidentiality Profile")
CLEAN_PIXELS: Final = ("113101", "Clean Pixel Data Option")
CLEAN_DESCRIPTORS: Final = ("113105", "Clean Descriptors Option")
RETAIN_UIDS: Final = ("113110", "Retain UIDs Option")
"""Codes of PS3.16 CID 7050, scheme DCM, and their meanings."""

_CODE_VALUE: Final = tag_of("CodeValue")
_SCHEME: Final = tag_of("CodingSchemeDesignator")
_MEANING: Final = tag_of("CodeMeaning")

_TREATED: Final = frozenset({Action.DELETE, Action.EMPTY, Action.DUMMY, Action.UID, Action.UID_UNLESS_STANDARD})
_TREATED_INSIDE: Final = frozenset({Scope.DUMMY, Scope.REFERENCES})
_PRIVATE: Final = 0x00091001
_GRAPHICS: Final = ((0x50003000, "OW"), (0x60003000, "OW"), (0x60000022, "LO"))


@dataclasses.dataclass(frozen=True)
class Claims:
    """What can be said of every instance that a profile is applied to.

    Attributes:
        identity_removed: whether all that table E.1-1 lists is treated, but for UIDs.
        codes: of CID 7050: value and meaning.
        method: what was done, each text at most 64 characters.
    """

    identity_removed: bool
    codes: tuple[tuple[str, str], ...]
    method: tuple[str, ...]


def claims(profile: Profile) -> Claims:
    """What holds for `profile`: asked of its decisions, attribute by attribute."""
    kept = list(_kept(profile))
    only_uids = all(dictionary_vr(tag) == "UI" for tag in kept)
    removed = only_uids and not _keeps_unseen(profile)
    uids_kept = bool(kept) or any(profile.ids[tag] is Action.KEEP for tag in PRIMARY_IDS)
    codes: list[tuple[str, str]] = []
    if removed and profile.rules == rules.basic(profile.options.edition):
        codes.append(BASIC)
        codes += [CLEAN_PIXELS] if profile.image is not None else []
        codes += [CLEAN_DESCRIPTORS] if profile.descriptors else []
        codes += [RETAIN_UIDS] if uids_kept else []
    return Claims(removed, tuple(codes), tuple(_method(profile)))


def _kept(profile: Profile) -> Iterator[int]:
    """Attributes of the table that stay as they are, at the top or inside sequences."""
    for row in rows(profile.options.edition):
        vr = dictionary_vr(row.tag) or "LO"
        decisions = [profile.decide(scope, row.tag, vr) for scope in (Scope.TOP, Scope.NESTED)]
        if not is_structural(row.tag) and not all(_treats(one, row.tag in profile.descriptors) for one in decisions):
            yield row.tag


def _treats(decision: Decision, descriptor: bool) -> bool:
    cleaned = decision.action is Action.CLEAN_TEXT or decision.inside is Scope.CLEANED
    return decision.action in _TREATED or decision.inside in _TREATED_INSIDE or (cleaned and descriptor)


def _keeps_unseen(profile: Profile) -> bool:
    """Whether private elements, overlays, curves or whole sequences stay, in which anything can be."""
    for asked in profile.actions:
        if asked.action not in {Action.KEEP, Action.CLEAN_TEXT}:
            continue
        if asked.tags is not None and _opaque(asked.tags.value):
            return True
        if asked.vr == "SQ" or (asked.vr and _stays(profile, _PRIVATE, asked.vr)):
            return True
    return _stays(profile, _PRIVATE, "LO") or any(_stays(profile, tag, vr) for tag, vr in _GRAPHICS)


def _opaque(tag: int) -> bool:
    """Whether nobody can say what the element holds from its tag alone."""
    return is_private(tag) or dictionary_vr(tag) in {"SQ", None} or tag >> 24 in {0x50, 0x60}


def _stays(profile: Profile, tag: int, vr: str) -> bool:
    return profile.decide(Scope.TOP, tag, vr).action not in _TREATED


def _method(profile: Profile) -> Iterator[str]:
    yield f"{profile.name} PS3.15 {profile.options.edition}"
    if profile.actions:
        yield f"with {len(profile.actions)} actions on tags of their own"
    if profile.descriptors:
        yield "text of descriptors cleaned"
    elif profile.text is not None:
        yield "text of attributes cleaned"
    if profile.image is not None:
        yield "all text in images redacted" if profile.image.mode == "all" else "sensitive text in images redacted"
    kept = sum(profile.ids[tag] is Action.KEEP for tag in PRIMARY_IDS)
    yield "instance UIDs kept" if kept == len(PRIMARY_IDS) else "instance UIDs replaced" if not kept else "UIDs mixed"


def elements(profile: Profile, encoding: Encoding) -> dict[int, bytes]:
    """The encoded elements to be written, by tag. BurnedInAnnotation is not among them: `pixels.clean` writes it."""
    key = ("markers", encoding)
    if key not in profile.memos:
        profile.memos[key] = _elements(claims(profile), encoding)
    made: dict[int, bytes] = profile.memos[key]
    return made


def _elements(what: Claims, encoding: Encoding) -> dict[int, bytes]:
    made = {DEIDENTIFICATION_METHOD: _text(DEIDENTIFICATION_METHOD, "LO", "\\".join(what.method), encoding)}
    if what.identity_removed:
        made[PATIENT_IDENTITY_REMOVED] = _text(PATIENT_IDENTITY_REMOVED, "CS", "YES", encoding)
    if what.codes:
        pieces: list[Piece] = []
        for value, meaning in what.codes:
            coded = ((_CODE_VALUE, "SH", value), (_SCHEME, "SH", "DCM"), (_MEANING, "LO", meaning))
            pieces += item([_text(*one, encoding) for one in coded], encoding, undefined=False)
        whole = sequence(DEIDENTIFICATION_METHOD_CODES, pieces, encoding, undefined=False)
        made[DEIDENTIFICATION_METHOD_CODES] = b"".join(piece for piece in whole if isinstance(piece, bytes))
    return made


def _text(tag: int, vr: str, text: str, encoding: Encoding) -> bytes:
    return encode(tag, vr, pad(text.encode("ascii"), vr), encoding)
