"""Write one edition of PS3.15 table E.1-1 as the data file this package reads.

    python -m emulator.deidentify.tables.generate EDITIONS.json 2018e_reconstructed 2018e

EDITIONS.json holds `{"_meta": {"sources": {...}}, "editions": {name: [row, ...]}}` with rows of `tag` "(gggg,eeee)",
`keyword`, `vr`, `basic` (the code of the Basic Profile column) and `provenance`. Written is `e1_{edition}.json`
beside this module, one row a line so that a difference between editions reads as a difference between files.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TITLE = "DICOM PS3.15 Table E.1-1, Application Level Confidentiality Profile Attributes, Basic Profile column"
PRIVATE_ROW = "(gggg,eeee) where gggg is odd"
"""The row for private attributes is a rule, not a tag: `base_rules` holds it."""


def table(editions: dict[str, Any], name: str, edition: str) -> dict[str, Any]:
    """The data file's content. Rows are `[tag, keyword, vr, code, provenance]`, tag as in "0010,0010" or "60xx,3000".

    Raises:
        KeyError: there is no edition of that name.
    """
    source = editions["_meta"]["sources"]
    rows = [
        [row["tag"].strip("()"), row["keyword"], row["vr"] or "", row["basic"], row.get("provenance", "")]
        for row in editions["editions"][name]
        if row["tag"] != PRIVATE_ROW
    ]
    return {"title": TITLE, "edition": edition, "source": source.get(name, source), "rows": sorted(rows)}


def render(content: dict[str, Any]) -> str:
    """JSON with one row a line."""
    head = json.dumps({key: value for key, value in content.items() if key != "rows"}, indent=1)[:-2]
    rows = ",\n  ".join(json.dumps(row) for row in content["rows"])
    return f'{head},\n "rows": [\n  {rows}\n ]\n}}\n'


def main(arguments: list[str]) -> None:
    """Write the file for the three arguments of the module's docstring."""
    source, name, edition = arguments
    content = table(json.loads(Path(source).read_text(encoding="utf-8")), name, edition)
    (Path(__file__).parent / f"e1_{edition}.json").write_text(render(content), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
