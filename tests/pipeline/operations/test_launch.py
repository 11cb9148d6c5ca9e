"""Launch once: the real ledger on the embedded Cloud Storage, the API behind real HTTP that fails as told."""

from __future__ import annotations

import dataclasses
import itertools
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipeline.config import DeidentifyConfig, load_config
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.records import AttemptResult, Intent, OperationRecord, Plan
from pipeline.model.batch import Batch
from pipeline.model.outcome import Outcome, Reason
from pipeline.operations.launch import Later, Launcher, NotLaunched, Over, Running
from pipeline.services.clock import timestamp
from pipeline.services.healthcare import HealthcareApi, open_healthcare
from pipeline.services.objects import Objects
from pipeline.services.retry import ServiceError
from pipeline.settings import RunSettings

DATASET = "projects/p/locations/us-central1/datasets/d"
CONFIG = {"dicomTagConfig": {"profileType": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}
LINES = ["/studies/1.2/series/1.3/instances/1.4", "/studies/1.2/series/1.3/instances/1.5"]


@dataclass
class Api:
    """The operations of a dataset, as the API shows them: started by POST, listed, done when the test says so."""

    server: Any
    answer: Any
    clock: Any
    operations: list[dict[str, Any]] = field(default_factory=list)
    visible: bool = True
    list_status: int = 200
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self, request: Any) -> Any:
        if request.method == "POST":
            return self.answer.of({"name": self.create()})
        if self.list_status != 200:
            return self.answer.error(self.list_status, "PERMISSION_DENIED")
        return self.answer.of({"operations": self.operations if self.visible else []})

    def create(self, **changes: Any) -> str:
        """Start an operation, created now."""
        name = f"{DATASET}/operations/{next(self._numbers)}"
        metadata = {
            "apiMethodName": "google.cloud.healthcare.v1beta1.dicom.DicomService.DeidentifyDicomStore",
            "createTime": timestamp(max(self.clock.now(), time.time()) + 0.001),
        }
        self.operations.append({"name": name, "metadata": metadata, **changes})
        return name

    def finish_all(self) -> None:
        """All operations are over."""
        for operation in self.operations:
            operation["done"] = True

    def lose_answer(self, _request: Any) -> Any:
        """Start the operation, and hang up instead of answering."""
        self.create()
        return self.answer(drop=True)

    @property
    def posts(self) -> list[Any]:
        """Every POST that arrived."""
        return [request for request in self.server.requests if request.method == "POST"]


@pytest.fixture
def api(server: Any, answer: Any, clock: Any) -> Api:
    # Intents are dated by Cloud Storage, which has the real time.
    clock.time = time.time()
    double = Api(server, answer, clock)
    server.always = double
    return double


