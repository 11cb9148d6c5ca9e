"""An application-default-credentials file with which Google's clients start at once and ask nobody.

Without credentials every Google client first looks for a metadata server, for about 24 seconds. A file of type
`authorized_user` that carries a token with a far expiry is used as it is: no network, no wait. The embedded
services do not look at the token.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

PROJECT = "embedded-cloud"  # project of the shell exports; the services accept any project


def write_credentials(path: Path) -> Path:
    """Write the file, readable by its owner only, and return `path`."""
    content = {
        "type": "authorized_user",
        "client_id": "embedded",
        "client_secret": "embedded",
        "refresh_token": "embedded",
        "token": "embedded",
        "expiry": "2099-01-01T00:00:00Z",
        "quota_project_id": PROJECT,
    }
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
    temporary.replace(path)
    return path
