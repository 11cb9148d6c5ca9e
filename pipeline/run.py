"""python -m pipeline: parse -> preflight -> claim the run -> build -> wait -> the account -> exit status."""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineState

from pipeline import preflight, status
from pipeline.audit.account import close_account
from pipeline.audit.deliver import assemble, is_single_file
from pipeline.batching.stage import plan_counters
from pipeline.build import build_execution, build_plan
from pipeline.config import DeidentifyConfig
from pipeline.ledger.ledger import Attempt, Ledger
from pipeline.ledger.records import Plan, RunRecord
from pipeline.model.account import Account
from pipeline.model.errors import Refused, RunBroken
from pipeline.model.outcome import Outcome
from pipeline.options import help_text, only_stages_a_template, parse_options, runs_locally
from pipeline.report import Progress, account_text, forecast_text
from pipeline.services.clock import Clock, timestamp
from pipeline.services.connections import Addresses, Connections
from pipeline.services.credentials import use_local_credentials
from pipeline.services.retry import ServiceError
from pipeline.settings import RunSettings
from pipeline.version import __version__

LOG = logging.getLogger(__name__)

STATUS_HINT = "See how it goes with: python -m pipeline status --work_dir={} --run_id={}"
_STILL_GOING = {PipelineState.UNKNOWN, PipelineState.RUNNING, PipelineState.PENDING, PipelineState.STARTING}
EXIT_OK, EXIT_NOT_CLEAN, EXIT_REFUSED, EXIT_BROKEN = 0, 1, 2, 3
# A person is waiting at the start of a run; workers are far more patient (retry.DEADLINE_SECS).
PREFLIGHT_DEADLINE_SECS = 15.0


def main(argv: Sequence[str]) -> int:
    """Run the command; returns its exit status. An error is said as one sentence with the cure."""
    _configure_logging()
    if any(word in {"-h", "--help"} for word in argv):
        _say(help_text())
        return EXIT_OK
    if argv and argv[0] == "status":
        return status.main(argv[1:])
    run_id = None
    try:
        options, beam_options = parse_options(argv)
        run_id = options.run_id
        _leave_on_signals(run_id)
        return _run(options, beam_options)
    except Exception as error:  # noqa: BLE001 - the last line of defence: nothing unchecked may be printed
        cause = _known_cause(error)
        if isinstance(cause, Refused):
            _say(f"refused: {cause}")
            return EXIT_REFUSED
        _say(f"run {run_id} broke off: {cause}. The same command with --run_id={run_id} goes on")
        return EXIT_BROKEN


def _run(options: argparse.Namespace, beam_options: PipelineOptions) -> int:
    use_local_credentials(options.healthcare_endpoint, options.source_store.project)
    addresses = Addresses(options.source_store.project, options.healthcare_endpoint)
    connections = Connections(addresses, deadline_secs=PREFLIGHT_DEADLINE_SECS)
    try:
        config = preflight.read_config(options.deidentify_config, connections)
        _preflight(options, beam_options, config, connections)
        settings = _settings(options, config, connections.addresses)
        ledger = Ledger(connections.objects, options.work_dir)
        if options.dry_run:
            return _dry_run(settings, options, beam_options, ledger)
        _claim(ledger, settings, options, connections.clock)
        plan = ledger.plan(settings.run_id)
        _say(f"run {settings.run_id}: {'resuming' if plan else 'starting'}")
        state = _execute(settings, options, beam_options, ledger, plan)
        if only_stages_a_template(beam_options):
            _say(f"run {settings.run_id}: staged. {STATUS_HINT.format(options.work_dir, settings.run_id)}")
            return EXIT_OK
        if state != PipelineState.DONE:
            _say(f"run {settings.run_id}: the job is {state}. {STATUS_HINT.format(options.work_dir, settings.run_id)}")
            return EXIT_OK if state in _STILL_GOING else EXIT_BROKEN
        return _finish(options, connections, ledger)
    finally:
        connections.close()


def _preflight(
    options: argparse.Namespace, beam_options: PipelineOptions, config: DeidentifyConfig, connections: Connections
) -> None:
    for warning in config.warnings:
        LOG.warning("%s", warning)
    local = runs_locally(beam_options)
    if not local and not options.deidentify_config.startswith("gs://"):
        raise Refused("--deidentify_config must be a gs:// URI on a distributed runner: workers read it where it lies")
    if not local and options.audit_output and not options.audit_output.startswith("gs://"):
        raise Refused("--audit_output must be a gs:// prefix on a distributed runner")
    preflight.check_stores(connections, options.source_store, options.destination_store)
    preflight.check_work_dir(connections.objects, options.work_dir)
    preflight.check_input(options.input)
    if options.audit_table:
        preflight.prepare_audit_table(connections, options.audit_table, create=not options.dry_run)
    for warning in preflight.warnings_about_operations(connections, config.api_version, options.source_store):
        LOG.warning("%s", warning)


def _settings(options: argparse.Namespace, config: DeidentifyConfig, addresses: Addresses) -> RunSettings:
    return RunSettings(
        run_id=options.run_id,
        source=options.source_store,
        destination=options.destination_store,
        work_dir=options.work_dir,
        config_uri=options.deidentify_config,
        config_digest=config.digest,
        api_version=config.api_version,
        uid_plan=config.uid_plan,
        addresses=addresses,
        pipeline_version=__version__,
        max_instances_per_batch=options.max_instances_per_batch,
        max_concurrent_operations=options.max_concurrent_operations,
        poll_interval_secs=options.poll_interval_secs,
        launch_settle_secs=options.launch_settle_secs,
        filter_level=options.filter_level,
        split_large_studies=options.split_large_studies,
        skip_occupied=options.skip_occupied,
        single_operation_reason=preflight.single_operation_reason(config),
        audit_table=options.audit_table,
        audit_output=options.audit_output,
        dry_run=options.dry_run,
    )


