"""`python -m demo`: de-identify DICOM files on the embedded cloud, with one audit row for each instance."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import requests
from google.api_core.exceptions import GoogleAPIError

from demo.console import Console
from demo.errors import DemoError
from demo.inputs import check_folder
from demo.names import DEFAULT_CONFIG, Layout
from demo.processes import Interrupted, signals_interrupt
from demo.run import Asked, run_demo

EXIT_REFUSED, EXIT_BROKEN, EXIT_INTERRUPTED = 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; exits as the pipeline does, 2 when a step cannot be done, 3 when one broke, 130 after a signal."""
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)  # its messages quote values
    asked = _parse(argv)
    layout = Layout(asked.out)
    try:
        _check(asked, layout)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return EXIT_REFUSED
    with Console(layout.run_log) as console:
        try:
            with signals_interrupt():
                return run_demo(asked, layout, console)
        except Interrupted:
            console.say("interrupted; everything was stopped. The same command goes on where this one stopped.")
            return EXIT_INTERRUPTED
        except DemoError as error:
            console.say(f"demo: {error}")
            return EXIT_REFUSED
        except (requests.RequestException, GoogleAPIError) as error:
            # Their own messages hold URLs, and with these UIDs.
            console.say(f"demo: the embedded cloud stopped answering ({type(error).__name__}). See {layout.cloud_log}")
            return EXIT_BROKEN
        except OSError as error:
            console.say(f"demo: cannot write under {asked.out}: {error.strerror}. Make room, then run it again")
            return EXIT_BROKEN


def _parse(argv: Sequence[str] | None) -> Asked:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--dicom",
        type=Path,
        metavar="FOLDER",
        help="your own files, recursively (default: pydicom's and generated ones)",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("out/demo"), metavar="OUT", help="folder of the results (default: %(default)s)"
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_CONFIG,
        metavar="FILE",
        help="DeidentifyConfig as JSON or YAML (default: templates/configs/basic.json)",
    )
    given = parser.parse_args(argv)
    dicom = given.dicom.resolve() if given.dicom else None
    return Asked(given.out.resolve(), given.config.resolve(), dicom)


def _check(asked: Asked, layout: Layout) -> None:
    """What can be known to be wrong before anything is started; makes OUT."""
    if not asked.config.is_file() or not os.access(asked.config, os.R_OK):
        raise DemoError(f"--config {asked.config}: no such file, or not readable")
    if asked.dicom is not None:
        check_folder(asked.dicom, leave_out=asked.out)
    if layout.deidentified.exists() and not layout.cloud.exists():
        raise DemoError(
            f"{asked.out} holds results of a demo whose cloud folder is gone: remove it, or give another --out"
        )
    try:
        layout.cloud.mkdir(parents=True, exist_ok=True)
        layout.run_log.touch()
    except OSError as error:
        raise DemoError(f"--out {asked.out}: {error.strerror}. Give a folder that can be written") from None


if __name__ == "__main__":
    sys.exit(main())
