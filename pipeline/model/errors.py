"""Errors whose type says what to do next. Their messages never hold a DICOM value, a UID or a key."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was launched; the message names what is wrong and the cure. Exit status 2."""


class RunBroken(Exception):
    """The run stopped in the middle; the same command with the same run id goes on. Exit status 3."""
