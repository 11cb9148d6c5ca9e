"""What ends the demo early."""


class DemoError(Exception):
    """The demo cannot go on; the message is one sentence that names the cure. Exit status 2.

    It never holds a UID, a file name of a person's folder or anything from inside a file: run.log keeps it.
    """
