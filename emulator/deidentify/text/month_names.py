"""Names of months and days of the week, and the way a name was written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_MONTHS: Final = (
    "January February March April May June July August September October November December",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "Jänner Feber März April Mai Juni Juli August September Oktober November Dezember",
    "Januar Februar Maerz April Mai Juni Juli August September Oktober November Dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november december",
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
)
"""January to December in one language and length each: English, German, French, Spanish, Italian, Portuguese, Dutch,
Swedish, Danish, Polish."""

_WEEKDAYS: Final = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "Mon Tue Wed Thu Fri Sat Sun",
    "Mon Tues Wed Thurs Fri Sat Sun",
    "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "Montag Dienstag Mittwoch Donnerstag Freitag Sonnabend Sonntag",
    "Mo Di Mi Do Fr Sa So",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
)


class Name(NamedTuple):
    """A name as one of a cycle of twelve months or seven days.

    Attributes:
        place: 0 for January or Monday.
        cycles: the languages and lengths that have this name at this place, the most likely one first.
    """

    place: int
    cycles: tuple[tuple[str, ...], ...]


def month(word: str, *, short: bool = False) -> Name | None:
    """The month of that name, in any case, with or without accents.

    Args:
        word: the name, without a point after it.
        short: whether abbreviations are more likely than full names, of those that read the same (May).
    """
    name = _MONTH_NAMES.get(_folded(word))
    if name is None:
        return None
    likely = sorted(name.cycles, key=lambda cycle: (short and max(map(len, cycle)), cycle[name.place] != word))
    return Name(name.place, tuple(likely))


def weekday(word: str) -> Name | None:
    """The day of the week of that name, in any case, with or without accents."""
    return _WEEKDAY_NAMES.get(_folded(word))


def written_like(model: str, name: str) -> str:
    """`name` in capitals, in small letters or with a capital first, as `model` is.

    >>> written_like("MAY", "June")
    'JUNE'
    """
    case: Callable[[str], str] = str.capitalize
    if model.isupper():
        case = str.upper
    elif model.islower():
        case = str.lower
    return case(name)


def _folded(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _names(lists: tuple[str, ...]) -> Mapping[str, Name]:
    names: dict[str, Name] = {}
    for cycle in (tuple(line.split()) for line in lists):
        for index, word in enumerate(cycle):
            known = names.get(_folded(word))
            if known is None:
                names[_folded(word)] = Name(index, (cycle,))
            elif known.place == index:
                names[_folded(word)] = Name(index, (*known.cycles, cycle))
    return MappingProxyType(names)


_MONTH_NAMES: Final = _names(_MONTHS)
_WEEKDAY_NAMES: Final = _names(_WEEKDAYS)

MONTH_WORDS: Final = frozenset(word.casefold() for line in _MONTHS for word in line.split()) | frozenset(_MONTH_NAMES)
"""Every name of a month in small letters, with and without its accents."""
