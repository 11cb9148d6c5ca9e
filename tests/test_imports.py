"""Who may import whom: the rules that keep the house liveable, read from the sources and not from what runs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STAGES = ("sources", "batching", "operations", "audit")
# The modules of `pipeline` itself that put several stages together.
KNOW_SEVERAL_STAGES = {"pipeline.build", "pipeline.run", "pipeline.preflight", "pipeline.report", "pipeline.status"}
NETWORK = ("requests", "google", "googleapiclient", "urllib3", "httplib2", "httpx", "grpc", "aiohttp")
NETWORK_STANDARD = ("urllib.request", "http.client", "socket", "ftplib", "smtplib")


@dataclass(frozen=True)
class Import:
    """One import: by which module, of which (dotted) name, on which line."""

    importer: str
    name: str
    line: int

    def is_under(self, *packages: str) -> bool:
        """Whether it imports one of these packages or something inside."""
        return any(self.name == package or self.name.startswith(f"{package}.") for package in packages)

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.name}"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_in(source: str, importer: str, *, is_package: bool = False) -> Iterator[Import]:
    """Every import of a source text, wherever it stands (in functions and under TYPE_CHECKING too)."""
    package = importer.split(".") if is_package else importer.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(importer, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            names = [*base, *(node.module.split(".") if node.module else [])]
            for alias in node.names:
                yield Import(importer, ".".join([*names, alias.name]), node.lineno)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {
            "import_module",
            "__import__",
        }:
            named = node.args[0] if node.args else None
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                yield Import(importer, named.value, node.lineno)


@cache
def imports_under(folder: str) -> tuple[Import, ...]:
    """Every import of the modules in a folder of the repository."""
    return tuple(
        found
        for path in sorted((ROOT / folder).rglob("*.py"))
        for found in imports_in(
            path.read_text(encoding="utf-8"), module_name(path), is_package=path.name == "__init__.py"
        )
    )


def told(forbidden: list[Import]) -> str:
    return "\n".join(map(str, forbidden))


# The reader of imports itself.


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a.b", ["a.b"]),
        ("import a, b as c", ["a", "b"]),
        ("from a.b import c, d", ["a.b.c", "a.b.d"]),
        ("from . import c", ["x.y.c"]),
        ("from .b import c", ["x.y.b.c"]),
        ("from .. import c", ["x.c"]),
        ("def f():\n    import a", ["a"]),
        ("import importlib\nimportlib.import_module('a.b')", ["importlib", "a.b"]),
    ],
)
def test_every_form_of_import_is_seen(text: str, names: list[str]) -> None:
    assert [found.name for found in imports_in(text, "x.y.z")] == names


def test_relative_imports_of_a_package_start_at_itself() -> None:
    assert [found.name for found in imports_in("from .b import c", "x.y", is_package=True)] == ["x.y.b.c"]


@pytest.mark.parametrize("folder", ["pipeline", "pipeline/model", "pipeline/services", "emulator"])
def test_there_are_imports_to_judge(folder: str) -> None:
    assert imports_under(folder)


# pipeline, emulator and demo.


def test_the_pipeline_knows_neither_emulator_nor_demo() -> None:
    forbidden = [found for found in imports_under("pipeline") if found.is_under("emulator", "demo", "tests")]
    assert forbidden == [], told(forbidden)


def test_the_emulator_knows_neither_pipeline_nor_demo() -> None:
    forbidden = [found for found in imports_under("emulator") if found.is_under("pipeline", "demo", "tests")]
    assert forbidden == [], told(forbidden)


# Inside the pipeline.


def test_the_model_imports_the_standard_library_and_itself_only() -> None:
    forbidden = [
        found
        for found in imports_under("pipeline/model")
        if not found.is_under("pipeline.model") and found.name.split(".")[0] not in sys.stdlib_module_names
    ]
    assert forbidden == [], told(forbidden)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_does_not_import_another_stage(stage: str) -> None:
    others = [f"pipeline.{other}" for other in STAGES if other != stage]
    forbidden = [found for found in imports_under(f"pipeline/{stage}") if found.is_under(*others)]
    assert forbidden == [], told(forbidden)


def test_only_the_modules_that_put_the_run_together_know_several_stages() -> None:
    stages_of: dict[str, set[str]] = {}
    for found in imports_under("pipeline"):
        for stage in STAGES:
            if found.is_under(f"pipeline.{stage}") and not found.importer.startswith(f"pipeline.{stage}"):
                stages_of.setdefault(found.importer, set()).add(stage)
    assert {importer for importer, stages in stages_of.items() if len(stages) > 1} <= KNOW_SEVERAL_STAGES


@pytest.mark.parametrize("below", ["model", "config", "services", "ledger"])
def test_what_stages_stand_on_does_not_import_a_stage(below: str) -> None:
    stages = [f"pipeline.{stage}" for stage in STAGES]
    forbidden = [found for found in imports_under(f"pipeline/{below}") if found.is_under(*stages)]
    assert forbidden == [], told(forbidden)


def test_only_services_have_a_network_client() -> None:
    forbidden = [
        found
        for found in imports_under("pipeline")
        if found.is_under(*NETWORK, *NETWORK_STANDARD) and not found.importer.startswith("pipeline.services.")
    ]
    assert forbidden == [], told(forbidden)


# Inside the emulator.


def test_the_engine_does_not_import_the_rest_of_the_emulator() -> None:
    forbidden = [
        found
        for found in imports_under("emulator/deidentify")
        if found.is_under("emulator") and not found.is_under("emulator.deidentify")
    ]
    assert forbidden == [], told(forbidden)


@pytest.mark.parametrize("service", ["storage", "bigquery", "healthcare"])
def test_a_service_does_not_import_another_service(service: str) -> None:
    others = [f"emulator.{other}" for other in ("storage", "bigquery", "healthcare") if other != service]
    forbidden = [found for found in imports_under(f"emulator/{service}") if found.is_under(*others)]
    assert forbidden == [], told(forbidden)