_DECIDE_THE_PLAN = ("config_digest", "filter_level", "max_instances_per_batch", "split_large_studies", "skip_occupied")


def _claim(ledger: Ledger, settings: RunSettings, options: argparse.Namespace, clock: Clock) -> None:
    """Write run.json, or find it; a resume must ask for the same work."""
    flags = {
        "source_store": str(settings.source),
        "destination_store": str(settings.destination),
        "input": options.input,
        **{name: getattr(settings, name) for name in _DECIDE_THE_PLAN},
    }
    found = ledger.claim_run(RunRecord(settings.run_id, timestamp(clock.now()), __version__, flags))
    if different := [name for name in flags if found.flags.get(name) != flags[name]]:
        raise Refused(
            f"run {settings.run_id} was started with another {', '.join(different)}. Give the same values to resume "
            "it, or another --run_id for a new run"
        )


def _execute(
    settings: RunSettings,
    options: argparse.Namespace,
    beam_options: PipelineOptions,
    ledger: Ledger,
    plan: Plan | None,
) -> str:
    """Plan (unless an earlier process froze one) and run the operations; returns Beam's state."""
    others = ledger.open_attempts()
    mine = frozenset(attempt.intent.batch_id for attempt in others if attempt.intent.run_id == settings.run_id)
    pipeline = beam.Pipeline(options=beam_options)
    if plan is None:
        shards = build_plan(pipeline, settings, options.input, _held_by_others(ledger, settings, others))
    else:
        settings = replace(settings, recheck_destination=True, reattach_first=mine)
        shards = pipeline | "Frozen plan" >> beam.Create(list(plan.shards))
    build_execution(shards, settings)
    with Progress(ledger, settings.run_id):
        result = pipeline.run()
        return str(result.wait_until_finish() or result.state)


def _held_by_others(ledger: Ledger, settings: RunSettings, attempts: list[Attempt]) -> tuple[str, ...]:
    """Instances files of batches that other runs have in flight between the same stores."""
    return tuple(
        ledger.instances_file(attempt)
        for attempt in attempts
        if attempt.intent.run_id != settings.run_id
        and attempt.intent.source_store == str(settings.source)
        and attempt.intent.destination_store == str(settings.destination)
    )


def _dry_run(settings: RunSettings, options: argparse.Namespace, beam_options: PipelineOptions, ledger: Ledger) -> int:
    pipeline = beam.Pipeline(options=beam_options)
    held = _held_by_others(ledger, settings, ledger.open_attempts())
    build_plan(pipeline, settings, options.input, held)
    result = pipeline.run()
    result.wait_until_finish()
    _say(forecast_text(plan_counters(result.metrics()), settings.max_concurrent_operations))
    return EXIT_OK


def _finish(options: argparse.Namespace, connections: Connections, ledger: Ledger) -> int:
    run_id = options.run_id
    if ledger.plan(run_id) is None:
        raise Refused(f"--input {options.input}: no line names anything to de-identify (only blank lines and comments)")
    account = close_account(ledger, run_id)
    account_uri = ledger.layout.run(run_id, "account.json")
    ledger.objects.put(account_uri, (json.dumps(account.to_dict(), indent=2) + "\n").encode())
    places = {"account": account_uri, "ledger": options.work_dir}
    if options.audit_table:
        places["audit table"] = options.audit_table
    if options.audit_output:
        places["audit rows"] = options.audit_output
        if is_single_file(options.audit_output):
            assemble(ledger, connections.objects, run_id, options.audit_output)
    _say(account_text(account, places))
    return exit_status(account, options.tolerate_outcomes)


def exit_status(account: Account, tolerated: Iterable[Outcome]) -> int:
    """0 when the account balances and only tolerated outcomes spoil it, else 1."""
    return EXIT_OK if account.acceptable(tolerated) else EXIT_NOT_CLEAN


# On the local runner an exception of a worker arrives as the text of its traceback.
_WORKER_ERROR = re.compile(
    r"pipeline\.model\.errors\.(?P<type>Refused|RunBroken): "
    r"(?:(?P<message>[^\[]*?(?:\[(?!while running)[^\[]*?)*?) \[while running|(?P<line>.*))"
)


def _known_cause(error: BaseException) -> Exception:
    """Our own error inside whatever Beam made of it; for any other only the type's name, its text may hold anything."""
    if isinstance(error, (Refused, RunBroken)):
        return type(error)(str(error).partition(" [while running")[0])
    if match := _WORKER_ERROR.search(str(error)):
        return {"Refused": Refused, "RunBroken": RunBroken}[match["type"]](match["message"] or match["line"])
    if isinstance(error, ServiceError):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return RunBroken(type(error).__name__ + where)


def _leave_on_signals(run_id: str) -> None:
    """End at once on Ctrl-C and SIGTERM: the ledger is whole at every moment, and Beam would log a traceback first."""

    def leave(number: int, _frame: object) -> None:
        text = f"interrupted; running operations go on. The same command with --run_id={run_id} resumes\n"
        os.write(sys.stdout.fileno(), text.encode())  # print may be in the middle of a line of its own
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)


def _configure_logging() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("pipeline").setLevel(logging.INFO)


def _say(text: str) -> None:
    try:
        print(text, flush=True)  # noqa: T201 - the command's own output
    except BrokenPipeError:  # nobody reads on; the work does not depend on it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
