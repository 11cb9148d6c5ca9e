"""Reading text with RapidOCR: what is read, and that nothing else happens."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from emulator.deidentify.pixels.boxes import Box
from emulator.deidentify.pixels.reader import text_reader

TEXT = "QUILLFEATHER 1962"


def drawn(text: str = TEXT, size: int = 20, columns: int = 320, rows: int = 320) -> Image.Image:
    """White text on black, in the middle."""
    image = Image.new("L", (columns, rows))
    font = ImageFont.load_default(size)
    ImageDraw.Draw(image).text((columns // 2, rows // 2), text, fill=255, font=font, anchor="mm")
    return image


def read(image: Image.Image) -> list[str]:
    pixels = np.asarray(image)
    reader = text_reader()
    return [line.text for line in reader.read(pixels, reader.detect(pixels))]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_text_is_read_in_every_direction(angle: int) -> None:
    assert read(drawn().rotate(angle)) == [TEXT]


def test_coloured_text_is_read() -> None:
    colours = Image.merge("RGB", [drawn(), Image.new("L", (320, 320)), Image.new("L", (320, 320))])
    assert read(colours) == [TEXT]


def test_each_character_lies_where_it_was_drawn() -> None:
    image = drawn("A   B", size=30)
    pixels = np.asarray(image)
    reader = text_reader()
    (line,) = reader.read(pixels, [((40, 130), (280, 130), (280, 190), (40, 190))])
    assert line.text.replace(" ", "") == "AB"
    columns = np.flatnonzero(pixels.any(axis=0))
    last = line.part(len(line.text) - 1, len(line.text), spare=0)
    assert line.part(0, 1, spare=0).left <= columns[0]
    assert last.left <= columns[-1] - 15
    assert last.right >= columns[-1]


def test_the_box_of_a_line_is_around_its_strokes() -> None:
    pixels = np.asarray(drawn())
    rows, columns = np.nonzero(pixels > 60)
    (quad,) = text_reader().detect(pixels)
    assert Box.around(quad).contains(Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))


def test_an_empty_image_has_no_lines() -> None:
    assert text_reader().detect(np.zeros((200, 200), np.uint8)) == []


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (300, 7, 3), (8, 8), (9, 900)])
def test_images_too_small_or_too_long_are_no_trouble(shape: tuple[int, ...]) -> None:
    assert text_reader().detect(np.zeros(shape, np.uint8)) == []


def test_nothing_is_downloaded_written_or_printed() -> None:
    program = """
import sys

touched = []

def watch(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        touched.append(event)
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & 0b11:
        touched.append(f"open {arguments[0]}")
    if event in {"os.mkdir", "os.rename", "subprocess.Popen", "os.system"}:
        touched.append(event)

sys.dont_write_bytecode = True
sys.addaudithook(watch)
import numpy as np
from emulator.deidentify.pixels.reader import text_reader

image = np.zeros((64, 200), np.uint8)
image[20:40, 20:30] = image[20:40, 40:50] = image[28:32, 20:50] = 255
reader = text_reader()
assert reader.read(image, [((10, 10), (60, 10), (60, 50), (10, 50))])[0].text
reader.detect(image)
assert not touched, touched
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
