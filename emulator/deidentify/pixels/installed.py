"""Whether what reads text in images is installed: RapidOCR and its models, from requirements/pixels.txt."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_DETECTION: Final = "PP-OCRv6_det_small.onnx"
_RECOGNITION: Final = "PP-OCRv6_rec_small.onnx"


class ReaderMissingError(ImportError):
    """The packages that read text in images are not installed, or do not work here."""


def installed_models() -> tuple[Path, Path]:
    """The models for detection and recognition, within the installed package; imports what reading needs.

    Raises:
        ReaderMissingError: a package or a model is missing.
    """
    try:
        import cv2  # noqa: F401, PLC0415
        import onnxruntime  # type: ignore[import-untyped]  # noqa: F401, PLC0415
        import rapidocr.main  # noqa: PLC0415
    except ImportError as error:
        raise ReaderMissingError(f"{error.name or 'one of them'} cannot be imported") from error
    models = Path(rapidocr.main.__file__).parent / "models"
    detection, recognition = models / _DETECTION, models / _RECOGNITION
    if not (detection.is_file() and recognition.is_file()):
        raise ReaderMissingError("this version of rapidocr comes without the models of 3.10")
    return detection, recognition
