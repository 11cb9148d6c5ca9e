"""`python -m emulator.samples OUT_DIR [--studies N] [--seed S]`: write synthetic studies into a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from emulator.samples.studies import DEFAULT_STUDIES
from emulator.samples.write import write_samples


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """Write the samples and print what they are; 0, or 1 when the folder cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m emulator.samples", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT_DIR", help="folder to write into; made when missing")
    parser.add_argument(
        "--studies", type=_count, default=len(DEFAULT_STUDIES), metavar="N", help="default: %(default)s"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="other UIDs and noise (%(default)s)")
    arguments = parser.parse_args(argv)
    try:
        written = write_samples(arguments.out, arguments.seed, studies=arguments.studies)
    except OSError as error:
        print(f"cannot write the samples: {error.strerror}. Give a folder that can be written", file=sys.stderr)
        return 1
    kinds = ", ".join(f"{count} {modality}" for modality, count in written.modalities.items())
    print(
        f"{len(written.files)} instances ({kinds}) of {written.studies} studies, {written.patients} patients, "
        f"{written.size_bytes / 1e6:.1f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
