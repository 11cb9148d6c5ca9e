"""Bucket names, object names and gs:// URIs."""

from __future__ import annotations

import re

from emulator.errors import GoogleError
from emulator.objects import ObjectNotFound

_BUCKET = re.compile(r"[a-z0-9][a-z0-9_.-]*[a-z0-9]")
_IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
MAX_OBJECT_NAME_BYTES = 1024


def check_bucket_name(name: object) -> str:
    """The name, when a bucket may be created under it (https://cloud.google.com/storage/docs/buckets#naming).

    Raises:
        GoogleError: 400 naming the rule.
    """
    rule = "3 to 63 characters: lower-case letters, digits, dashes, underscores and dots; letter or digit at both ends"
    if not isinstance(name, str) or not _BUCKET.fullmatch(name) or not 3 <= len(name) <= 222:
        raise GoogleError(400, f"Invalid bucket name: {rule}.")
    if any(not 1 <= len(part) <= 63 for part in name.split(".")):
        raise GoogleError(400, "Invalid bucket name: each part between dots has 1 to 63 characters.")
    if _IP_ADDRESS.fullmatch(name) or name.startswith("goog") or "google" in name:
        raise GoogleError(400, "Invalid bucket name: no IP address, no beginning with goog, no google inside.")
    return name


def check_object_name(name: object) -> str:
    """The name, when an object may be created under it (https://cloud.google.com/storage/docs/objects#naming).

    Raises:
        GoogleError: 400 naming the rule.
    """
    if not isinstance(name, str) or not name:
        raise GoogleError(400, "An object name is required.", reason="required")
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        raise GoogleError(400, "An object name must be valid UTF-8.") from None
    if length > MAX_OBJECT_NAME_BYTES:
        raise GoogleError(400, f"An object name has at most {MAX_OBJECT_NAME_BYTES} bytes of UTF-8.")
    if "\r" in name or "\n" in name or name in {".", ".."} or name.startswith(".well-known/acme-challenge/"):
        raise GoogleError(
            400,
            "An object name holds no line break, is not . or .., and does not begin with .well-known/acme-challenge/.",
        )
    return name


def split_uri(uri: str) -> tuple[str, str]:
    """`gs://bucket/a/b` -> `("bucket", "a/b")`.

    Raises:
        ObjectNotFound: it has another form.
    """
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not uri.startswith("gs://") or not bucket or not name:
        raise ObjectNotFound("not a URI of the form gs://BUCKET/OBJECT")
    return bucket, name
