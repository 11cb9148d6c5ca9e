"""Reading text in images: the interface, and RapidOCR behind it.

RapidOCR 3.10 (Apache-2.0) runs the PP-OCRv6 models that its wheel contains with onnxruntime, on one thread; nothing is
downloaded, written or logged. It comes with requirements/pixels.txt and is imported only when pixels are read.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels.boxes import Box
from emulator.deidentify.pixels.installed import installed_models
from emulator.deidentify.pixels.lines import Line, Quad
from emulator.deidentify.pixels.windows import Window, windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

SIDE_LEN: Final = 736
"""The shorter side of what the detector sees is at least this; smaller images are enlarged. RapidOCR's default."""

THOROUGH_SIDE_LEN: Final = 1536
"""The same when small and faint text is looked for: about twice the time of a square megapixel image."""

_TALL: Final = 1.5
"""Higher than so many times its width, a line may be turned by a quarter (the recognizer's own threshold)."""

_SAME: Final = 0.8
"""Boxes that have so much of what they cover together in common are one line, detected twice."""

_SURE: Final = 0.9
"""Confidence of readings that are right; text upside down is read with less, as something else."""


class TextReader(Protocol):
    """Finds and reads text in an image, which is uint8, (rows, columns) or (rows, columns, RGB)."""

    def detect(self, image: Image) -> list[Quad]:
        """Where lines of text are, without reading them."""

    def read(self, image: Image, quads: Sequence[Quad]) -> list[Line]:
        """What is written in each of `quads`, one line each and in their order; a text may be empty."""


@functools.lru_cache(maxsize=2)
def text_reader(thorough: bool = False) -> TextReader:
    """The reader of this process. Made at its first use, which takes about a second; models load when needed.

    Raises:
        ReaderMissingError: something is missing.
    """
    return RapidOcrReader(THOROUGH_SIDE_LEN if thorough else SIDE_LEN)


class RapidOcrReader:
    """RapidOCR on one thread, with what it decides by itself about sizes, scores and directions taken out of its hands.

    It would reduce images to 2000 pixels, enlarge strips to any size, turn tall lines, and drop lines it reads badly.
    """

    def __init__(self, side_len: int) -> None:
        """Make the engine; see `SIDE_LEN`.

        Raises:
            ReaderMissingError: something is missing.
        """
        detection, recognition = installed_models()
        import cv2  # noqa: PLC0415
        import rapidocr.main  # noqa: PLC0415

        cv2.setNumThreads(1)
        self._side_len = side_len
        self._engine: Any = rapidocr.main.RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.text_score": 0.0,
                "Global.use_preprocess_img": False,
                "Global.use_vertical_padding": False,
                "Global.return_word_box": True,
                "Det.limit_type": "max",
                "Det.limit_side_len": 2**31,
                "Det.model_path": str(detection),
                "Rec.model_path": str(recognition),
                "Rec.rec_batch_num": 1,  # memory of one line, and no line's reading depends on the others
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        logging.getLogger("RapidOCR").disabled = True

    def detect(self, image: Image) -> list[Quad]:
        """See `TextReader`. An image whose shorter side is under 8 pixels holds no text.

        Raises:
            InstanceError: the engine failed.
        """
        colours = _bgr(image)
        rows, columns = colours.shape[:2]
        with _engine_errors():
            seen = windows(columns, rows, self._side_len)
            return _distinct(quad for window in seen for quad in self._detect(colours, window))

    def _detect(self, colours: Image, window: Window) -> Iterator[Quad]:
        import cv2  # noqa: PLC0415

        method = cv2.INTER_AREA if window.columns < window.box.width else cv2.INTER_LINEAR
        shown = cv2.resize(colours[window.box.slices], (window.columns, window.rows), interpolation=method)
        found = self._engine(shown, use_det=True, use_rec=False).boxes
        x, y = window.box.width / window.columns, window.box.height / window.rows
        for corners in () if found is None else found:
            a, b, c, d = ((window.box.left + float(px) * x, window.box.top + float(py) * y) for px, py in corners)
            yield a, b, c, d

    def read(self, image: Image, quads: Sequence[Quad]) -> list[Line]:
        """See `TextReader`. What is higher than wide is also read downwards and upwards, and what is read with less
        than full confidence also upside down; the best reading counts.

        Raises:
            InstanceError: the engine failed.
        """
        colours = _bgr(image)
        with _engine_errors():
            lines = list(self._recognize(colours, quads))
            tall = {index: _sideways(quad) for index, quad in enumerate(quads) if _is_tall(quad)}
            self._read_again(colours, tall, lines)
            unsure = {index: [_turned(line.quad, 2)] for index, line in enumerate(lines) if line.score < _SURE}
            self._read_again(colours, unsure, lines)
        return lines

    def _read_again(self, colours: Image, directions: Mapping[int, Sequence[Quad]], lines: list[Line]) -> None:
        """Replace those of `lines` that one of the given other directions reads better."""
        asked = [(index, quad) for index, quads in directions.items() for quad in quads]
        readings = self._recognize(colours, [quad for _, quad in asked])
        for (index, _), line in zip(asked, readings, strict=True):
            if _worth(line) > _worth(lines[index]):
                lines[index] = line

    def _recognize(self, colours: Image, quads: Sequence[Quad]) -> Iterator[Line]:
        if not quads:
            return
        result = self._engine.recognize_txt([_cut(colours, quad) for quad in quads])
        for quad, text, score, words in zip(quads, result.txts, result.scores, result.word_results, strict=True):
            yield Line(quad, text, float(score), _centres(text, words))


