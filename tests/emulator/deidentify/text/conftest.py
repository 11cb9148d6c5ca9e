"""Text configurations compiled, and values cleaned, as the tests of this folder ask for them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.deidentify.instance import Instance
from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.text.keys import KeySource
from emulator.deidentify.text.phrase import Phrase
from emulator.deidentify.text.plan import TextPlan, compile_text
from emulator.deidentify.text.value import clean_value

OPERATION_KEY = bytes(range(32))


def _compiled(
    text: Mapping[str, Any] | None = None,
    version: str = "v1beta1",
    *,
    keys: KeySource | None = None,
    **options: Any,
) -> TextPlan:
    """The plan for a TextConfig; None leaves the field `text` out."""
    config = Fields({} if text is None else {"text": text}, "$", ["text"])
    return compile_text(config, "text", version, keys or KeySource(OPERATION_KEY), EngineOptions(**options))


def _instance(patient_id: str = "S1214223-1", study: str = "1.2.3", *, names: tuple[str, ...] = ()) -> Instance:
    """An instance whose header holds the names."""
    return Instance(patient_id, study, phrases=tuple(Phrase(name, "PERSON_NAME") for name in names))


def _cleaned(
    vr: str,
    value: bytes,
    plan: TextPlan,
    instance: Instance | None = None,
    *,
    tag: int = 0x00091001,
    encodings: tuple[str, ...] = ("iso8859",),
    contextual: bool = False,
) -> bytes:
    """The value of an element, by default of a private one, of which only the VR tells what it holds."""
    whose = instance or _instance()
    return clean_value(tag, vr, value, plan=plan, instance=whose, encodings=encodings, contextual=contextual)


@pytest.fixture(scope="session")
def compiled() -> Callable[..., TextPlan]:
    return _compiled


@pytest.fixture(scope="session")
def instance() -> Callable[..., Instance]:
    return _instance


@pytest.fixture(scope="session")
def cleaned() -> Callable[..., bytes]:
    return _cleaned


@pytest.fixture
def ring_file(tmp_path: Path) -> Path:
    return tmp_path / "ring.json"
