"""Pages of a list: pageSize and an opaque pageToken."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from emulator.errors import GoogleError

DEFAULT_PAGE_SIZE = 100  # Discovery: "If not specified, 100 is used. May not be larger than 1000."
MAX_PAGE_SIZE = 1000


def page_size(query: dict[str, Any]) -> int:
    """`pageSize` of a list call; absent or 0 is the default.

    Raises:
        GoogleError: 400 when it is negative or above the maximum.
    """
    size: int = query.get("pageSize", 0)
    if not 0 <= size <= MAX_PAGE_SIZE:
        raise GoogleError(400, f"pageSize must be between 0 and {MAX_PAGE_SIZE}.")
    return size or DEFAULT_PAGE_SIZE


def token_for(last_key: str) -> str:
    """The token that continues after `last_key`."""
    return base64.urlsafe_b64encode(last_key.encode()).decode()


def start_after(query: dict[str, Any]) -> str:
    """The key that `pageToken` continues after; "" for the first page.

    Raises:
        GoogleError: 400 when it is no token of ours.
    """
    try:
        return base64.b64decode(query.get("pageToken", ""), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise GoogleError(400, "Invalid pageToken: give the nextPageToken of the previous answer.") from error
