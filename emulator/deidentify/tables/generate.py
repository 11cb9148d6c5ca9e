"""Write one edition of PS3.15 table E.1-1 as the data file this package reads.

    python -m emulator.deidentify.tables.generate EDITIONS.json 2018e_reconstructed 2018e
    python -m emulator.deidentify.tables.generate EDITIONS.json 2024b 2024b
    python -m emulator.deidentify.tables.generate EDITIONS.json 2026c_basic_only 2026c 2024b

EDITIONS.json holds `{"_meta": {"sources": {...}}, "editions": {name: [row, ...]}}` with rows of `tag` "(gggg,eeee)",
`keyword`, `vr`, `basic` (the code of the Basic Profile column), `options` (codes of the option columns by name) and
`provenance`. The last argument names the edition whose option columns stand in for those the source lacks. Written is
`e1_{edition}.json` beside this module, one row a line so that a difference between editions reads as one between files.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TITLE = "DICOM PS3.15 Table E.1-1, Application Level Confidentiality Profile Attributes"
COLUMNS = ["tag", "keyword", "vr", "basic", "clean_descriptors", "provenance"]
"""`basic` and `clean_descriptors` hold the codes of the columns Basic Profile and Clean Descriptors Option."""

PRIVATE_ROW = "(gggg,eeee) where gggg is odd"
"""The row for private attributes is a rule, not a tag: `rules.basic` holds it."""


def table(editions: dict[str, Any], name: str, edition: str, options_from: str | None = None) -> dict[str, Any]:
    """The data file's content. Rows are as `COLUMNS` says, tag as in "0010,0010" or "60xx,3000".

    Raises:
        KeyError: there is no edition of that name.
    """
    sources = editions["_meta"]["sources"]
    tags = {row["tag"]: row for row in editions["editions"][options_from or name]}
    rows = [
        [
            row["tag"].strip("()"),
            row["keyword"] or "",
            row["vr"] or "",
            row["basic"],
            tags.get(row["tag"], {}).get("options", {}).get("clean_desc", ""),
            row.get("provenance", edition),
        ]
        for row in editions["editions"][name]
        if row["tag"] != PRIVATE_ROW
    ]
    source = sources[name]
    if options_from:
        source += f"; Clean Descriptors Option: {options_from}, {sources[options_from]}"
    return {"title": TITLE, "edition": edition, "source": source, "columns": COLUMNS, "rows": sorted(rows)}


def render(content: dict[str, Any]) -> str:
    """JSON with one row a line."""
    head = json.dumps({key: value for key, value in content.items() if key not in {"columns", "rows"}}, indent=1)[:-2]
    rows = ",\n  ".join(json.dumps(row) for row in content["rows"])
    return f'{head},\n "columns": {json.dumps(content["columns"])},\n "rows": [\n  {rows}\n ]\n}}\n'


def main(arguments: list[str]) -> None:
    """Write the file for the three or four arguments of the module's docstring."""
    source, *names = arguments
    content = table(json.loads(Path(source).read_text(encoding="utf-8")), *names)
    (Path(__file__).parent / f"e1_{content['edition']}.json").write_text(render(content), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
