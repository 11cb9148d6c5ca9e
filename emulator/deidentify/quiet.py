"""Keeping the libraries that read files and images silent: their messages may quote what is in one."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LOGGERS: Final = ("pydicom", "PIL", "openjpeg", "pylibjpeg", "jpeg_ls", "rle")


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is warned of or logged by those libraries inside."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.disabled for logger in loggers]
    # openjpeg logs below its own name, pydicom through one logger only: levels reach both
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.disabled = True
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, disabled, level in zip(loggers, before, levels, strict=True):
            logger.disabled = disabled
            logger.setLevel(level)
