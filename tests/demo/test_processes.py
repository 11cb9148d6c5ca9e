"""Children end with the launcher, however it ends, and take their own children along."""

import os
import signal
import subprocess
import sys

import pytest

from demo.names import ROOT
from demo.processes import STOP_PIPELINE, Child, Interrupted, signals_interrupt

PARENT_OF_ONE = """
import subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(grandchild.pid, flush=True)
"""
STUBBORN = "import signal; [signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM)];"
SLEEP = "import time; time.sleep(600)"


def child(script):
    return Child(["-c", script], environment=os.environ, stdout=subprocess.PIPE, stderr=None)


def test_the_exit_status_is_the_childs():
    assert child("raise SystemExit(7)").wait() == 7


def test_what_the_child_prints_can_be_read():
    started = child("print('said')")
    assert started.stdout.read() == "said\n"
    assert started.wait() == 0


def test_reading_a_child_without_a_pipe_is_refused():
    started = Child(["-c", "pass"], environment=os.environ, stdout=None, stderr=None)
    with pytest.raises(ValueError, match="without a pipe"):
        _ = started.stdout
    started.wait()


def test_stop_ends_a_child_and_its_own_child(is_alive, wait_until):
    started = child(PARENT_OF_ONE + SLEEP)
    grandchild = int(started.stdout.readline())
    assert started.stop(STOP_PIPELINE) != 0
    assert not is_alive(started.pid)
    wait_until(lambda: not is_alive(grandchild))


def test_a_child_that_ends_by_itself_leaves_no_child_behind(is_alive, wait_until):
    started = child(PARENT_OF_ONE)
    grandchild = int(started.stdout.readline())
    assert started.wait() == 0
    wait_until(lambda: not is_alive(grandchild))


def test_stop_kills_a_child_that_ignores_signals(is_alive):
    started = child(STUBBORN + "print('ready', flush=True);" + SLEEP)
    assert started.stdout.readline() == "ready\n"
    assert started.stop(((signal.SIGINT, 0.05), (signal.SIGTERM, 0.05))) == -signal.SIGKILL
    assert not is_alive(started.pid)


def test_stop_after_the_end_gives_the_same_exit_status():
    started = child("raise SystemExit(3)")
    assert started.wait() == 3
    assert started.stop(STOP_PIPELINE) == 3


def test_a_child_is_in_a_session_of_its_own():
    started = child(f"print('ready', flush=True); {SLEEP}")
    started.stdout.readline()
    assert os.getsid(started.pid) == started.pid != os.getsid(0)
    started.stop(STOP_PIPELINE)


def signal_twice(number):
    with signals_interrupt():
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts_and_the_second_is_ignored(number):
    before = signal.getsignal(number)
    with pytest.raises(Interrupted):
        signal_twice(number)
    assert signal.getsignal(number) is before


LAUNCHER = f"""
import os, subprocess
from demo.processes import Child
started = Child(["-c", {PARENT_OF_ONE + SLEEP!r}], environment=os.environ, stdout=subprocess.PIPE, stderr=None)
print(started.pid, flush=True)
started.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends the children of a killed launcher on Linux only")
def test_a_launcher_that_is_killed_leaves_no_child(is_alive, wait_until):
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    started = int(launcher.stdout.readline())
    assert is_alive(started)
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    wait_until(lambda: not is_alive(started))
