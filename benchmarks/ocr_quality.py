"""How much text in pixels is found, and how much is blanked without need.

    python -m benchmarks.ocr_quality [--repeats 1] [--thorough] [--deid_data DIR]

First on generated images: recall is the share of planted lines of which at least 80 % of the area is redacted, by size,
contrast and noise of the letters; false alarms are boxes in REDACT_ALL_TEXT that meet no planted line, and lines that
name nobody but are redacted in REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS. Then on the ultrasound images with burned-in
test patients of the PyPI package deid-data 0.0.20 (MIT), if it is installed or DIR is its unpacked folder: every
identifying line listed in benchmarks/ocr_deid_data.json has to be redacted, otherwise the exit status is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import json
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pydicom
from numpy.typing import NDArray

from benchmarks.ocr_images import Sample, background, grid
from emulator.deidentify import part10
from emulator.deidentify.instance import Instance
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.pixels.boxes import Box, coverage
from emulator.deidentify.pixels.config import ImagePlan, compile_image
from emulator.deidentify.pixels.find import find_boxes
from emulator.deidentify.scan import scan

COVERED = 0.8
MODES = ("REDACT_ALL_TEXT", "REDACT_SENSITIVE_TEXT", "REDACT_SENSITIVE_TEXT_CLEAN_DESCRIPTORS")
_LABELS = Path(__file__).with_name("ocr_deid_data.json")


class Result(NamedTuple):
    """A generated image and what was found in it, by mode."""

    sample: Sample
    boxes: dict[str, list[Box]]


def plan(mode: str, *, thorough: bool) -> ImagePlan:
    """The plan of a mode."""
    parent = Fields({"image": {"textRedactionMode": mode}}, "$", ["image"])
    compiled = compile_image(parent, "image", "v1beta1", EngineOptions(ocr_thorough=thorough))
    assert compiled is not None
    return compiled


def recall(results: Iterable[Result], mode: str) -> tuple[int, int]:
    """Planted lines that are redacted, and how many there are; in sensitive modes only those that name somebody."""
    found = [
        coverage(line.box, result.boxes[mode]) >= COVERED
        for result in results
        for line in result.sample.lines
        if line.identifying or mode == MODES[0]
    ]
    return sum(found), len(found)


def print_recall(results: list[Result], mode: str) -> None:
    """Recall of a mode in all, and by each dimension of the grid."""

    def share(chosen: list[Result]) -> str:
        found, count = recall(chosen, mode)
        return f"{found / count:.3f}"

    print(f"\n{mode}: recall {share(results)} of {recall(results, mode)[1]} lines")
    dimensions: dict[str, Callable[[Sample], int]] = {
        "size": lambda sample: sample.size,
        "contrast": lambda sample: sample.contrast,
        "noise": lambda sample: sample.noise,
    }
    for name, value_of in dimensions.items():
        groups: dict[int, list[Result]] = defaultdict(list)
        for result in results:
            groups[value_of(result.sample)].append(result)
        print(f"  {name:9}" + "  ".join(f"{value}: {share(group)}" for value, group in sorted(groups.items())))
    clear = [result for result in results if result.sample.contrast >= 120 and result.sample.noise <= 12]
    print(f"  contrast >= 120, noise <= 12: {share(clear)}", end="")
    print(f"; and size >= 12: {share([result for result in clear if result.sample.size >= 12])}")


def generated(repeats: int, *, thorough: bool) -> None:
    """Measure on generated images."""
    plans = {mode: plan(mode, thorough=thorough) for mode in MODES}
    seconds: dict[str, float] = defaultdict(float)
    results: list[Result] = []
    for sample in grid(1, repeats):
        boxes: dict[str, list[Box]] = {}
        for mode in MODES:
            begin = time.process_time()
            boxes[mode] = find_boxes(sample.image, plans[mode], sample.instance)
            seconds[mode] += time.process_time() - begin
        results.append(Result(sample, boxes))
    megapixels = sum(result.sample.image.size for result in results) / 1e6
    for mode in MODES:
        print_recall(results, mode)
        print(
            f"  {seconds[mode] * 1000 / megapixels:.0f} ms of one core a megapixel; 512 x 512 is enlarged to 736 x 736"
        )
    false = sum(
        not any(box.intersection(line.box).area for line in result.sample.lines)
        for result in results
        for box in result.boxes[MODES[0]]
    )
    print(f"\nFalse alarms, {MODES[0]}: {false / len(results):.2f} boxes an image")
    for mode in MODES[1:]:
        innocent = [
            any(box.intersection(line.box).area > line.box.area / 4 for box in result.boxes[mode])
            for result in results
            for line in result.sample.lines
            if not line.identifying
        ]
        print(f"False alarms, {mode}: {sum(innocent)} of {len(innocent)} lines that name nobody")
    _without_text(plans)


def _without_text(plans: dict[str, ImagePlan], count: int = 24) -> None:
    """False alarms in images without any text."""
    random = np.random.default_rng(2)
    images = [
        background(random) + random.normal(0, noise, (512, 512)) for noise in (0, 12, 30) for _ in range(count // 3)
    ]
    for mode, chosen in plans.items():
        found = [find_boxes(np.clip(image, 0, 255).astype(np.uint8), chosen, Instance("", "")) for image in images]
        area = sum(box.area for boxes in found for box in boxes) / (512 * 512 * count)
        print(f"Without text, {mode}: {sum(map(len, found)) / count:.2f} boxes an image, {area:.4%} of the area")


def deid_data(folder: Path, *, thorough: bool) -> bool:
    """Measure on the ultrasound images; True when every identifying line is redacted in ALL and CLEAN_DESCRIPTORS."""
    labels = json.loads(_LABELS.read_text())
    passed = True
    counts: dict[str, list[int]] = {mode: [0, 0, 0] for mode in MODES}
    for label in labels["images"]:
        content = _content(folder, label)
        frame, instance = _frame(content)
        for mode in MODES:
            boxes = find_boxes(frame, plan(mode, thorough=thorough), instance)
            for line in label["identifying"]:
                found = coverage(Box(*line), boxes) >= COVERED
                counts[mode][0] += found
                counts[mode][1] += 1
                if not found and mode != MODES[1]:
                    passed = False
                    print(f"missed in {mode}: image {label['sha256'][:12]}, {line}")
            counts[mode][2] += len(boxes)
    print(f"\ndeid-data {labels['version']}, {len(labels['images'])} images")
    for mode, (redacted, lines, count) in counts.items():
        print(f"  {mode}: {redacted} of {lines} identifying lines redacted; {count} boxes")
    return passed


def _content(folder: Path, label: dict[str, Any]) -> bytes:
    """The file of a label, out of its archive when it is in one.

    Raises:
        ValueError: it is not the file that was labelled.
    """
    path = folder / label["file"]
    content = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            content = archive.read(f"{path.stem}.dcm")
    if hashlib.sha256(content).hexdigest() != label["sha256"]:
        raise ValueError("is not the file that was labelled; give the folder of deid-data 0.0.20")
    return content


def _frame(content: bytes) -> tuple[NDArray[np.uint8], Instance]:
    """The first frame, which is 8 bit grey or RGB in all of these files, and what its header says."""
    dataset = pydicom.dcmread(io.BytesIO(content))
    pixels = dataset.pixel_array
    meta, position = part10.read_meta(content)
    syntax = part10.transfer_syntax(meta)
    assert syntax is not None
    frames = pixels if int(dataset.get("NumberOfFrames", 1)) > 1 else pixels[np.newaxis]
    return frames[0], scan(content, position, part10.encoding_of(syntax), EngineOptions())


def _installed() -> Iterator[Path]:
    spec = importlib.util.find_spec("deid_data")
    for location in (spec.submodule_search_locations or []) if spec else []:
        yield Path(location) / "data" / "ultrasounds"


def main(argv: list[str] | None = None) -> int:
    """Measure and print; 1 when an identifying line of deid-data is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1, help="images for each combination of size, contrast, noise")
    parser.add_argument("--thorough", action="store_true", help="look for small and faint text, at twice the time")
    parser.add_argument("--deid_data", type=Path, default=next(_installed(), None), help="its folder data/ultrasounds")
    arguments = parser.parse_args(argv)
    if arguments.repeats:
        generated(arguments.repeats, thorough=arguments.thorough)
    if arguments.deid_data is None:
        print("\ndeid-data is not installed and no folder is given: not measured")
        return 0
    return 0 if deid_data(arguments.deid_data, thorough=arguments.thorough) else 1


if __name__ == "__main__":
    raise SystemExit(main())
