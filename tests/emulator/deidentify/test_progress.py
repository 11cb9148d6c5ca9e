import io

from emulator.deidentify.progress import LOG_INTERVAL_SECS, Progress


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_short_run_says_nothing():
    stream = io.StringIO()
    progress = Progress(3, stream, Clock())
    for _ in range(3):
        progress.advance()
    progress.close()
    assert stream.getvalue() == ""


def test_a_long_run_says_how_far_it_is_once_an_interval():
    stream, clock = io.StringIO(), Clock()
    progress = Progress(5000, stream, clock)
    for _ in range(2000):
        clock.now += LOG_INTERVAL_SECS / 1000
        progress.advance()
    progress.close()
    assert stream.getvalue().splitlines() in (["1,000 of 5,000", "2,000 of 5,000"], ["1,001 of 5,000"])


def test_a_terminal_shows_one_line_that_makes_way_for_messages():
    stream, clock = Terminal(), Clock()
    progress = Progress(10, stream, clock)
    clock.now = 1.0
    progress.advance()
    progress.line("a message")
    progress.close()
    assert stream.getvalue() == "\r1 of 10\r\x1b[Ka message\n"