def _bgr(image: Image) -> Image:
    """The image as OpenCV has it."""
    if image.ndim == 2:
        return np.repeat(image[:, :, np.newaxis], 3, axis=2)
    return np.ascontiguousarray(image[:, :, ::-1])


def _cut(colours: Image, quad: Quad) -> Image:
    """What the quad shows, straightened: its first corner becomes the top left one."""
    import cv2  # noqa: PLC0415

    line = Line(quad, "", 0.0, ())
    columns, rows = max(round(line.length), 1), max(round(line.thickness), 1)
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    turn = cv2.getPerspectiveTransform(np.array(quad, np.float32), corners)
    return np.asarray(
        cv2.warpPerspective(colours, turn, (columns, rows), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC),
        np.uint8,
    )


def _distinct(quads: Iterable[Quad]) -> list[Quad]:
    """The quads without those that lie where an earlier one does, as seen in a window that overlaps with another."""
    kept: list[tuple[Quad, Box]] = []
    for quad in quads:
        box = Box.around(quad)
        if not any(_SAME * box.union(other).area <= box.intersection(other).area for _, other in kept):
            kept.append((quad, box))
    return [quad for quad, _ in kept]


def _is_tall(quad: Quad) -> bool:
    line = Line(quad, "", 0.0, ())
    return line.thickness >= _TALL * line.length


def _sideways(quad: Quad) -> list[Quad]:
    """The quad of text that runs downwards, and of text that runs upwards."""
    return [_turned(quad, 1), _turned(quad, 3)]


def _turned(quad: Quad, quarters: int) -> Quad:
    """The same corners for a reader who sees the text begin at the corner `quarters` further clockwise."""
    a, b, c, d = quad[quarters:] + quad[:quarters]
    return a, b, c, d


def _worth(line: Line) -> float:
    """How believable a reading is: its confidence, where a longer text counts for more than a single character."""
    return line.score * min(len(line.text.strip()), 4)


def _centres(text: str, words: Any) -> tuple[float, ...]:
    """Where each character lies along its line, 0 to 1, from the recognizer's columns, which blanks have none of."""
    columns = [column for word in words.word_cols for column in word]
    steps = max(float(words.line_txt_len), 1.0)
    printed = [index for index, character in enumerate(text) if not character.isspace()]
    if not printed or len(printed) != len(columns):
        return tuple((index + 0.5) / len(text) for index in range(len(text)))
    known = [min((column + 0.5) / steps, 1.0) for column in columns]
    return tuple(float(centre) for centre in np.interp(range(len(text)), printed, known))


@contextlib.contextmanager
def _engine_errors() -> Iterator[None]:
    """Failures of the engine as a reason without values."""
    import cv2  # noqa: PLC0415
    from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError  # noqa: PLC0415

    try:
        yield
    except (cv2.error, ONNXRuntimeError, MemoryError) as error:
        raise InstanceError(
            f"text in its pixels could not be read: the OCR engine failed ({type(error).__name__})"
        ) from None
