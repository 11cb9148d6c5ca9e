"""What the other embedded services may know of Cloud Storage: how to read and find objects by gs:// URI."""

from __future__ import annotations

from collections.abc import Callable

ReadObject = Callable[[str], bytes]
"""The bytes of `gs://bucket/name` as they are stored; raises `ObjectNotFound`."""

ListObjects = Callable[[str], list[str]]
"""The gs:// URIs that `gs://bucket/name*` matches, in name order; raises `ObjectNotFound` for an unknown bucket."""


class ObjectNotFound(Exception):
    """The bucket or the object of a gs:// URI does not exist, or the text is no gs:// URI."""
