"""De-identify a DICOM file, or all in a folder, as a DeidentifyConfig of the Cloud Healthcare API says.

    python -m emulator.deidentify --config CONFIG.json INPUT OUTPUT [--jobs N]
    python -m emulator.deidentify --config CONFIG.json --explain

OUTPUT, a folder that is new or empty, gets `{study}/{series}/{instance}.dcm` named by the new UIDs: names of input
files are not carried over, as they often identify. An input that cannot be processed leaves no output and is reported
on standard error by its path, which appears nowhere else. Exit status: 0 when every file was de-identified, 1 when one
was not, 2 when nothing was tried because the call or the configuration is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from emulator.deidentify.config import OPERATION_KEY_BYTES, compile_config
from emulator.deidentify.describe import describe
from emulator.deidentify.errors import ConfigError
from emulator.deidentify.folder import DUPLICATE, Done, deidentify_files
from emulator.deidentify.options import EDITIONS, LOSSY_OUTPUTS, EngineOptions
from emulator.deidentify.profile import Profile
from emulator.deidentify.progress import Progress
from emulator.deidentify.text.key_ring import KeyRing, KeyRingError
from emulator.deidentify.text.keys import KeySource

FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130


class UsageError(Exception):
    """The call cannot be carried out; the message tells what to change."""


class RepeatedField(Exception):
    """A JSON object has one of its fields twice: which of the two was meant is not for us to guess."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        profile = _profile(options)
        if options.explain:
            sys.stdout.writelines(f"{line}\n" for line in describe(profile))
            return 0
        _require_paths(options)
        inputs = list(_inputs(options.input))
        _check_output(options.input, options.output)
    except UsageError as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return UNUSABLE
    try:
        return _run(profile, inputs, options)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    summary, _, details = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m emulator.deidentify",
        description=summary,
        epilog=details.partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", required=True, type=Path, metavar="CONFIG.json", help="v1 or v1beta1, as JSON")
    parser.add_argument(
        "input", type=Path, nargs="?", metavar="INPUT", help="a DICOM file, or a folder (taken with its subfolders)"
    )
    parser.add_argument("output", type=Path, nargs="?", metavar="OUTPUT", help="the folder to write to: new, or empty")
    parser.add_argument("--jobs", type=_positive, default=_cpus(), metavar="N", help="processes (default: %(default)s)")
    parser.add_argument(
        "--key-ring",
        type=Path,
        metavar="FILE",
        help="keys that unwrap kmsWrapped ones; made by python -m emulator.deidentify.text.key_ring",
    )
    parser.add_argument(
        "--finder",
        action="append",
        default=[],
        metavar="MODULE:FUNCTION",
        help="a finder of sensitive text of your own, such as a model; may be given several times",
    )
    parser.add_argument(
        "--explain", action="store_true", help="say in plain words what the configuration does, and process nothing"
    )
    _add_engine_options(parser.add_argument_group("where the API leaves it open"))
    return parser


def _add_engine_options(group: argparse._ArgumentGroup) -> None:
    defaults = EngineOptions()
    group.add_argument(
        "--edition",
        choices=EDITIONS,
        default=defaults.edition,
        help="edition of PS3.15 table E.1-1 that the Basic profile follows (default: %(default)s, as the API)",
    )
    group.add_argument(
        "--mark",
        action="store_true",
        help="write PatientIdentityRemoved and DeidentificationMethod, and BurnedInAnnotation after redaction",
    )
    group.add_argument("--date-shift-zero", action="store_true", help="let 0 days be a possible shift of dates")
    group.add_argument(
        "--ocr-thorough", action="store_true", help="look for small and faint text in pixels, in twice the time"
    )
    group.add_argument(
        "--lossy-output",
        choices=LOSSY_OUTPUTS,
        default=defaults.lossy_output,
        help="what a lossy image becomes when its pixels are redacted (default: %(default)s VR Little Endian)",
    )


