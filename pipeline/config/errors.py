"""What is wrong with a configuration: every mistake, each with its JSON path and its cure.

Messages never repeat a value of the configuration: a mistyped file may hold a key anywhere, and patterns may
hold a patient's name. The JSON path says where to look; legal values and near misses come from the schema.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

JsonPath = tuple[str | int, ...]
"""Where a value is: `("dicomTagConfig", "actions", 2)` is written `$.dicomTagConfig.actions[2]`."""

# Every field name of DeidentifyConfig fits; key material pasted as a name (YAML `{cryptoKey:ABC=}`) does not,
# except by accident, and the length bounds what such an accident could show.
_SHOWABLE_NAME = re.compile(r"[A-Za-z][A-Za-z]{0,29}(_[a-z]{1,30}){0,5}")


def is_showable(name: str) -> bool:
    """Whether a field name looks like a field name, so that a message may repeat it."""
    return _SHOWABLE_NAME.fullmatch(name) is not None


def render_path(path: JsonPath) -> str:
    """JSONPath of a value, for example `$.dicomTagConfig.actions[2].queries[0]`.

    A name that does not look like a field name is shown as `['?']`.
    """
    parts = ["$"]
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append(f".{step}" if is_showable(step) else "['?']")
    return "".join(parts)


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is and how to cure it."""

    json_path: str
    message: str

    def __str__(self) -> str:
        return f"{self.json_path}: {self.message}"


class ConfigError(ValueError):
    """The configuration cannot be used; nothing was started.

    `problems` holds every mistake found; `json_path` and `message` are those of the first.
    """

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        if not problems:
            raise ValueError("a ConfigError needs at least one problem")
        super().__init__(name, tuple(problems))  # args rebuild the exception when it crosses a process
        self.name = name
        self.problems = tuple(problems)

    @property
    def json_path(self) -> str:
        """JSON path of the first mistake."""
        return self.problems[0].json_path

    @property
    def message(self) -> str:
        """Cure of the first mistake."""
        return self.problems[0].message

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return f"{self.name}: {self.problems[0]}"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        return f"{self.name}: {len(self.problems)} mistakes\n{lines}"


@dataclass
class Findings:
    """Collects problems and warnings while the rules look at a configuration."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, path: JsonPath, message: str) -> None:
        """Record a mistake; an exact repetition is recorded once."""
        problem = Problem(render_path(path), message)
        if problem not in self.problems:
            self.problems.append(problem)

    def warn(self, path: JsonPath, message: str) -> None:
        """Record something legal that a person should know before the run."""
        warning = f"{render_path(path)}: {message}"
        if warning not in self.warnings:
            self.warnings.append(warning)
