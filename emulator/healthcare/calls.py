"""Which method of the API a request calls, and with which parameters; found in the Discovery documents."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from emulator.errors import GoogleError
from emulator.healthcare import discovery

_PREFIX = "healthcare.projects.locations."
_TEMPLATE_PART = re.compile(r"\{[^}]+\}")
_ADDED_BY_PROXIES = frozenset({"$alt", "$key", "$fields", "$prettyPrint", "$quotaUser", "$httpMethod"})
_NOT_SUPPORTED = {"callback": "JSONP", "$callback": "JSONP"}


@dataclasses.dataclass(frozen=True)
class Method:
    """A method of one API version.

    Attributes:
        api_version: "v1" or "v1beta1".
        id: the Discovery id without its constant beginning, e.g. "datasets.dicomStores.deidentify".
        request: name of the request body's schema, or None.
        query_parameters: described by the Discovery document, by name.
    """

    api_version: str
    id: str
    request: str | None
    query_parameters: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Call:
    """One request, understood.

    Attributes:
        method: what is called.
        ids: the path's ids in order, decoded: project, location, dataset, store or operation.
        query: the method's own query parameters, converted (integers, booleans).
        body: the request body as `discovery.normalise` gives it; {} without one.
    """

    method: Method
    ids: tuple[str, ...]
    query: dict[str, Any]
    body: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class _Template:
    pattern: re.Pattern[str]
    http_method: str
    method: Method


@functools.cache
def _templates(api_version: str) -> tuple[_Template, ...]:
    """Every method's path as a pattern; methods with a verb (":deidentify") first, as an id may hold no colon."""
    found = []
    for described in discovery.methods(api_version):
        path = described["flatPath"]
        parts = [re.escape(part) for part in _TEMPLATE_PART.split(path)]
        parameters = {
            name: parameter
            for name, parameter in described.get("parameters", {}).items()
            if parameter.get("location") == "query"
        }
        method = Method(
            api_version,
            described["id"].removeprefix(_PREFIX),
            described.get("request", {}).get("$ref"),
            parameters,
        )
        pattern = re.compile("/" + "([^/]+)".join(parts))
        found.append(_Template(pattern, described["httpMethod"], method))
    return tuple(sorted(found, key=lambda template: ":" not in template.pattern.pattern))


def find_method(http_method: str, raw_path: str) -> tuple[Method, tuple[str, ...]]:
    """The method that `http_method` on `raw_path` (still percent-encoded) calls, and the ids in the path.

    Raises:
        GoogleError: 404 when the API has no such method.
    """
    api_version = raw_path.split("/", 2)[1]
    if api_version in discovery.API_VERSIONS:
        path = raw_path.replace("%3A", ":").replace("%3a", ":")
        for template in _templates(api_version):
            if template.http_method == http_method and (match := template.pattern.fullmatch(path)):
                return template.method, tuple(unquote(part) for part in match.groups())
    raise GoogleError(404, "The Healthcare API has no method for this path and HTTP verb; see its Discovery document.")


def parse_query(method: Method, query_string: str) -> dict[str, Any]:
    """The method's own parameters, converted; parameters that every method takes are checked and left out.

    Raises:
        GoogleError: 400 for a parameter that the method does not have, is given twice, or has a bad value; 501
            for an answer in another form than JSON.
    """
    common = discovery.document(method.api_version)["parameters"]
    names = {discovery.snake_case(name): name for name in method.query_parameters}
    names |= {name: name for name in method.query_parameters}
    found: dict[str, Any] = {}
    for written, value in parse_qsl(query_string, keep_blank_values=True):
        name = names.get(written)
        if name is not None:
            if name in found:
                raise GoogleError(400, f"The query parameter {name} is given twice.")
            found[name] = _converted(name, method.query_parameters[name], value)
        elif written in ("alt", "$alt") and value not in ("json", "json;enum-encoding=int", ""):
            raise GoogleError(501, "Only alt=json is implemented by the embedded Healthcare API.")
        elif written in _NOT_SUPPORTED:
            raise GoogleError(501, f"{_NOT_SUPPORTED[written]} is not implemented by the embedded Healthcare API.")
        elif written not in common and written not in _ADDED_BY_PROXIES:
            raise GoogleError(
                400,
                f'Invalid JSON payload received. Unknown name "{written}": Cannot bind query parameter. '
                f"Field '{written}' could not be found in request message.",
            )
    return found


def _converted(name: str, described: dict[str, Any], value: str) -> Any:
    if described.get("type") == "integer":
        if not re.fullmatch(r"-?\d{1,9}", value):
            raise GoogleError(400, f"The query parameter {name} must be a whole number.")
        return int(value)
    if described.get("type") == "boolean":
        if value not in ("true", "false"):
            raise GoogleError(400, f"The query parameter {name} must be true or false.")
        return value == "true"
    return value


def check_implemented(method: Method, implemented: Sequence[str]) -> None:
    """Return when the method's id is among `implemented`.

    Raises:
        GoogleError: 501 naming the method.
    """
    if method.id not in implemented:
        raise GoogleError(
            501,
            f"{_PREFIX}{method.id} ({method.api_version}) is not implemented by the embedded Healthcare API; "
            "emulator/FIDELITY.md lists what is.",
        )
