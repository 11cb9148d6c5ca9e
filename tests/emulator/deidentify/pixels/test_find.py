"""What of an image is redacted, by mode. Each image has letters of 20 pixels and 0.14 megapixels."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from emulator.deidentify.instance import Instance
from emulator.deidentify.pixels.boxes import Box, coverage
from emulator.deidentify.pixels.config import ImagePlan
from emulator.deidentify.pixels.custom_regex import CustomRegex
from emulator.deidentify.pixels.find import boxes_in, find_boxes
from emulator.deidentify.pixels.lines import Line, Quad
from emulator.deidentify.text.finding import DEFAULT_INFO_TYPES
from emulator.deidentify.text.phrase import Phrase

PATIENT = Instance(
    "48291736",
    "2.25.1",
    phrases=(
        Phrase("Quillfeather^Anna", "PERSON_NAME"),
        Phrase("48291736", "MEDICAL_RECORD_NUMBER"),
        Phrase("19620417", "DATE"),
    ),
)
NOBODY = Instance("", "")
ALL = ImagePlan("all")
SENSITIVE = ImagePlan("sensitive", DEFAULT_INFO_TYPES)
CLEAN = ImagePlan("sensitive_clean_descriptors", DEFAULT_INFO_TYPES)


class Page:
    """An image of 380 x 360 with one line of text every 40 pixels."""

    def __init__(self, *texts: str) -> None:
        self._image = Image.new("L", (380, 360), 10)
        self._draw = ImageDraw.Draw(self._image)
        self._font = ImageFont.load_default(20)
        for index, text in enumerate(texts):
            self._draw.text((10, 10 + 40 * index), text, fill=230, font=self._font)
        self._texts = texts

    @property
    def pixels(self) -> NDArray[np.uint8]:
        return np.asarray(self._image)

    def where(self, part: str) -> Box:
        """Where the part of a line is drawn."""
        index = next(index for index, text in enumerate(self._texts) if part in text)
        text = self._texts[index]
        left = 10 + self._font.getlength(text[: text.index(part)])
        place = self._draw.textbbox((left, 10 + 40 * index), part, font=self._font)
        return Box(*(round(edge) for edge in place))

    def redacted(self, part: str, boxes: list[Box]) -> float:
        return coverage(self.where(part), boxes)


@pytest.mark.parametrize("plan", [ALL, SENSITIVE, CLEAN])
def test_name_id_and_date_are_redacted_in_every_mode(plan: ImagePlan) -> None:
    secrets = ["Quillfeather, Anna", "48291736", "04/17/1962"]
    page = Page(secrets[0], f"ID: {secrets[1]}", f"DOB: {secrets[2]}", "Depth 4 cm")
    boxes = find_boxes(page.pixels, plan, PATIENT)
    assert [page.redacted(secret, boxes) for secret in secrets] == [pytest.approx(1, abs=0.1)] * 3


def test_parameters_stay_in_sensitive_modes() -> None:
    page = Page("Quillfeather, Anna", "Depth 4 cm", "Gain 58 %")
    boxes = find_boxes(page.pixels, CLEAN, PATIENT)
    assert page.redacted("Quillfeather", boxes) > 0.9
    assert page.redacted("Depth 4 cm", boxes) == page.redacted("Gain 58 %", boxes) == 0


def test_all_text_goes_in_mode_all_for_everybody() -> None:
    page = Page("Depth 4 cm", "Gain 58 %")
    boxes = find_boxes(page.pixels, ALL, NOBODY)
    assert page.redacted("Depth 4 cm", boxes) > 0.9
    assert page.redacted("Gain 58 %", boxes) > 0.9


@pytest.mark.parametrize("plan", [ALL, CLEAN])
def test_an_image_without_text_has_no_boxes(plan: ImagePlan) -> None:
    rows, columns = np.mgrid[0:320, 0:320]
    image = 120 / (1 + np.exp(((rows - 160) ** 2 + (columns - 150) ** 2 - 90**2) / 400))
    assert find_boxes(image.astype(np.uint8), plan, PATIENT) == []


def test_colour_images_are_searched_too() -> None:
    grey = Page("Quillfeather, Anna").pixels
    boxes = find_boxes(np.stack([grey, grey, grey // 4], axis=2), SENSITIVE, PATIENT)
    assert len(boxes) == 1


def test_boxes_lie_within_the_image() -> None:
    page = Page("Quillfeather, Anna " * 4)
    rows, columns = page.pixels.shape
    boxes = find_boxes(page.pixels, ALL, NOBODY)
    assert boxes
    assert all(box == box.clip(columns, rows) for box in boxes)


def test_only_the_part_that_names_somebody_is_redacted() -> None:
    page = Page("Left kidney, longitudinal 04/17/1962")
    boxes = find_boxes(page.pixels, SENSITIVE, PATIENT)
    assert page.redacted("04/17/1962", boxes) > 0.9
    assert page.redacted("Left kidney", boxes) == 0


def test_a_custom_regex_redacts_its_match() -> None:
    page = Page("Room LAB-7731 upstairs", "Depth 4 cm")
    plan = ImagePlan("sensitive", custom=(CustomRegex.read(r"LAB-\d+"),))
    boxes = find_boxes(page.pixels, plan, NOBODY)
    assert page.redacted("LAB-7731", boxes) > 0.9
    assert page.redacted("upstairs", boxes) < 0.2
    assert page.redacted("Depth 4 cm", boxes) == 0


def test_a_custom_regex_redacts_the_groups_it_names() -> None:
    page = Page("Technician code KESTREL")
    plan = ImagePlan("sensitive", custom=(CustomRegex.read(r"Tech\w*\s*code\s*(\w+)", (1,)),))
    boxes = find_boxes(page.pixels, plan, NOBODY)
    assert page.redacted("KESTREL", boxes) > 0.9
    assert page.redacted("Technician", boxes) == 0


class Told:
    """A reader that sees what it is told: rules about lines are tested without pixels."""

    def __init__(self, *lines: Line) -> None:
        self._lines = lines

    def detect(self, image: NDArray[np.uint8]) -> list[Quad]:
        return [line.quad for line in self._lines]

    def read(self, image: NDArray[np.uint8], quads: Sequence[Quad]) -> list[Line]:
        return [next(line for line in self._lines if line.quad == quad) for quad in quads]


def told(text: str, score: float, box: Box) -> Line:
    quad = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    return Line(quad, text, score, tuple((index + 0.5) / len(text) for index in range(len(text))))


def boxes_of(line: Line, plan: ImagePlan, side: int = 1000) -> list[Box]:
    return boxes_in(np.zeros((side, side), np.uint8), plan, NOBODY, Told(line))


@pytest.mark.parametrize("plan", [SENSITIVE, CLEAN])
def test_a_line_that_cannot_be_read_is_redacted(plan: ImagePlan) -> None:
    box = Box(10, 10, 110, 30)
    assert boxes_of(told("i1;,", 0.3, box), plan) == boxes_of(told("", 0.0, box), plan) == [box]


@pytest.mark.parametrize("plan", [SENSITIVE, CLEAN])
def test_a_single_sign_that_cannot_be_read_stays(plan: ImagePlan) -> None:
    assert boxes_of(told("*", 0.3, Box(10, 10, 25, 30)), plan) == []


def test_a_badly_read_line_in_which_something_is_found_is_redacted_as_a_whole() -> None:
    box = Box(10, 10, 310, 30)
    plan = ImagePlan("sensitive", custom=(CustomRegex.read("SECRET"),))
    assert boxes_of(told("SECRET and much that is none", 0.5, box), plan) == [box]


def test_a_line_of_which_most_is_found_is_redacted_as_a_whole() -> None:
    box = Box(10, 10, 110, 30)
    plan = ImagePlan("sensitive", custom=(CustomRegex.read("SECRET"),))
    assert boxes_of(told("SECRET one", 1.0, box), plan) == [box]


@pytest.mark.parametrize("plan", [ALL, SENSITIVE, CLEAN])
@pytest.mark.parametrize(("text", "score"), [("O", 0.8), ("", 0.0), ("C", 0.41), ("日", 0.2), ("do", 0.6)])
def test_a_large_structure_that_looks_like_a_letter_stays(plan: ImagePlan, text: str, score: float) -> None:
    assert boxes_of(told(text, score, Box(100, 100, 700, 700)), plan) == []


@pytest.mark.parametrize(("text", "score"), [("DOE", 0.85), ("R", 0.98)])
def test_large_letters_are_text(text: str, score: float) -> None:
    box = Box(100, 100, 500, 350)
    assert boxes_of(told(text, score, box), ALL) == [box]


def test_a_line_that_fills_much_of_a_small_image_is_text_even_if_it_cannot_be_read() -> None:
    box = Box(2, 10, 62, 18)
    assert boxes_of(told("", 0.0, box), ALL, side=64) == [box]
