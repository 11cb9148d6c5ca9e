"""Asked paths -> the run's frozen plan: a census of each study, packing, filter files, and the barrier.

(study, inside) --group--> census of the study --group by shard--> pack, write filter files --> shard
all shards --> freeze: plan.json, without which nothing is launched --> the shards' URIs
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

import apache_beam as beam
from apache_beam.metrics import Metrics

from pipeline.batching.census import InstanceUids, StudyFacts, StudyPlan, take_census
from pipeline.batching.pack import PackedStudy, pack_studies, shard_count
from pipeline.connected import ConnectedDoFn
from pipeline.ledger.records import Plan, Shard
from pipeline.model.account import add_counts, outcome_key
from pipeline.model.batch import Batch, batch_id_of
from pipeline.model.errors import Refused, RunBroken
from pipeline.model.instance_path import DicomPath
from pipeline.model.outcome import Outcome
from pipeline.services.clock import timestamp
from pipeline.services.retry import ServiceError
from pipeline.settings import RunSettings

EarlyOutcome = tuple[DicomPath | str, str, str, str | None]
"""(path, or digest of a rejected line; outcome; reason; detail)."""

WriteRows = Callable[[RunSettings, Iterable[EarlyOutcome], str], bytes]
"""(settings, early outcomes, recorded_at) -> JSON lines of audit rows."""

LOG = logging.getLogger(__name__)

_REJECTED_LINE = "rejected\t"
_NAMESPACE = "planning"


def plan_counters(metrics: Any) -> dict[str, int]:
    """The planning counters of a finished pipeline, by name: what a dry run prints."""
    found = metrics.query(beam.metrics.MetricsFilter().with_namespace(_NAMESPACE))["counters"]
    return {result.key.metric.name: result.result for result in found}


# A study costs a listing in each store, tens to hundreds of milliseconds each: this many are under way at once.
STUDIES_AT_ONCE = 8


class CensusFn(ConnectedDoFn):
    """`[(study, [inside_study])]` -> `(study, StudyPlan as JSON)` each; one listing of the study in each store."""

    def __init__(self, settings: RunSettings, held_files: tuple[str, ...]) -> None:
        super().__init__(settings)
        self._held_files = held_files
        self._held: dict[str, set[InstanceUids]] = {}
        self._studies = Metrics.counter(_NAMESPACE, "studies")

    def process(self, element: list[tuple[str, Iterable[str]]]) -> Iterator[tuple[str, str]]:
        """Take the census of some studies."""
        self._studies.inc(len(element))
        self._load_held()
        with ThreadPoolExecutor(STUDIES_AT_ONCE) as pool:
            plans = pool.map(lambda item: self._census(item[0], list(item[1])), element)
            yield from ((plan.study, plan.to_json()) for plan in plans)

    def _census(self, study: str, asked: list[str]) -> StudyPlan:
        settings = self.settings
        return take_census(
            study,
            asked,
            StudyFacts(
                source=self._list_source(study),
                in_destination=self._list_destination,
                done=lambda: frozenset(
                    self.ledger.deidentified(str(settings.destination), study, settings.config_digest)
                ),
                held=frozenset(self._held.get(study, ())),
            ),
            settings.uid_plan,
            settings.filter_level,
            skip_occupied=settings.skip_occupied,
        )

    def _list_source(self, study: str) -> frozenset[InstanceUids] | None:
        try:
            return frozenset(self.connections.healthcare.study_instances(self.settings.source, study))
        except ServiceError as error:
            LOG.warning("a study could not be listed: %s", error)
            return None

    def _list_destination(self, studies: frozenset[str]) -> frozenset[tuple[str, str, str]] | None:
        try:
            return frozenset(
                (study, series, sop)
                for study in studies
                for series, sop in self.connections.healthcare.study_instances(self.settings.destination, study)
            )
        except ServiceError as error:
            LOG.warning("a study could not be listed: %s", error)
            return None

    def _load_held(self) -> None:
        while self._held_files:
            for line in self.ledger.read_lines(self._held_files[0]):
                path = DicomPath.from_text(line)
                self._held.setdefault(path.study, set()).add((path.series, path.sop))
            self._held_files = self._held_files[1:]


class PackFn(ConnectedDoFn):
    """`(shard, [StudyPlan or rejected line])` -> Shard as JSON, its filter files and early rows written before.

    A repeat (a retried bundle, or a planning that starts again after a crash) writes the same batches again.
    """

    def __init__(self, settings: RunSettings, write_rows: WriteRows) -> None:
        super().__init__(settings)
        self._write_rows = write_rows
        self._counters = {
            name: Metrics.counter(_NAMESPACE, name) for name in ("asked", "taken", "batches", *map(str, Outcome))
        }

    def process(self, element: tuple[int, Iterable[str]]) -> Iterator[tuple[int, str]]:
        """Pack one shard."""
        number, items = element
        plans, early = [], []
        for item in items:
            if item.startswith(_REJECTED_LINE):
                _, digest, problem, place = item.split("\t", 3)
                early.append((digest, Outcome.REJECTED.value, problem, place))
            else:
                plans.append(StudyPlan.from_json(item))
        plans.sort(key=lambda plan: plan.study)
        early.sort()
        outcomes: list[EarlyOutcome] = list(early)
        for plan in plans:
            outcomes += [
                (DicomPath.of(plan.study, inside), outcome, reason, None) for inside, outcome, reason in plan.early
            ]
        batches = [self._write_batch(packed) for packed in self._packed(plans)]
        counts = add_counts({outcome_key(outcome, reason): 1} for _, outcome, reason, _ in outcomes)
        taken = sum(batch.instances for batch in batches)
        self._count(taken, len(batches), counts)
        shard = Shard(
            shard=number,
            asked=taken + len(outcomes),
            studies=len(plans),
            counts=counts,
            batches=tuple(asdict(batch) for batch in batches),
            audit=self._write_early(number, outcomes),
        )
        if not self.settings.dry_run:
            uri = self.ledger.layout.shard(self.settings.run_id, number, "json")
            self.ledger.objects.put(uri, shard.to_bytes())
        yield 0, shard.to_bytes().decode()

    def _packed(self, plans: list[StudyPlan]) -> Iterator[list[PackedStudy]]:
        limit, split = self.settings.max_instances_per_batch, self.settings.split_large_studies
        return pack_studies(plans, limit, split_large=split)

    def _write_batch(self, packed: list[PackedStudy]) -> Batch:
        settings = self.settings
        instances = [str(DicomPath.of(item.study, inside)) for item in packed for inside in item.take]
        lines = [str(DicomPath.of(item.study, inside)) for item in packed for inside in item.lines]
        batch_id = batch_id_of(str(settings.source), str(settings.destination), settings.config_digest, instances)
        filter_file = self.ledger.layout.batch(batch_id, "filter.txt")
        instances_file = filter_file
        if lines != instances:
            # Other runs may name the same instances by other lines: the name then says which lines these are.
            digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
            filter_file = self.ledger.layout.batch(batch_id, f"filter-{digest}.txt")
            instances_file = self.ledger.layout.batch(batch_id, "instances.txt")
        if not settings.dry_run:
            self.ledger.objects.create(filter_file, ("\n".join(lines) + "\n").encode(), "text/plain")
            if instances_file != filter_file:
                self.ledger.objects.create(instances_file, ("\n".join(instances) + "\n").encode(), "text/plain")
        return Batch(batch_id, len({item.study for item in packed}), len(instances), filter_file, instances_file)

    def _write_early(self, number: int, outcomes: list[EarlyOutcome]) -> str | None:
        if not outcomes:
            return None
        uri = self.ledger.layout.shard(self.settings.run_id, number, "audit.jsonl")
        if not self.settings.dry_run:
            rows = self._write_rows(self.settings, outcomes, timestamp(self.connections.clock.now()))
            self.ledger.objects.put(uri, rows, "application/x-ndjson")
        return uri

    def _count(self, taken: int, batches: int, counts: dict[str, int]) -> None:
        self._counters["taken"].inc(taken)
        self._counters["batches"].inc(batches)
        self._counters["asked"].inc(taken + sum(counts.values()))
        for key, count in counts.items():
            self._counters[key.partition("/")[0]].inc(count)


class FreezeFn(ConnectedDoFn):
    """All shards of the run -> plan.json, then the URI of each shard.

    Raises Refused when the plan must not be launched. An empty plan is not frozen and gives nothing.
    """

    def process(self, element: tuple[int, Iterable[str]]) -> Iterator[str]:
        """Freeze the plan; the grouping before this step is the barrier."""
        shards = sorted((Shard.from_bytes(text.encode()) for text in element[1]), key=lambda shard: shard.shard)
        batches = sum(len(shard.batches) for shard in shards)
        asked = sum(shard.asked for shard in shards)
        if asked == 0:
            return
        if batches > 1 and self.settings.single_operation_reason:
            raise Refused(f"the plan has {batches} batches, but {self.settings.single_operation_reason}")
        run_id = self.settings.run_id
        plan = Plan(
            run_id=run_id,
            asked=asked,
            studies=sum(shard.studies for shard in shards),
            batches=batches,
            counts=add_counts(shard.counts for shard in shards),
            shards=tuple(self.ledger.layout.shard(run_id, shard.shard, "json") for shard in shards),
            frozen_at=timestamp(self.connections.clock.now()),
        )
        if not self.ledger.objects.create(self.ledger.layout.run(run_id, "plan.json"), plan.to_bytes()):
            frozen = self.ledger.plan(run_id)
            if frozen is None or (frozen.asked, frozen.batches, frozen.shards) != (asked, batches, plan.shards):
                raise RunBroken("another process froze a different plan for this run id: start the run again")
        yield from plan.shards


def _to_shard(item: tuple[str, str], instances: int, max_instances_per_batch: int) -> tuple[int, str]:
    key, content = item
    return crc32(key.encode()) % shard_count(instances, max_instances_per_batch), content


@dataclass
class PlanBatches(beam.PTransform):
    """`{"paths": (study, inside_study), "rejected": (digest, problem and place)}` -> URIs of the frozen plan's shards.

    In a dry run nothing is written, and the output is the shards' JSON under one key, not frozen.

    Attributes:
        held_files: instances files of open attempts of other runs between the same stores.
        write_rows: makes audit rows of the early outcomes.
    """

    settings: RunSettings
    held_files: tuple[str, ...]
    write_rows: WriteRows

    def expand(self, inputs: dict[str, Any]) -> Any:
        """Census, packing, and the barrier."""
        limit = self.settings.max_instances_per_batch
        censuses = (
            inputs["paths"]
            | "Group paths by study" >> beam.GroupByKey()
            | "Some studies at once"
            >> beam.BatchElements(min_batch_size=STUDIES_AT_ONCE, max_batch_size=STUDIES_AT_ONCE)
            | "Take each study's census"
            >> beam.ParDo(CensusFn(self.settings, self.held_files)).with_output_types(tuple[str, str])
        )
        rejected = (
            inputs["rejected"]
            | "Group repeated bad lines" >> beam.GroupByKey()
            | "Keep the first place" >> beam.MapTuple(_first_place).with_output_types(tuple[str, str])
        )
        instances = beam.pvalue.AsSingleton(
            censuses
            | "Count what is taken" >> beam.MapTuple(lambda _, plan: len(json.loads(plan)["take"]))
            | "Add up" >> beam.CombineGlobally(sum)
        )
        shards = (
            (censuses, rejected)
            | "Studies and bad lines" >> beam.Flatten()
            | "Assign to shards" >> beam.Map(_to_shard, instances, limit).with_output_types(tuple[int, str])
            | "Group by shard" >> beam.GroupByKey()
            | f"Pack up to {limit} instances"
            >> beam.ParDo(PackFn(self.settings, self.write_rows)).with_output_types(tuple[int, str])
        )
        if self.settings.dry_run:
            return shards
        return (
            shards
            | "Wait for all shards" >> beam.GroupByKey()
            | "Freeze the plan" >> beam.ParDo(FreezeFn(self.settings)).with_output_types(str)
        )


def _first_place(digest: str, problems_and_places: Iterable[str]) -> tuple[str, str]:
    return digest, f"{_REJECTED_LINE}{digest}\t{min(problems_and_places)}"
