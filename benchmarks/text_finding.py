"""How much of what is sensitive in text is found, what is flagged without need, and how fast.

    python -m benchmarks.text_finding [--seed 0] [--each 60] [--floor] [--show]

Recall is the share of labelled values whose every letter and digit is found, by any info type; "as such" is the share
found as what they are. False alarms are texts that name nobody (benchmarks/text_negatives.py) in which something of the
default info types is found, and labelled texts in which letters beside the value are found too. `--floor` exits with 1
when the figures fall below what the project promises. When presidio-analyzer can be imported, its recognisers that need
no model are measured on the same texts (those of presidio-analyzer==2.2.366, installed beside phonenumbers).
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from benchmarks.text_labelled import Sample, samples
from benchmarks.text_negatives import NEGATIVES, OTHER_HEADER
from emulator.deidentify.text.finding import DEFAULT_INFO_TYPES, INFO_TYPES, Finding, HeaderWords, find

FLOOR = 0.95
"""Recall of each kind that the project promises."""

KIN = {"STREET_ADDRESS": "LOCATION"}


class Score(NamedTuple):
    """Of one kind of samples.

    Attributes:
        kind: as in `Sample`.
        asked: how many there were.
        covered: of which every letter and digit is found.
        typed: those found as what they are.
        beside: in which letters or digits beside the value are found too.
    """

    kind: str
    asked: int
    covered: int
    typed: int
    beside: int


Finder = Callable[[Sample], Sequence[Finding]]


def ours(sample: Sample) -> list[Finding]:
    """What this project finds."""
    return find(sample.text, info_types=INFO_TYPES, header=HeaderWords.of(sample.header))


def scores(labelled: Iterable[Sample], finder: Finder) -> tuple[list[Score], list[Sample]]:
    """The scores by kind in the order of their first sample, and the samples that are not covered."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    missed = []
    for sample in labelled:
        found = finder(sample)
        inside = [place for place in range(sample.start, sample.end) if sample.text[place].isalnum()]
        places: dict[int, set[str]] = defaultdict(set)
        for one in found:
            for place in range(one.start, one.end):
                places[place].add(KIN.get(one.info_type, one.info_type))
        covered = all(place in places for place in inside)
        count = counts[sample.kind]
        count[0] += 1
        count[1] += covered
        count[2] += covered and all(sample.info_type in places[place] for place in inside)
        count[3] += any(sample.text[place].isalnum() for place in places.keys() - set(range(sample.start, sample.end)))
        if not covered:
            missed.append(sample)
    return [Score(kind, *count) for kind, count in counts.items()], missed


def flagged(texts: Iterable[str] = NEGATIVES, *, contextual: bool = False) -> list[tuple[str, list[Finding]]]:
    """The texts that name nobody in which something of the default info types is found, with what."""
    header = HeaderWords.of(OTHER_HEADER)
    found = ((text, find(text, info_types=DEFAULT_INFO_TYPES, header=header, contextual=contextual)) for text in texts)
    return [(text, findings) for text, findings in found if findings]


def presidio() -> Finder:
    """presidio-analyzer's recognisers that need no model, with the names and ids of the header as a deny list."""
    from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415

    models = [{"lang_code": "en", "model_name": "no_op"}]
    nlp_engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "no_op", "models": models}).create_engine()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=nlp_engine)
    analyzer = AnalyzerEngine(nlp_engine=nlp_engine, registry=registry)

    def found(sample: Sample) -> list[Finding]:
        words = [word for phrase in sample.header for word in phrase.text.split("^") if len(word) > 2]
        more: list[Any] = [PatternRecognizer(supported_entity="CTX", deny_list=words)] if words else []
        results = analyzer.analyze(sample.text, language="en", ad_hoc_recognizers=more, score_threshold=0.3)
        return [Finding(one.start, one.end, _PRESIDIO.get(one.entity_type, one.entity_type)) for one in results]

    return found


_PRESIDIO = {
    "DATE_TIME": "DATE",
    "US_SSN": "US_SOCIAL_SECURITY_NUMBER",
    "CREDIT_CARD": "CREDIT_CARD_NUMBER",
    "US_ITIN": "US_INDIVIDUAL_TAXPAYER_IDENTIFICATION_NUMBER",
    "US_DRIVER_LICENSE": "US_DRIVERS_LICENSE_NUMBER",
    "US_PASSPORT": "PASSPORT",
    "UK_NHS": "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
    "MEDICAL_LICENSE": "US_DEA_NUMBER",
}


def _report(name: str, labelled: Sequence[Sample], finder: Finder) -> list[Score]:
    before = time.process_time()
    for sample in labelled:
        finder(sample)
    seconds = time.process_time() - before
    table, missed = scores(labelled, finder)
    print(f"\n{name}: {len(labelled) / seconds:,.0f} texts/s, one process")
    print(f"{'':48}{'texts':>6}{'recall':>8}{'as such':>9}{'beside':>8}")
    for kind, asked, covered, typed, beside in table:
        print(f"{kind:48}{asked:6}{covered / asked:8.3f}{typed / asked:9.3f}{beside:8}")
    asked = sum(score.asked for score in table)
    print(f"{'all':48}{asked:6}{1 - len(missed) / asked:8.3f}")
    return table


def _speed(addition: str, rounds: int = 10) -> float:
    """Texts that name nobody, searched in a second; each once, made another one by "{}" in `addition`, or again."""
    texts = [text + addition.format(" " * number) for number in range(rounds) for text in NEGATIVES]
    header = HeaderWords.of(OTHER_HEADER)
    before = time.process_time()
    for text in texts:
        find(text, info_types=DEFAULT_INFO_TYPES, header=header)
    return len(texts) / (time.process_time() - before)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when they are below the floor and `--floor` is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", type=int, default=60, help="samples of each kind")
    parser.add_argument("--floor", action="store_true", help=f"fail when a kind's recall is under {FLOOR}")
    parser.add_argument("--show", action="store_true", help="print what is missed and what is flagged without need")
    options = parser.parse_args(argv)
    labelled = list(samples(options.seed, options.each))
    table = _report("emulator.deidentify", labelled, ours)
    wrong = flagged()
    contextual = len(flagged(contextual=True))
    print(f"texts that name nobody and are flagged: {len(wrong)} of {len(NEGATIVES)}, contextual {contextual}")
    if options.show:
        for sample in scores(labelled, ours)[1]:
            print(f"missed   {sample.kind}: {sample.text!r} {[phrase.text for phrase in sample.header]}")
        for text, found in wrong:
            print(f"flagged  {text!r}: {[(text[one.start : one.end], one.info_type) for one in found]}")
    print(f"texts/s of these, header compiled: {_speed('{}'):,.0f}; of texts seen before: {_speed(''):,.0f}")
    if importlib.util.find_spec("presidio_analyzer"):
        finder = presidio()
        _report("presidio-analyzer, no model, score >= 0.3", labelled, finder)
        others = [text for text in NEGATIVES if finder(Sample("", text, 0, 0, ""))]
        print(f"texts that name nobody and are flagged: {len(others)} of {len(NEGATIVES)}")
    low = [score.kind for score in table if score.covered < FLOOR * score.asked]
    if options.floor and (low or wrong):
        print(f"below the floor: {', '.join(low) or 'texts that name nobody'}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
