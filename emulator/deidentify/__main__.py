"""`python -m emulator.deidentify`: see `cli`."""

import signal
import sys
from types import FrameType

from emulator.deidentify.cli import main


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Let SIGTERM end a run as Ctrl-C does: with the unfinished files cleared away."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main(sys.argv[1:]))
