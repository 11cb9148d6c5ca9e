import multiprocessing
import os
import signal
import threading

import pytest

from emulator.deidentify import compile_config
from emulator.engine_process import EngineTask
from emulator.healthcare.engine_pool import DIED, EnginePool, StoppedError


@pytest.fixture
def profile():
    return compile_config({"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}, "v1")


@pytest.fixture
def pool():
    pool = EnginePool(1)
    yield pool
    pool.close()


@pytest.fixture
def tasks(tmp_path, dicom_file):
    """Three instances; the second is a pipe that nobody writes to, so that the engine hangs on it."""
    made = [EngineTask(tmp_path / f"{n}.in", tmp_path / f"{n}.out") for n in range(3)]
    for number in (0, 2):
        made[number].source.write_bytes(dicom_file(sop=f"1.2.3.4.{number}"))
    os.mkfifo(made[1].source)
    return made


def children():
    """Process ids of this process's engine processes."""
    return [child.pid for child in multiprocessing.active_children() if child.name == "deidentify-engine"]


def test_a_process_that_dies_fails_its_instance_and_no_other(pool, profile, tasks, wait_for):
    results = {}

    def kill_the_engine_when_it_hangs():
        wait_for(lambda: 0 in results)
        (pid,) = children()
        os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_the_engine_when_it_hangs)
    killer.start()
    pool.run(tasks, profile, lambda: False, results.__setitem__)
    killer.join()
    assert results == {0: None, 1: DIED, 2: None}
    assert tasks[2].destination.exists()


def test_a_stop_leaves_the_instances_without_result_to_do(pool, profile, tasks):
    results = {}
    with pytest.raises(StoppedError):
        pool.run(tasks, profile, lambda: 0 in results, results.__setitem__)
    assert results == {0: None}


def test_after_a_stop_the_pool_works_on(pool, profile, tasks):
    results = {}
    with pytest.raises(StoppedError):
        pool.run(tasks, profile, lambda: 0 in results, results.__setitem__)
    results.clear()
    pool.run([tasks[2]], profile, lambda: False, results.__setitem__)
    assert results == {0: None}


def test_a_file_that_cannot_be_read_fails_with_a_reason_that_holds_no_name(pool, profile, tmp_path, dicom_file):
    missing = EngineTask(tmp_path / "canary-missing", tmp_path / "a.out")
    broken = EngineTask(tmp_path / "canary-broken", tmp_path / "b.out")
    broken.source.write_bytes(dicom_file()[:200])
    results = {}
    pool.run([missing, broken], profile, lambda: False, results.__setitem__)
    assert results[0]
    assert results[1]
    assert "canary" not in str(results)
    assert not broken.destination.exists()


def test_closing_ends_the_processes(pool, profile, tasks):
    pool.run([tasks[0]], profile, lambda: False, lambda *_: None)
    assert len(children()) == 1
    pool.close()
    assert children() == []
