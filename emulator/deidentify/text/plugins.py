"""Finders that people bring, such as a model for named entities.

A plug-in is a function `(text) -> iterable of (start, end, info_type)`, named `module:function`. The name travels to
worker processes, which import it there. With Presidio and a spaCy model of your own, in a module on the PYTHONPATH:

    from presidio_analyzer import AnalyzerEngine
    _analyzer = AnalyzerEngine()
    _NAMES = {"PERSON": "PERSON_NAME", "LOCATION": "LOCATION"}

    def find(text):
        for result in _analyzer.analyze(text, language="en", entities=list(_NAMES)):
            yield result.start, result.end, _NAMES[result.entity_type]

and `python -m emulator.deidentify --finder my_finders:find ...`, or the emulator's setting `engine_finders`.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.text.finders.pattern import Match

Plugin = Callable[[str], Iterable[Match]]

_NAME: Final = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_INFO_TYPE: Final = re.compile(r"[A-Z][A-Z0-9_]*")


class PluginError(InstanceError):
    """A finder that cannot be used: it does not exist, or answers what it should not. Holds nothing of a text."""


@functools.cache
def load(name: str) -> Plugin:
    """The finder of that name; what it answers is checked.

    Raises:
        PluginError: it is not `module:function`, or cannot be imported.
    """
    if not _NAME.fullmatch(name):
        raise PluginError("a finder is named module:function")
    module, _, function = name.partition(":")
    try:
        called = getattr(importlib.import_module(module), function)
    except Exception as error:
        raise PluginError(f"the finder {name} cannot be imported ({type(error).__name__}); set PYTHONPATH") from error
    if not callable(called):
        raise PluginError(f"the finder {name} is no function")
    return functools.partial(_checked, name, called)


def _checked(name: str, called: Callable[[str], Any], text: str) -> Iterable[Match]:
    try:
        found = [Match(*one) for one in called(text)]
        sound = all(0 <= one.start < one.end <= len(text) and _INFO_TYPE.fullmatch(one.info_type) for one in found)
    except Exception as error:  # noqa: BLE001 - whatever it raises may quote the text
        raise PluginError(f"the finder {name} failed ({type(error).__name__})") from None
    if not sound:
        raise PluginError(f"the finder {name} answers no place in the text, or no info type")
    return found