@pytest.fixture
def healthcare(server: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[HealthcareApi]:
    client = open_healthcare(server.url, clock)
    yield client
    client.close()


@pytest.fixture
def ledger(objects: Objects, bucket: str) -> Ledger:
    return Ledger(objects, f"{bucket}/work")


@pytest.fixture
def config() -> DeidentifyConfig:
    return load_config(json.dumps(CONFIG), name="deid.json", operations_may_exceed_one=True)


@pytest.fixture
def launcher(
    settings: RunSettings, config: DeidentifyConfig, ledger: Ledger, healthcare: HealthcareApi, clock: Any
) -> Callable[..., Launcher]:
    """A launcher of run-1; `missing` is what the destination still lacks of every batch (None: everything)."""

    def build(missing: Any = None, **changes: Any) -> Launcher:
        own = dataclasses.replace(settings, work_dir=ledger.layout.work_dir, config_digest=config.digest, **changes)
        lacks = missing if callable(missing) else lambda _batch: missing
        return Launcher(own, config, ledger, healthcare, clock, lacks)

    return build


@pytest.fixture
def batch(ledger: Ledger) -> Batch:
    return make_batch(ledger, 1)


def make_batch(ledger: Ledger, number: int) -> Batch:
    batch_id = f"{number:024x}"
    uri = ledger.layout.batch(batch_id, "filter.txt")
    ledger.objects.create(uri, ("\n".join(LINES) + "\n").encode())
    return Batch(batch_id, 1, len(LINES), uri, uri)


def close_attempt(ledger: Ledger, batch: Batch, number: int, run_id: str = "run-1") -> None:
    result = AttemptResult(run_id, None, None, {}, "gs://b/audit.jsonl", timestamp(0))
    ledger.objects.create(ledger.layout.attempt(batch.batch_id, number, "result.json"), result.to_bytes())


def kinds(ledger: Ledger, batch: Batch) -> set[str]:
    """The names of an attempt's objects, without the folder."""
    prefix = ledger.layout.batch(batch.batch_id, "")
    return {info.uri.removeprefix(prefix) for info in ledger.objects.list(f"{prefix}attempt-")}


# The plain way.


def test_a_new_batch_is_launched_with_one_post(launcher: Any, batch: Batch, api: Api) -> None:
    assert launcher().start(batch) == Running(1, api.operations[0]["name"], batch.filter_file, fresh=True)
    assert len(api.posts) == 1


def test_the_post_names_source_destination_configuration_and_filter_file(launcher: Any, batch: Batch, api: Api) -> None:
    launcher().start(batch)
    [post] = api.posts
    assert post.path == f"/v1beta1/{DATASET}/dicomStores/source:deidentify"
    assert post.json() == {
        "destinationStore": f"{DATASET}/dicomStores/destination",
        "config": CONFIG,
        "filterConfig": {"resourcePathsGcsUri": batch.filter_file},
    }


def test_the_intent_is_in_the_ledger_before_the_post_is_sent(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, server: Any
) -> None:
    seen: list[set[str]] = []

    def look(request: Any) -> Any:
        seen.append(kinds(ledger, batch))
        return api(request)

    server.answers = [look]
    launcher().start(batch)
    assert seen == [{"attempt-1.intent.json"}]


def test_the_operations_name_is_in_the_ledger_after_the_post(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger
) -> None:
    launcher().start(batch)
    [attempt] = ledger.attempts(batch.batch_id)
    assert attempt.operation is not None
    assert (attempt.operation.operation, attempt.operation.adopted) == (api.operations[0]["name"], False)


def test_the_intent_tells_what_was_to_be_launched(launcher: Any, batch: Batch, api: Api, ledger: Ledger) -> None:
    launcher().start(batch)
    [attempt] = ledger.attempts(batch.batch_id)
    told = dataclasses.asdict(attempt.intent)
    assert {name: told[name] for name in ("run_id", "batch_id", "attempt", "filter_file", "api_version")} == {
        "run_id": "run-1",
        "batch_id": batch.batch_id,
        "attempt": 1,
        "filter_file": batch.filter_file,
        "api_version": "v1beta1",
    }


def test_starting_again_finds_the_running_operation(launcher: Any, batch: Batch, api: Api) -> None:
    first = launcher().start(batch)
    assert launcher().start(batch) == dataclasses.replace(first, fresh=False)
    assert len(api.posts) == 1


def test_an_operation_that_is_over_but_not_judged_is_polled_not_launched_again(
    launcher: Any, batch: Batch, api: Api
) -> None:
    launcher().start(batch)
    api.finish_all()
    assert isinstance(launcher().start(batch), Running)
    assert len(api.posts) == 1


# Answers that mean: not now, or never.


def test_over_quota_the_intent_is_taken_back(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, server: Any, answer: Any
) -> None:
    server.answers = [answer.error(429, "RESOURCE_EXHAUSTED")]
    assert launcher().start(batch) == Later("over quota", quota=True)
    assert kinds(ledger, batch) == set()


def test_after_the_quota_the_same_attempt_is_launched(
    launcher: Any, batch: Batch, api: Api, server: Any, answer: Any
) -> None:
    server.answers = [answer.error(429, "RESOURCE_EXHAUSTED")]
    launcher().start(batch)
    assert launcher().start(batch) == Running(1, api.operations[0]["name"], batch.filter_file, fresh=True)


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refused_launch_fails_the_batch_with_the_status(
    launcher: Any, batch: Batch, api: Api, server: Any, answer: Any, status: int
) -> None:
    server.answers = [answer.error(status, "SOME_STATUS", "CANARY")]
    refused = launcher().start(batch)
    assert refused == NotLaunched(1, Outcome.FAILED, Reason.LAUNCH_REFUSED, f"HTTP {status}")


# A POST without an answer.


@pytest.mark.parametrize("status", [None, 503])
def test_an_operation_whose_answer_was_lost_is_adopted(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, server: Any, status: int | None
) -> None:
    def lose(request: Any) -> Any:
        lost = api.lose_answer(request)
        return api.answer.error(status) if status else lost

    server.answers = [lose]
    assert launcher().start(batch) == Later("launch unconfirmed")
    assert launcher().start(batch) == Running(1, api.operations[0]["name"], batch.filter_file, fresh=True)
    assert len(api.posts) == 1
    [attempt] = ledger.attempts(batch.batch_id)
    assert attempt.operation is not None
    assert attempt.operation.adopted


def test_another_process_adopts_what_a_killed_one_launched(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, server: Any
) -> None:
    server.answers = [api.lose_answer]
    launcher().start(batch)
    running = launcher(recheck_destination=True).start(batch)
    assert running == Running(1, api.operations[0]["name"], batch.filter_file, fresh=True)
    assert len(api.posts) == 1


def test_an_operation_of_an_earlier_time_is_not_adopted(
    launcher: Any, batch: Batch, api: Api, server: Any, answer: Any
) -> None:
    name = api.create()
    api.operations[0]["metadata"]["createTime"] = timestamp(api.clock.now() - 3600)
    server.answers = [answer(drop=True)]
    launcher().start(batch)
    assert launcher().start(batch) == Later("launch unconfirmed")
    assert name == api.operations[0]["name"]
    assert len(api.posts) == 1


def test_an_operation_that_another_batch_has_as_its_own_is_not_adopted(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, server: Any, answer: Any
) -> None:
    server.answers = [answer(drop=True)]
    launcher().start(batch)
    launcher().start(make_batch(ledger, 2))
    assert launcher().start(batch) == Later("launch unconfirmed")


def test_a_post_that_never_arrived_is_not_repeated_while_it_may_still_arrive(
    launcher: Any, batch: Batch, api: Api, server: Any, answer: Any
) -> None:
    server.answers = [answer(drop=True)]
    assert launcher().start(batch) == Later("launch unconfirmed")
    for _ in range(3):
        assert launcher().start(batch) == Later("launch unconfirmed")
    assert len(api.posts) == 1


def test_a_post_that_never_arrived_is_sent_again_when_it_can_no_longer_arrive(
    launcher: Any, batch: Batch, api: Api, server: Any, answer: Any, clock: Any
) -> None:
    server.answers = [answer(drop=True)]
    launcher().start(batch)
    clock.time += 200
    assert launcher().start(batch) == Running(1, api.operations[0]["name"], batch.filter_file, fresh=True)
    assert len(api.posts) == 2


def test_a_second_unanswered_post_is_given_its_time_to_arrive_too(
    launcher: Any, batch: Batch, api: Api, server: Any, answer: Any, clock: Any
) -> None:
    server.answers = [answer(drop=True)]
    launcher().start(batch)
    clock.time += 200
    api.visible = False  # the operation is started late: no list shows it yet
    server.answers = [answer.of({"operations": []}), api.lose_answer]
    launcher().start(batch)
    assert launcher().start(batch) == Later("launch unconfirmed")
    assert len(api.posts) == 2


# Two POSTs without an answer: which operation is whose?


def test_while_two_launches_are_nameless_no_running_operation_is_adopted(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, server: Any
) -> None:
    other = make_batch(ledger, 2)
    server.answers = [api.lose_answer]
    launcher().start(batch)
    server.answers = [api.lose_answer]
    launcher().start(other)
    assert launcher().start(batch) == Later("launch unconfirmed")
    assert launcher().start(other) == Later("launch unconfirmed")
    assert len(api.posts) == 2


@pytest.fixture
def two_lost(launcher: Any, batch: Batch, api: Api, ledger: Ledger, server: Any, clock: Any) -> Batch:
    """Two launches lost their answers, and both operations are over and settled; returns the first batch."""
    for one in (batch, make_batch(ledger, 2)):
        server.answers = [api.lose_answer]
        launcher().start(one)
    api.finish_all()
    clock.time += 200
    return batch


def test_when_all_that_could_be_meant_are_over_the_destination_decides_that_it_is_done(
    launcher: Any, two_lost: Batch, api: Api
) -> None:
    assert launcher(missing=[]).start(two_lost) == Over(1, two_lost.filter_file)
    assert len(api.posts) == 2


def test_the_only_operation_is_claimed_by_the_batch_it_wrote_and_not_adopted_by_the_other(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, server: Any, answer: Any, clock: Any
) -> None:
    other = make_batch(ledger, 2)
    server.answers = [api.lose_answer]
    launcher().start(batch)
    server.answers = [answer(drop=True)]  # this POST never arrived
    launcher().start(other)
    api.finish_all()
    clock.time += 200
    written = launcher(missing=[]).start(batch)
    launched = launcher(missing=None).start(other)
    assert isinstance(written, Running)
    assert isinstance(launched, Running)
    assert written.operation != launched.operation
    assert len(api.posts) == 3


def test_when_the_destination_holds_some_of_the_batch_it_is_judged_and_not_launched_again(
    launcher: Any, two_lost: Batch, api: Api
) -> None:
    assert launcher(missing=LINES[:1]).start(two_lost) == Over(1, two_lost.filter_file)
    assert len(api.posts) == 2


def test_when_the_destination_holds_nothing_of_the_batch_it_is_launched(
    launcher: Any, two_lost: Batch, api: Api
) -> None:
    assert launcher(missing=None).start(two_lost) == Running(
        1, api.operations[-1]["name"], two_lost.filter_file, fresh=True
    )
    assert len(api.posts) == 3


# Without the list of operations.


def test_without_permission_to_list_operations_the_batch_is_left_for_a_person(
    launcher: Any, batch: Batch, api: Api, server: Any
) -> None:
    server.answers = [api.lose_answer]
    launcher().start(batch)
    api.list_status = 403
    assert launcher().start(batch) == NotLaunched(
        1, Outcome.UNKNOWN, Reason.LAUNCH_UNCONFIRMED, "operations.list denied"
    )
    assert len(api.posts) == 1


def test_while_operations_cannot_be_listed_nothing_is_launched(
    launcher: Any, batch: Batch, api: Api, server: Any, clock: Any
) -> None:
    server.answers = [api.lose_answer]
    launcher().start(batch)
    api.list_status = 503
    clock.time += 200
    with pytest.raises(ServiceError):
        launcher().start(batch)
    assert len(api.posts) == 1


# Other runs, earlier attempts.


def test_a_batch_that_another_run_has_in_flight_is_left_alone(launcher: Any, batch: Batch, api: Api) -> None:
    launcher(run_id="run-2").start(batch)
    assert launcher().start(batch) == NotLaunched(None, Outcome.UNKNOWN, Reason.HELD_BY_ANOTHER_RUN)
    assert len(api.posts) == 1


def test_a_nameless_launch_of_another_run_is_not_settled_by_this_one(
    launcher: Any, batch: Batch, api: Api, server: Any, clock: Any
) -> None:
    server.answers = [api.lose_answer]
    launcher(run_id="run-2").start(batch)
    clock.time += 200
    assert launcher().start(batch) == NotLaunched(None, Outcome.UNKNOWN, Reason.HELD_BY_ANOTHER_RUN)


def test_a_batch_this_run_closed_is_over(launcher: Any, batch: Batch, api: Api, ledger: Ledger) -> None:
    launcher().start(batch)
    close_attempt(ledger, batch, 1)
    assert launcher().start(batch) == Over(1, batch.filter_file, closed=True)
    assert len(api.posts) == 1


def test_a_batch_another_run_closed_is_launched_as_the_next_attempt(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger
) -> None:
    launcher(run_id="run-2").start(batch)
    close_attempt(ledger, batch, 1, "run-2")
    assert launcher().start(batch) == Running(2, api.operations[1]["name"], batch.filter_file, fresh=True)


def test_a_batch_this_run_closed_stays_over_whatever_another_run_does_after_it(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger
) -> None:
    launcher().start(batch)
    close_attempt(ledger, batch, 1)
    launcher(run_id="run-2").start(batch)
    assert launcher().start(batch) == Over(1, batch.filter_file, closed=True)


# A plan from an earlier process.


def test_a_resumed_batch_that_is_in_the_destination_already_is_over_without_an_attempt(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger
) -> None:
    assert launcher(missing=[], recheck_destination=True).start(batch) == Over(None, None)
    assert (len(api.posts), kinds(ledger, batch)) == (0, set())


def test_a_resumed_batch_lists_only_what_is_missing(launcher: Any, batch: Batch, api: Api, ledger: Ledger) -> None:
    running = launcher(missing=LINES[1:], recheck_destination=True).start(batch)
    own = ledger.layout.attempt(batch.batch_id, 1, "filter.txt")
    assert running == Running(1, api.operations[0]["name"], own, fresh=True)
    assert ledger.read_lines(own) == LINES[1:]
    assert api.posts[0].json()["filterConfig"] == {"resourcePathsGcsUri": own}


def test_a_resumed_batch_of_which_everything_is_missing_keeps_its_filter_file(
    launcher: Any, batch: Batch, api: Api
) -> None:
    assert launcher(missing=None, recheck_destination=True).start(batch).filter_file == batch.filter_file


def test_a_first_process_does_not_list_the_destination_again(launcher: Any, batch: Batch, api: Api) -> None:
    def fail(_batch: Batch) -> None:
        raise AssertionError("listed")

    assert isinstance(launcher(missing=fail).start(batch), Running)


# Two processes at once.


def test_of_two_processes_the_one_whose_intent_comes_second_launches_nothing(
    launcher: Any, batch: Batch, api: Api
) -> None:
    def other_process_is_faster(_batch: Batch) -> None:
        launcher().start(batch)

    late = launcher(missing=other_process_is_faster, recheck_destination=True).start(batch)
    assert late == Later("another process made this attempt")
    assert len(api.posts) == 1


def test_an_intent_whose_written_reply_was_lost_is_known_as_ones_own(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = ledger.objects.create

    def reply_lost(uri: str, data: bytes, content_type: str = "application/json") -> bool:
        """The first write arrives, its answer does not; the client writes again and meets its own object."""
        create(uri, data, content_type)
        return create(uri, data, content_type)

    monkeypatch.setattr(ledger.objects, "create", reply_lost)
    assert launcher().start(batch) == Running(1, api.operations[0]["name"], batch.filter_file, fresh=True)
    assert len(api.posts) == 1


def test_a_name_that_another_process_wrote_down_first_stands(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, server: Any
) -> None:
    def other_process_is_faster(request: Any) -> Any:
        record = OperationRecord(f"{DATASET}/operations/99", True, timestamp(0))
        ledger.objects.create(ledger.layout.attempt(batch.batch_id, 1, "operation.json"), record.to_bytes())
        return api(request)

    server.answers = [other_process_is_faster]
    assert launcher().start(batch).operation == f"{DATASET}/operations/99"


def test_every_attempt_has_an_intent_of_its_own(launcher: Any, ledger: Ledger, api: Api) -> None:
    tokens = set()
    for number in (1, 2):
        one = make_batch(ledger, number)
        launcher().start(one)
        intent = Intent.from_bytes(ledger.objects.read(ledger.layout.attempt(one.batch_id, 1, "intent.json")))
        tokens.add(intent.token)
    assert len(tokens) == 2


# Trust.


def test_no_log_line_holds_a_name_or_a_uri(
    launcher: Any, batch: Batch, api: Api, server: Any, answer: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.answers = [api.lose_answer]
    launcher().start(batch)
    launcher().start(batch)
    server.answers = [answer.error(403, "PERMISSION_DENIED", "CANARY")]
    launcher(run_id="run-2").start(dataclasses.replace(batch, batch_id="f" * 24))
    assert batch.batch_id in caplog.text
    assert not [word for word in ("CANARY", "gs://", "projects/", "http:", "1.2") if word in caplog.text]


def test_no_key_is_in_the_ledger(
    launcher: Any, batch: Batch, api: Api, ledger: Ledger, settings: RunSettings, healthcare: HealthcareApi, clock: Any
) -> None:
    key = "Q0FOQVJZIGtleSBvZiAzMiBieXRlcyBsZW5ndGghISE="
    text = {"transformations": [{"infoTypes": [], "cryptoHashConfig": {"cryptoKey": key}}]}
    body = {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "text": text}
    keyed = load_config(json.dumps(body), name="deid.json", operations_may_exceed_one=False)
    Launcher(settings, keyed, ledger, healthcare, clock, lambda _batch: None).start(batch)
    assert key in api.posts[0].body.decode()
    written = [ledger.objects.read(info.uri).decode() for info in ledger.objects.list(ledger.layout.batches)]
    assert written
    assert not any(key in content for content in written)


# How old the plan is


def freeze(ledger: Ledger, run_id: str, frozen_at: float) -> None:
    plan = Plan(run_id, 2, 1, 1, {}, (), timestamp(frozen_at))
    ledger.objects.create(ledger.layout.run(run_id, "plan.json"), plan.to_bytes())


@pytest.mark.parametrize(("age_secs", "listed"), [(500, False), (700, True)])
def test_a_batch_that_waited_more_than_ten_minutes_has_the_destination_listed_once_more(
    launcher: Any,
    batch: Batch,
    api: Api,
    ledger: Ledger,
    clock: Any,
    settings: RunSettings,
    age_secs: int,
    listed: bool,
) -> None:
    freeze(ledger, settings.run_id, clock.time - age_secs)
    started = launcher(missing=LINES[:1]).start(batch)
    assert isinstance(started, Running)
    assert (started.filter_file != batch.filter_file) is listed
    assert len(api.posts) == 1
