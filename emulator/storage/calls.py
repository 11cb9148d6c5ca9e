"""Which method a request calls, and with what: matched on the raw path, since an object's name may hold %2F."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from emulator.errors import GoogleError
from emulator.storage.query import CONDITIONS, Query

_JSON, _UPLOAD, _DOWNLOAD = "/storage/v1/", "/upload/storage/v1/", "/download/storage/v1/"
_PREFIXES = {_JSON: _JSON, _UPLOAD: _UPLOAD, "/resumable/upload/storage/v1/": _UPLOAD, _DOWNLOAD: _DOWNLOAD}
_NAMES = ("bucket", "object", "destinationBucket", "destinationObject")
_IF = frozenset(f"if{condition}" for condition in CONDITIONS)
_IF_META = frozenset({"ifMetagenerationMatch", "ifMetagenerationNotMatch"})
_IF_COMPOSE = frozenset({"ifGenerationMatch", "ifMetagenerationMatch"})
_IF_SOURCE = frozenset(f"ifSource{condition}" for condition in CONDITIONS)
_PAGE = frozenset({"maxResults", "pageToken", "prefix"})
# No bucket has versioning or folders here, so `versions` and `includeFoldersAsPrefixes` add nothing to a list.
_FOLDER_PAGE = frozenset({"pageSize", "pageToken", "prefix"})
_LIST = frozenset({"delimiter", "startOffset", "endOffset", "versions", "includeFoldersAsPrefixes"})
_BUCKET, _OBJECTS, _OBJECT = "b/{bucket}", "b/{bucket}/o", "b/{bucket}/o/{object}"
_TO = "b/{destinationBucket}/o/{destinationObject}"


@dataclass(frozen=True)
class Method:
    """A method of the API: its Discovery id, and the query parameters that are implemented for it."""

    id: str
    parameters: frozenset[str]


def _method(method_id: str, *parameters: frozenset[str]) -> Method:
    return Method(method_id, frozenset().union(*parameters))


_COPY = frozenset({"sourceGeneration"}) | _IF | _IF_SOURCE
_GENERATION = frozenset({"generation"})
_UPLOAD_TYPE = frozenset({"uploadType", "upload_id", "name", "contentEncoding"})
_METHODS: dict[tuple[str, str, tuple[str, ...]], Method] = {
    (prefix, verb, tuple(path.split("/"))): method
    for prefix, verb, path, method in (
        (_JSON, "POST", "b", _method("buckets.insert", frozenset({"project"}))),
        (_JSON, "GET", "b", _method("buckets.list", _PAGE, frozenset({"project"}))),
        (_JSON, "GET", _BUCKET, _method("buckets.get", _IF_META)),
        (_JSON, "PATCH", _BUCKET, _method("buckets.patch", _IF_META)),
        (_JSON, "PUT", _BUCKET, _method("buckets.update", _IF_META)),
        (_JSON, "DELETE", _BUCKET, _method("buckets.delete", _IF_META)),
        (_JSON, "GET", f"{_BUCKET}/storageLayout", _method("buckets.getStorageLayout", frozenset({"prefix"}))),
        (_JSON, "GET", f"{_BUCKET}/managedFolders", _method("managedFolders.list", _FOLDER_PAGE)),
        (_JSON, "GET", _OBJECTS, _method("objects.list", _PAGE, _LIST)),
        (_JSON, "GET", _OBJECT, _method("objects.get", _IF, _GENERATION)),
        (_JSON, "PATCH", _OBJECT, _method("objects.patch", _IF, _GENERATION)),
        (_JSON, "PUT", _OBJECT, _method("objects.update", _IF, _GENERATION)),
        (_JSON, "DELETE", _OBJECT, _method("objects.delete", _IF, _GENERATION)),
        (_JSON, "POST", f"{_OBJECT}/compose", _method("objects.compose", _IF_COMPOSE)),
        (_JSON, "POST", f"{_OBJECT}/copyTo/{_TO}", _method("objects.copy", _COPY)),
        (
            _JSON,
            "POST",
            f"{_OBJECT}/rewriteTo/{_TO}",
            _method("objects.rewrite", _COPY, frozenset({"maxBytesRewrittenPerCall"})),
        ),
        (_UPLOAD, "POST", _OBJECTS, _method("objects.insert", _IF, _UPLOAD_TYPE)),
        (_UPLOAD, "PUT", _OBJECTS, _method("objects.insert", _IF, _UPLOAD_TYPE)),
        (_UPLOAD, "DELETE", _OBJECTS, _method("objects.insert", _IF, _UPLOAD_TYPE)),
        (_DOWNLOAD, "GET", _OBJECT, _method("objects.get", _IF, _GENERATION)),
    )
}


@dataclass(frozen=True)
class Call:
    """A request, parsed: method, names from the path, query, headers (lower-case names), JSON body.

    `base_url` is how the caller reaches this server, for links; `body` is {} where none was sent.
    """

    method: Method
    verb: str
    bucket: str
    object: str
    destination_bucket: str
    destination_object: str
    query: Query
    headers: Mapping[str, str]
    base_url: str
    body: dict[str, Any]

    @property
    def is_media(self) -> bool:
        """Whether the bytes of the object are asked for."""
        return self.method.id == "objects.get" and self.query.text("alt") == "media"


def parse_call(verb: str, raw_path: str, query_string: str, headers: Mapping[str, str], base_url: str) -> Call:
    """The call, its body still to come.

    Args:
        verb: GET, POST ...
        raw_path: as it came, percent-encoded.
        query_string: as it came.
        headers: by lower-case name.
        base_url: `http://host:port`.

    Raises:
        GoogleError: 501 for a method, parameter or header that is not implemented; 400 for what cannot be read.
    """
    prefix = next((prefix for prefix in _PREFIXES if raw_path.startswith(prefix)), "/")
    segments = raw_path[len(prefix) :].split("/")
    for (of_prefix, of_verb, pattern), method in _METHODS.items():
        if (of_prefix, of_verb, len(pattern)) == (_PREFIXES.get(prefix), verb, len(segments)):
            names = _match(pattern, segments)
            if names is not None:
                _check_headers(method, headers)
                query = Query.parse(query_string, method.parameters)
                _check_alt(method, query)
                bucket, name, to_bucket, to_name = (names.get(key, "") for key in _NAMES)
                return Call(method, verb, bucket, name, to_bucket, to_name, query, headers, base_url, {})
    raise GoogleError(
        501,
        "This method is not implemented by the embedded Cloud Storage; emulator/FIDELITY.md lists what is. "
        "Object names in a path are percent-encoded, / as %2F.",
    )


def parse_json_body(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request body; {} for none.

    Raises:
        GoogleError: 400.
    """
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise GoogleError(400, "The request body is not valid JSON.", reason="parseError") from None
    if not isinstance(body, dict):
        raise GoogleError(400, "The request body must be a JSON object.", reason="parseError")
    return body


