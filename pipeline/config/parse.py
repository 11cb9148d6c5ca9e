"""From the text of a configuration file to one JSON object with the API's own (lowerCamelCase) field names."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from pipeline.config.discovery import snake_case_aliases
from pipeline.config.errors import ConfigError, Findings, JsonPath, Problem
from pipeline.config.raw import Members, RawTree, Unreadable, UnreadableTextError, read_json
from pipeline.config.yaml_text import read_yaml

# The Healthcare API takes requests of at most 10 MB (quotas page), and the configuration is one part of it.
MAX_TEXT_CHARACTERS = 10_000_000
MAX_DEPTH = 50

_YAML_SUFFIXES = {".yaml", ".yml"}


def parse_config(text: str, *, name: str) -> dict[str, Any]:
    """Read a `DeidentifyConfig` from JSON or YAML, snake_case names turned into the API's camelCase.

    `name` is what the user gave (`deid.yaml`, `gs://bucket/deid.json`): `.json`, `.yaml` and `.yml` choose the
    format, otherwise the text does. Field names and types are not looked at here: see `load_config`.

    Raises `ConfigError` for text that is neither, for names given twice, for values YAML would change.
    """
    findings = Findings()
    body = read_body(text, name=name, findings=findings)
    if findings.problems:
        raise ConfigError(name, findings.problems)
    return body


def read_body(text: str, *, name: str, findings: Findings) -> dict[str, Any]:
    """As `parse_config`, but mistakes of single values are added to `findings` and leave null in their place.

    Raises `ConfigError` when there is no object to go on with.
    """
    try:
        raw = _read(text.removeprefix("\ufeff"), PurePosixPath(name).suffix.lower())
        body = _Normaliser(findings).normalise(raw, ())
    except UnreadableTextError as error:
        raise ConfigError(name, [Problem("$", f"the file {error}")]) from None
    except RecursionError:
        raise ConfigError(name, [Problem("$", "the file is nested too deeply")]) from None
    if not isinstance(body, dict):
        problem = Problem("$", "a DeidentifyConfig is an object: write {...} with dicomTagConfig or dicom in it")
        raise ConfigError(name, [problem])
    return body


def _read(text: str, suffix: str) -> RawTree:
    if not text.strip():
        raise UnreadableTextError("is empty; it must hold a DeidentifyConfig")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise UnreadableTextError(f"has more than {MAX_TEXT_CHARACTERS:,} characters, more than a request may have")
    if suffix == ".json":
        return read_json(text)
    if suffix in _YAML_SUFFIXES or not text.lstrip().startswith("{"):
        return read_yaml(text)
    try:
        return read_json(text)
    except UnreadableTextError as json_error:
        try:
            return read_yaml(text)  # YAML may begin with a brace too
        except UnreadableTextError:
            raise json_error from None


class _Normaliser:
    """Turns a raw tree into plain values."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._aliases = snake_case_aliases()

    def normalise(self, value: RawTree, path: JsonPath) -> Any:
        if len(path) > MAX_DEPTH:
            raise UnreadableTextError(f"is nested more than {MAX_DEPTH} levels deep")
        if isinstance(value, Unreadable):
            self._findings.refuse(path, value.message)
            return None
        if isinstance(value, Members):
            return self._object(value, path)
        if isinstance(value, list):
            return [self.normalise(item, (*path, index)) for index, item in enumerate(value)]
        return value

    def _object(self, members: Members, path: JsonPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for written, value in members:
            if isinstance(written, Unreadable):
                self._findings.refuse(path, written.message)
                continue
            name = self._aliases.get(written, written)
            here = (*path, name)
            if name in result:
                self._findings.refuse(here, "is given twice (snake_case and camelCase are one name); keep one")
                continue
            result[name] = self.normalise(value, here)
        return result
