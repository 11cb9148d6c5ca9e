"""Every flag, defined and checked in one place. Beam's own flags are accepted beside them; unknown ones are refused."""

from __future__ import annotations

import argparse
import difflib
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from apache_beam.options.pipeline_options import (
    DirectOptions,
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    StandardOptions,
)

from pipeline.model.errors import Refused
from pipeline.model.names import DicomStoreName
from pipeline.model.outcome import Outcome
from pipeline.services.healthcare import DEFAULT_ENDPOINT
from pipeline.services.tables import TableName

USAGE = "python -m pipeline --source_store NAME --destination_store NAME --input GLOB \\\n" + (
    " " * 26 + "--deidentify_config FILE --work_dir gs://BUCKET/PREFIX [flags] [Beam's flags]\n"
    "       python -m pipeline status --work_dir gs://BUCKET/PREFIX --run_id ID"
)
DESCRIPTION = """De-identifies the DICOM instances named in text manifests through the Cloud Healthcare API and
leaves one audit row for each. Running the same command with the same --run_id again resumes the run."""
EPILOG = """exit status: 0 every instance asked for is accounted for and nothing is FAILED, REJECTED or UNKNOWN;
1 the run ended otherwise (see the account); 2 refused before anything was launched; 3 the run broke off: the same
command with the same --run_id goes on; 130 or 143 interrupted by Ctrl-C or SIGTERM: resume the same way.

Cloud Storage and BigQuery are redirected by Google's own variables STORAGE_EMULATOR_HOST and BIGQUERY_EMULATOR_HOST,
the Healthcare API by --healthcare_endpoint. Beam's flags (--runner, --temp_location, --region, ...) are documented at
https://beam.apache.org/documentation/runners/dataflow/."""

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
LOCAL_BATCH_RUNNER = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"
# Plain DirectRunner would first try to download another runner; the others here all mean "on this machine".
_LOCAL_RUNNERS = {None, "", "DirectRunner", "FnApiRunner", "BundleBasedDirectRunner", LOCAL_BATCH_RUNNER}


def boolean(text: str) -> bool:
    """`--flag`, `--flag=true`, `--flag=false`: flex templates pass every parameter with a value."""
    lowered = text.lower()
    if lowered in {"true", "1", "yes"}:
        return True
    if lowered in {"false", "0", "no"}:
        return False
    raise argparse.ArgumentTypeError(f"expected true or false, got {text!r}")


