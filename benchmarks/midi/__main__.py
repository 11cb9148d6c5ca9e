"""Score configurations and other tools on a generated set with planted identifiers.

    python -m benchmarks.midi                                    each configuration in templates/configs
    python -m benchmarks.midi --config my.json --instances 200   one of yours; may be given several times
    python -m benchmarks.midi --peer dicognito --peer-python ENV/bin/python
    python -m benchmarks.midi --write-set FOLDER                 the set and its key, for a tool that runs elsewhere
    python -m benchmarks.midi --submission OUTPUTS --set FOLDER  its outputs, under the names of the inputs

Printed are the checks passed, in percent: for each of the ten checks, each category, and all. `identity` changes
nothing and `nothing` writes nothing: what a score means lies between these two. Exit status: 0, or 2 when the call
cannot be carried out.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.midi import contestants, report
from benchmarks.midi.answer_key import AnswerKey
from benchmarks.midi.contestants import Contestant, PeerFailed
from benchmarks.midi.generate import DEFAULT_INSTANCES, write_set
from benchmarks.midi.ocr import reader
from benchmarks.midi.scan import leaks
from benchmarks.midi.score import Result, score
from emulator.deidentify import ConfigError
from emulator.deidentify.options import EDITIONS, EngineOptions

CONFIGS = Path(__file__).parents[2] / "templates" / "configs"
KEY_NAME = "answer_key.json"


class UsageError(Exception):
    """The call cannot be carried out; the message tells what to change."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.write_set:
            key = _written(options.write_set, options)
            print(f"{len(key.instances):,} instances and {KEY_NAME} in {options.write_set}")
            return 0
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            _compare(Path(folder), options)
    except (UsageError, PeerFailed) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.midi", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, action="append", default=[], help="a DeidentifyConfig, as JSON")
    parser.add_argument("--peer", choices=contestants.PEERS, action="append", default=[], help="another tool")
    parser.add_argument("--peer-python", type=Path, metavar="PATH", help="interpreter of the environment that has it")
    parser.add_argument("--submission", type=Path, metavar="FOLDER", help="outputs of a tool that ran elsewhere")
    parser.add_argument("--set", type=Path, metavar="FOLDER", help="a set made with --write-set; default: a new one")
    parser.add_argument("--write-set", type=Path, metavar="FOLDER", help="write the set and its key, and stop")
    parser.add_argument("--baselines", action="store_true", help="score identity and nothing too")
    parser.add_argument("--instances", type=_positive, default=DEFAULT_INSTANCES, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--edition", choices=EDITIONS, default=EDITIONS[0], help="of PS3.15 (default: %(default)s)")
    parser.add_argument("--jobs", type=_positive, default=1, help="processes of this engine (default: %(default)s)")
    parser.add_argument("--failures", type=int, default=0, metavar="N", help="list the N most frequent failures")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the scores there, too")
    parser.add_argument("--folder", type=Path, help="where temporary files go")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


def _written(folder: Path, options: argparse.Namespace) -> AnswerKey:
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("the folder for the set is not empty; give a new one")
    key = write_set(folder, options.seed, options.instances)
    key.save(folder / KEY_NAME)
    return key


def _compare(work: Path, options: argparse.Namespace) -> None:
    asked = _contestants(options)
    source, key = _set(work, options)
    read = reader()
    if read is None:
        sys.stderr.write("no OCR packages (requirements/pixels.txt): text is hidden only where one colour covers it\n")
    scores: dict[str, list[Result]] = {}
    leaked: dict[str, int] = {}
    missing: dict[str, int] = {}
    for name, contestant in asked.items():
        out = work / f"out-{len(scores)}"
        out.mkdir()
        contestant(source, out)
        scores[name] = score(key, out, read)
        leaked[name] = sum(map(len, leaks(key.planted(), out).values()))
        missing[name] = sum(not (out / one.file).is_file() for one in key.instances)
    print(f"{len(key.instances):,} instances, seed {key.seed}; checks passed in percent")
    print(report.table(scores, leaked, missing))
    if options.failures:
        for name, results in scores.items():
            print(f"\n{name} fails most often\n{report.failures(results, options.failures)}")
    if options.json:
        body = {name: report.as_json(ones, leaked[name], missing[name]) for name, ones in scores.items()}
        options.json.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


def _set(work: Path, options: argparse.Namespace) -> tuple[Path, AnswerKey]:
    if options.set is None:
        return work / "in", _written(work / "in", options)
    try:
        return options.set, AnswerKey.load(options.set / KEY_NAME)
    except (OSError, ValueError) as error:
        raise UsageError(f"--set holds no usable {KEY_NAME}: {error}") from error


def _contestants(options: argparse.Namespace) -> dict[str, Contestant]:
    """By name: what the options ask for, or each ready configuration."""
    asked: dict[str, Contestant] = {}
    configs = options.config
    if not configs and not options.peer and not options.submission:
        configs = sorted(CONFIGS.glob("*.json"))
    for config in configs:
        try:
            asked[config.stem] = contestants.engine(config, EngineOptions(edition=options.edition), options.jobs)
        except ConfigError as error:
            raise UsageError(f"{config.name} is not usable: {error}") from error
        except (OSError, ValueError) as error:
            raise UsageError(f"{config.name} cannot be read as JSON") from error
    for name in options.peer:
        asked[name] = contestants.peer(name, options.peer_python)
    if options.submission:
        if options.set is None:
            raise UsageError("--submission is scored against the set it was made from; name it with --set")
        asked["submission"] = contestants.copied(options.submission)
    if options.baselines:
        asked |= {"identity": contestants.identity, "nothing": contestants.nothing}
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
