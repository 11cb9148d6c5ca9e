"""One element's text, cleaned: legal for its VR, readable in its character set, padded.

- What a value is as a whole is known by some attributes (`attributes.info_type_of`); others are searched.
- A value in which nothing was found keeps its bytes.
- A result that the VR cannot hold ("[DATE]" in DA) becomes an empty value; text that is too long is cut.
- A value that cannot be read in its character set is replaced as a whole: by what its attribute is known to hold, or by
  PLACEHOLDER. Nobody can say what is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from emulator.deidentify.attributes import LONG_VRS, TEXT_VRS
from emulator.deidentify.text.attributes import info_type_of
from emulator.deidentify.text.charset import decode, encode
from emulator.deidentify.text.finding import Finding, find
from emulator.deidentify.text.hidden import find_behind
from emulator.deidentify.text.legal import MOST_BYTES, SINGLE_VALUED, fitted, is_legal
from emulator.deidentify.text.plan import TextPlan
from emulator.deidentify.values import PLACEHOLDER, pad

if TYPE_CHECKING:
    from emulator.deidentify.instance import Instance

_FORMATTED: Final = frozenset({"DA", "DT", "AS"})
"""VRs whose values have one form, in ASCII."""

_DEFAULT_REPERTOIRE: Final = _FORMATTED | {"AE"}
"""VRs that SpecificCharacterSet does not concern (PS3.5 section 6.1.2.3)."""

_PADDING: Final = " \0"
_NAME_PARTS: Final = str.maketrans("", "", "^=")


def clean_value(
    tag: int,
    vr: str,
    value: bytes,
    *,
    plan: TextPlan,
    instance: Instance,
    encodings: Sequence[str],
    contextual: bool,
) -> bytes:
    """The value cleaned.

    Args:
        tag: of the element.
        vr: by which the value is read. Those that are no text leave the value as it is.
        value: as in the file, of all values of the element.
        plan: what to look for, and what to write instead.
        instance: whose header tells names and ids.
        encodings: Python codecs of the SpecificCharacterSet that holds here.
        contextual: whether phrases of the header become [CTX].
    """
    if vr not in TEXT_VRS or not value.strip(b" \0"):
        return value
    cleaner = _Cleaner(tag, vr, plan, instance, contextual=contextual)
    delimiters = _delimiters(vr)
    text = decode(value, ("ascii",) if vr in _FORMATTED else encodings, delimiters)
    if text is None:
        return _unreadable(cleaner, vr, value)
    old = [text] if vr in SINGLE_VALUED else text.split("\\")
    new = [cleaner.clean(part) for part in old]
    if all(part is None for part in new):
        return value
    parts = [before if after is None else after for before, after in zip(old, new, strict=True)]
    return _encoded(parts, vr, encodings, text)


def _delimiters(vr: str) -> str:
    if vr == "PN":
        return "\\^="
    return "\t\n\f\r" if vr in SINGLE_VALUED else "\t\n\f\r\\"


def _unreadable(cleaner: _Cleaner, vr: str, value: bytes) -> bytes:
    if vr in _FORMATTED:
        return b""
    cleaned = cleaner.whole(value.decode("latin-1").strip(_PADDING))
    if cleaned is None or not cleaned.isascii():
        return pad(PLACEHOLDER, vr)
    return pad(fitted(vr, cleaned).encode("ascii"), vr)


def _encoded(parts: Sequence[str], vr: str, encodings: Sequence[str], original: str) -> bytes:
    """The values as bytes, as many of the first ones as the element has room for."""
    codecs = ("ascii",) if vr in _DEFAULT_REPERTOIRE else encodings
    legal = [part if vr in _FORMATTED else fitted(vr, part) for part in parts]
    encoded = encode("\\".join(legal), codecs, _delimiters(vr), original)
    while len(encoded) > MOST_BYTES and vr not in LONG_VRS:
        legal = legal[: len(legal) // 2]
        if not legal:
            return pad(PLACEHOLDER, vr)
        encoded = encode("\\".join(legal), codecs, _delimiters(vr), original)
    return pad(encoded, vr)


class _Cleaner:
    """Cleans single values of one element."""

    def __init__(self, tag: int, vr: str, plan: TextPlan, instance: Instance, *, contextual: bool) -> None:
        known = info_type_of(tag, vr)
        self._known = known if known in plan.info_types else ""
        self._vr = vr
        self._plan = plan
        self._instance = instance
        self._contextual = contextual

    def clean(self, text: str) -> str | None:
        """The value cleaned, None when it stays as it is."""
        bare = text.strip(_PADDING)
        if not bare.strip("^= "):
            return None
        cleaned = self.whole(bare)
        if cleaned is not None:
            return cleaned
        if self._vr in _FORMATTED and is_legal(self._vr, bare):
            return None
        text = text.rstrip(_PADDING)
        findings = find_behind(text, self._find)
        if not findings:
            return None
        cleaned = self._plan.replace(text, findings, self._instance)
        return self._kept_if_legal(cleaned)

    def whole(self, text: str) -> str | None:
        """The value transformed as what its attribute holds, None when that is not known or not looked for."""
        if not self._known:
            return None
        cleaned = self._plan.transform(text, self._known, self._instance, self._vr)
        if self._vr == "PN":
            cleaned = cleaned.translate(_NAME_PARTS)
        return self._kept_if_legal(cleaned.replace("\\", "") if self._vr not in SINGLE_VALUED else cleaned)

    def _kept_if_legal(self, text: str) -> str:
        return "" if self._vr in _FORMATTED and not is_legal(self._vr, text) else text

    def _find(self, text: str) -> list[Finding]:
        return find(
            text,
            info_types=self._plan.info_types,
            header=self._instance.header,
            contextual=self._contextual,
            finders=self._instance.finders,
        )