def _match(pattern: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    """The decoded names of the path, or None when it has another form."""
    if any(part != segment for part, segment in zip(pattern, segments, strict=True) if not part.startswith("{")):
        return None
    names = {}
    for part, segment in zip(pattern, segments, strict=True):
        if part.startswith("{"):
            try:
                names[part[1:-1]] = unquote_to_bytes(segment).decode()
            except UnicodeDecodeError:
                raise GoogleError(400, "A name in the path is not valid UTF-8.") from None
            if not segment:
                raise GoogleError(400, "A name in the path is empty.", reason="required")
    return names


def _check_headers(method: Method, headers: Mapping[str, str]) -> None:
    conditional = {"if-match", "if-none-match"} & headers.keys()
    if conditional and method.id not in {"objects.get", "buckets.get"}:
        raise GoogleError(501, "If-Match and If-None-Match are implemented for objects.get and buckets.get only.")
    if "x-http-method-override" in headers:
        raise GoogleError(501, "X-HTTP-Method-Override is not implemented by the embedded Cloud Storage.")
    if any(name.startswith(("x-goog-encryption-", "x-goog-copy-source-encryption-")) for name in headers):
        raise GoogleError(501, "Encryption keys of the customer are not implemented by the embedded Cloud Storage.")


def _check_alt(method: Method, query: Query) -> None:
    if query.text("alt") == "media" and method.id != "objects.get":
        raise GoogleError(400, "alt=media is for objects.get.")
