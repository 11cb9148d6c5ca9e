"""`python -m demo.guard PARENT COMMAND ...`: becomes COMMAND, and asks to be ended when PARENT dies.

A launcher that is killed (SIGKILL) cannot end its children. On Linux the kernel does it: PR_SET_PDEATHSIG, see
prctl(2); the request survives execve(2). Elsewhere the command runs without this guard.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

_PR_SET_PDEATHSIG = 1


def main(argv: Sequence[str]) -> NoReturn:
    """Replace this process by the command; exit with status 1 when the parent is dead already."""
    parent, *command = argv
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - the launcher's own command line, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
