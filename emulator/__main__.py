"""`python -m emulator serve`: the embedded Google Cloud as a process.

Imports nothing of the services at the top: the engine's worker processes import this module again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emulator.settings import Settings, SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0 after a signal, 2 when the server cannot start."""
    parser = _parser()
    options = parser.parse_args(arguments)
    from emulator.serve import ServeError, serve  # noqa: PLC0415 - see the module's docstring

    try:
        settings = _settings(options.settings, options.set)
        serve(options.host, options.port, options.data, settings)
    except (ServeError, SettingsError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser(
        "serve", help="serve all services on one HTTP port until SIGTERM or Ctrl-C", allow_abbrev=False
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    serve.add_argument("--port", type=int, default=8085, help="HTTP port; 0 picks a free one (default: 8085)")
    serve.add_argument(
        "--data", type=Path, metavar="DIR", help="folder for all data (default: temporary, removed at the end)"
    )
    serve.add_argument("--settings", type=Path, metavar="FILE", help="JSON object of settings")
    serve.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="settings, over those of --settings; emulator/settings.py describes them",
    )
    return parser


def _settings(file: Path | None, assignments: Sequence[str]) -> Settings:
    """The settings of a file and of `name=value` assignments, which win.

    Raises:
        SettingsError: the file cannot be read, or a setting is wrong.
    """
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SettingsError(f"cannot read {file}: {error}") from error
        if not isinstance(values, dict):
            raise SettingsError(f"{file} must hold a JSON object of settings")
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise SettingsError(f"--set takes NAME=VALUE, not {assignment!r}")
        values[name] = value
    return Settings.from_mapping(values)


if __name__ == "__main__":
    sys.exit(main())