def _positive(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError("expected a whole number of at least 1")
    return value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 86_400:
        raise argparse.ArgumentTypeError("expected seconds, more than 0 and less than a day")
    return value


def _store(text: str) -> DicomStoreName:
    try:
        return DicomStoreName.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _gs_prefix(text: str) -> str:
    if not re.fullmatch(r"gs://[a-z0-9][a-z0-9._-]+(/.+)?/?", text):
        raise argparse.ArgumentTypeError("expected gs://BUCKET/PREFIX")
    return text.rstrip("/")


def _table(text: str) -> str:
    try:
        TableName.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _run_id(text: str) -> str:
    if not RUN_ID.fullmatch(text):
        raise argparse.ArgumentTypeError("expected 1 to 63 letters, digits, - and _, starting with a letter or digit")
    return text


def _outcomes(text: str) -> frozenset[Outcome]:
    try:
        return frozenset(Outcome(word.strip().upper()) for word in text.split(",") if word.strip())
    except ValueError:
        raise argparse.ArgumentTypeError("expected a list such as rejected,unknown") from None


def _parser(kind: type[argparse.ArgumentParser] = argparse.ArgumentParser, **arguments: Any) -> argparse.ArgumentParser:
    """A parser of this pipeline's flags alone.

    Not a PipelineOptions subclass: Beam's test options have a --dry_run of their own, and both cannot be in one parser.
    """
    parser = kind(prog="python -m pipeline", allow_abbrev=False, **arguments)
    where = parser.add_argument_group("what to de-identify, and where to")
    name = "projects/P/locations/L/datasets/D/dicomStores/S"
    where.add_argument("--source_store", type=_store, metavar="NAME", help=f"store to read, {name}")
    where.add_argument(
        "--destination_store",
        type=_store,
        metavar="NAME",
        help="store to write; must exist, same location as source",
    )
    where.add_argument(
        "--input",
        metavar="GLOB",
        help="text manifests, plain or gzip, gs:// or local; a line names a study, a series or an instance of the "
        "source store as /studies/{uid}[/series/{uid}[/instances/{uid}]], as a resource name or as a DICOMweb URL",
    )
    where.add_argument(
        "--deidentify_config",
        metavar="FILE",
        help="DeidentifyConfig as JSON or YAML, path or gs:// URI; `dicomTagConfig` goes to v1beta1, `dicom` to v1",
    )
    where.add_argument(
        "--filter_level",
        choices=["instance", "series", "study"],
        default="instance",
        help="width of the operation's filter lines; series and study first complete the list from the store "
        "(default: instance, exactly what was asked for)",
    )
    where.add_argument(
        "--skip_occupied",
        type=boolean,
        nargs="?",
        const=True,
        default=False,
        metavar="BOOL",
        help="accept instances the destination already holds without evidence of this configuration as SKIPPED "
        "(default: UNKNOWN, reason DESTINATION_OCCUPIED)",
    )

    record = parser.add_argument_group("the record")
    record.add_argument(
        "--work_dir", type=_gs_prefix, metavar="gs://BUCKET/PREFIX", help="the ledger; holds UIDs, protect it"
    )
    record.add_argument("--run_id", type=_run_id, metavar="ID", help="resumes a run of this id (default: a new one)")
    record.add_argument(
        "--audit_table", type=_table, metavar="PROJECT:DATASET.TABLE", help="BigQuery table, created when missing"
    )
    record.add_argument(
        "--audit_output",
        metavar="PATH",
        help="rows as JSON lines: a folder or gs:// prefix that fills while the run goes on, or one file ending in "
        ".jsonl, assembled when it ends",
    )
    record.add_argument(
        "--tolerate_outcomes",
        type=_outcomes,
        default=frozenset(),
        metavar="LIST",
        help="outcomes that do not spoil exit status 0, for example rejected,unknown",
    )

    pace = parser.add_argument_group("size and pace")
    pace.add_argument(
        "--max_instances_per_batch",
        type=_positive,
        default=10_000,
        metavar="N",
        help="whole studies are packed up to this; a larger study is a batch of its own (default: 10000)",
    )
    pace.add_argument(
        "--split_large_studies",
        type=boolean,
        nargs="?",
        const=True,
        default=False,
        metavar="BOOL",
        help="divide a study over the limit by series instead (default: false)",
    )
    pace.add_argument(
        "--max_concurrent_operations",
        type=_positive,
        default=5,
        metavar="N",
        help="operations in flight over the whole job; Google advises about 5 (default: 5)",
    )
    pace.add_argument(
        "--poll_interval_secs", type=_seconds, default=10.0, metavar="SECS", help="between two looks (default: 10)"
    )
    pace.add_argument(
        "--launch_settle_secs",
        type=_seconds,
        default=180.0,
        metavar="SECS",
        help="after a launch without an answer, how long its operation may still turn up (default: 180)",
    )

    other = parser.add_argument_group("other")
    other.add_argument(
        "--healthcare_endpoint", default=DEFAULT_ENDPOINT, metavar="URL", help=f"default: {DEFAULT_ENDPOINT}"
    )
    other.add_argument(
        "--dry_run",
        type=boolean,
        nargs="?",
        const=True,
        default=False,
        metavar="BOOL",
        help="print what would happen and touch nothing",
    )
    return parser


_REQUIRED = ("source_store", "destination_store", "input", "deidentify_config", "work_dir")


def help_text() -> str:
    """What --help prints."""
    return _parser(
        usage=USAGE,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).format_help()


def parse_options(argv: Sequence[str]) -> tuple[argparse.Namespace, PipelineOptions]:
    """Parse ours and Beam's flags; raise Refused for unknown, missing, contradictory or illegal ones, all named."""
    parser = _parser(_QuietParser, add_help=False)
    own, others = parser.parse_known_args(list(argv))
    _refuse_unknown(others, known=[option for action in parser._actions for option in action.option_strings])  # noqa: SLF001
    missing = [f"--{name}" for name in _REQUIRED if not getattr(own, name)]
    if missing:
        raise Refused(f"missing {', '.join(missing)}. See python -m pipeline --help")
    if own.source_store == own.destination_store:
        raise Refused("--destination_store is the source store: de-identified instances need a store of their own")
    if own.source_store.location != own.destination_store.location:
        raise Refused(
            f"--destination_store is in {own.destination_store.location}, the source store in "
            f"{own.source_store.location}: an operation writes inside its own location only. Create the destination "
            "there: gcloud healthcare dicom-stores create STORE --dataset=DATASET "
            f"--location={own.source_store.location}"
        )
    beam_options = PipelineOptions(others)
    _pin_runner(beam_options)
    if own.run_id is None:
        own.run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    return own, beam_options


class _QuietParser(argparse.ArgumentParser):
    """Raises instead of printing usage and leaving."""

    def error(self, message: str) -> Any:
        raise Refused(f"{message}. See python -m pipeline --help")


def _refuse_unknown(others: Sequence[str], known: list[str]) -> None:
    """Beam drops flags it does not know with a warning; a misspelt one must not change what a run does."""
    parser = _QuietParser(allow_abbrev=False, add_help=False, conflict_handler="resolve")
    for options_class in PipelineOptions.__subclasses__():
        options_class._add_argparse_args(parser)  # noqa: SLF001 - Beam's name for a class's own flags
    _, unknown = parser.parse_known_args(list(others))
    if unknown:
        known = known + [option for action in parser._actions for option in action.option_strings]  # noqa: SLF001
        word = unknown[0].partition("=")[0]
        near = difflib.get_close_matches(word, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise Refused(f"unknown flag {word}{hint}. See python -m pipeline --help")


def _pin_runner(options: PipelineOptions) -> None:

    standard = options.view_as(StandardOptions)
    options.view_as(SetupOptions).save_main_session = False  # every DoFn lives in a module of the package
    if standard.runner in _LOCAL_RUNNERS:
        standard.runner = LOCAL_BATCH_RUNNER
    if options.view_as(DirectOptions).direct_running_mode == "multi_threading":
        raise Refused("--direct_running_mode=multi_threading repeats timers and launches twice: leave it out")


def runs_locally(options: PipelineOptions) -> bool:
    """Whether the pipeline runs inside this process."""

    return options.view_as(StandardOptions).runner == LOCAL_BATCH_RUNNER


def only_stages_a_template(options: PipelineOptions) -> bool:
    """Whether Beam writes a template instead of running a job (a flex template's launcher starts it afterwards)."""
    return bool(options.view_as(GoogleCloudOptions).template_location)
