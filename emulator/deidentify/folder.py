"""De-identifying many files in several processes."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import errno
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from emulator.deidentify.engine import Outcome, deidentify_file
from emulator.deidentify.errors import InstanceError
from emulator.deidentify.profile import Profile

DUPLICATE = "another file has the same SOP Instance UID and was de-identified before this one"
LOST = "was not processed: the process that worked on it died"

_CHUNK = 16
"""Files handed to a process at once: enough to make the hand-over cheap, few enough to share the last ones."""


_Task = tuple[int, Path, Path]
"""Index, source and destination."""


@dataclasses.dataclass(frozen=True)
class Done:
    """What became of one file.

    Attributes:
        index: its place among the inputs.
        path: where its result is, when there is one.
        outcome: None when it failed.
        reason: why it failed, in words that hold nothing of it; None when it did not.
    """

    index: int
    path: Path
    outcome: Outcome | None
    reason: str | None


def deidentify_files(inputs: Sequence[Path], work: Path, profile: Profile, jobs: int) -> Iterator[Done]:
    """De-identify each file into the folder `work`, under its index. Results come in the order of the inputs.

    A file that fails, whatever the reason, does not stop the others; nor does one that ends the process it is worked
    on in, as a crash in a codec does, when there are several.
    """
    tasks = [(index, source, work / str(index)) for index, source in enumerate(inputs)]
    if jobs == 1 or len(tasks) <= _CHUNK:
        yield from (_one(profile, *task) for task in tasks)
        return
    yield from _in_processes(tasks, profile, jobs)


def _in_processes(tasks: list[_Task], profile: Profile, jobs: int) -> Iterator[Done]:
    """In `jobs` processes. When one dies, the next files are tried one at a time, so that only the culprit is lost."""
    while tasks:
        done = 0
        try:
            for result in _pooled(tasks, profile, jobs, _CHUNK):
                done += 1
                yield result
        except BrokenProcessPool:
            suspects = tasks[done : done + jobs * _CHUNK]
            yield from _one_by_one(suspects, profile)
            done += len(suspects)
        tasks = tasks[done:]


def _one_by_one(tasks: list[_Task], profile: Profile) -> Iterator[Done]:
    while tasks:
        done = 0
        try:
            for result in _pooled(tasks, profile, 1, 1):
                done += 1
                yield result
        except BrokenProcessPool:
            index, _source, destination = tasks[done]
            yield Done(index, destination, None, LOST)
            done += 1
        tasks = tasks[done:]


def _pooled(tasks: list[_Task], profile: Profile, jobs: int, chunk: int) -> Iterator[Done]:
    """In order of the tasks.

    Raises:
        BrokenProcessPool: a process died. Files whose results have not come out may be done, or not.
    """
    with concurrent.futures.ProcessPoolExecutor(
        max_workers=min(jobs, -(-len(tasks) // chunk)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(profile,),
    ) as pool:
        try:
            yield from pool.map(_in_worker, tasks, chunksize=chunk)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_profile: Profile | None = None
"""The worker process's profile: sent once, not with each file."""


def _start(profile: Profile) -> None:
    global _profile  # noqa: PLW0603 - a worker process has one profile
    _profile = profile
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides


def _in_worker(task: _Task) -> Done:
    assert _profile is not None  # noqa: S101 - _start ran first
    return _one(_profile, *task)


def _one(profile: Profile, index: int, source: Path, destination: Path) -> Done:
    try:
        if not source.is_file():  # reading from a pipe could wait forever
            return Done(index, destination, None, "is not a regular file")
        return Done(index, destination, deidentify_file(source, destination, profile), None)
    except InstanceError as error:
        reason = str(error)
    except OSError as error:
        reason = f"a file cannot be read or written ({errno.errorcode.get(error.errno or 0, 'unknown reason')})"
    except MemoryError:
        reason = "is too large for this machine's memory"
    except Exception as error:  # noqa: BLE001 - one file must not stop the others
        reason = f"unexpected {type(error).__name__}"
    return Done(index, destination, None, reason)
