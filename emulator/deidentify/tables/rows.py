"""The rows of one edition of PS3.15 table E.1-1, as this package's data files hold them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One row that names one attribute.

    Attributes:
        tag: group and element as one number.
        keyword: PS3.6's, or empty for attributes that the data dictionary at hand does not have.
        vr: PS3.6's, or empty as above.
        code: of the column Basic Profile: D, Z, X, U or alternatives such as "X/Z/D".
        clean_descriptors: of the column Clean Descriptors Option: "C" or empty.
    """

    tag: int
    keyword: str
    vr: str
    code: str
    clean_descriptors: str


@functools.cache
def rows(edition: str) -> tuple[Row, ...]:
    """All rows but those for repeating groups (50xx, 60xx) and private attributes, in order of tags.

    Raises:
        FileNotFoundError: there is no such edition here.
    """
    content = json.loads((Path(__file__).parent / f"e1_{edition}.json").read_text(encoding="utf-8"))
    return tuple(
        Row(int(tag.replace(",", ""), 16), keyword, vr, code, clean)
        for tag, keyword, vr, code, clean, _provenance in content["rows"]
        if "x" not in tag
    )