def _require_paths(options: argparse.Namespace) -> None:
    if options.input is None or options.output is None:
        raise UsageError("INPUT and OUTPUT are required, unless --explain is given")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _profile(options: argparse.Namespace) -> Profile:
    engine = EngineOptions(
        edition=options.edition,
        mark_deidentified=options.mark,
        date_shift_zero=options.date_shift_zero,
        ocr_thorough=options.ocr_thorough,
        finders=tuple(options.finder),
        lossy_output=options.lossy_output,
    )
    try:
        ring = KeyRing.load(options.key_ring) if options.key_ring else None
    except KeyRingError as error:
        raise UsageError(f"--key-ring: {error}") from error
    keys = KeySource(secrets.token_bytes(OPERATION_KEY_BYTES), ring)
    try:
        text = options.config.read_text(encoding="utf-8")
        return compile_config(json.loads(text, object_pairs_hook=_without_repeats), options=engine, keys=keys)
    except OSError as error:
        raise UsageError(f"--config cannot be read: {error.strerror}") from error
    except RepeatedField as error:
        raise UsageError("--config has an object with the same field twice; keep one") from error
    except ConfigError as error:
        raise UsageError(f"--config is not usable: {error}") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON
        raise UsageError("--config is not JSON in UTF-8") from error


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise RepeatedField
    return fields


def _inputs(path: Path) -> Iterator[Path]:
    """The files to de-identify, in the order of their paths."""
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise UsageError("INPUT does not exist, or is neither file nor folder")
    found = False
    for folder, subfolders, names in os.walk(path, onerror=_unreadable):
        subfolders.sort()
        for name in sorted(names):
            found = True
            yield Path(folder, name)
    if not found:
        raise UsageError("INPUT holds no files")


def _unreadable(error: OSError) -> NoReturn:
    raise UsageError(f"a folder in INPUT cannot be read: {error.strerror}") from error


def _check_output(source: Path, output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise UsageError("OUTPUT is a file; give a folder")
    inside, outside = output.resolve(), source.resolve()
    if source.is_dir() and (inside.is_relative_to(outside) or outside.is_relative_to(inside)):
        raise UsageError("INPUT and OUTPUT lie within each other; give a folder elsewhere as OUTPUT")
    try:
        output.mkdir(parents=True, exist_ok=True)
        occupied = any(output.iterdir())
    except OSError as error:
        raise UsageError(f"OUTPUT cannot be used: {error.strerror}") from error
    if occupied:
        raise UsageError("OUTPUT is not empty; give a new folder, so that results of two runs do not mix")


def _run(profile: Profile, inputs: list[Path], options: argparse.Namespace) -> int:
    progress = Progress(len(inputs), sys.stderr)
    written = failed = 0
    work = Path(tempfile.mkdtemp(prefix=".partial-", dir=options.output))
    try:
        for done in deidentify_files(inputs, work, profile, options.jobs):
            reason = done.reason or _file(done, options.output)
            written += reason is None
            failed += reason is not None
            if reason is not None:
                progress.line(f"{_shown(inputs[done.index], options.input)}: {reason}")
            progress.advance()
    finally:
        progress.close()
        shutil.rmtree(work, ignore_errors=True)
    summary = f"{len(inputs):,} files: {written:,} de-identified, {failed:,} failed ({profile.name})"
    sys.stdout.write(f"{summary}\n")
    return FAILED if failed else 0


def _file(done: Done, output: Path) -> str | None:
    """Put a result where its UIDs say; a sentence when there is one already."""
    outcome = done.outcome
    assert outcome is not None  # noqa: S101 - there is no reason why not
    folder = output / outcome.study_instance_uid / outcome.series_instance_uid
    destination = folder / f"{outcome.sop_instance_uid}.dcm"
    if destination.exists():
        return DUPLICATE
    folder.mkdir(parents=True, exist_ok=True)
    done.path.rename(destination)
    return None


def _shown(path: Path, source: Path) -> str:
    """A path relative to INPUT on one line, whatever characters it has."""
    relative = path.relative_to(source) if path != source else Path(path.name)
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in str(relative))
