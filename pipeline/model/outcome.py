"""What became of an instance: exactly one outcome each, and the reason where there is one."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The five ends of an instance that was asked for."""

    DEIDENTIFIED = "DEIDENTIFIED"
    """Absent from the destination before, seen there after the operation."""
    SKIPPED = "SKIPPED"
    """An earlier run did it with the same configuration, and it is still in the destination."""
    FAILED = "FAILED"
    """The operation is over and the instance is not in the destination."""
    REJECTED = "REJECTED"
    """The input could not be read as an instance of the source store."""
    UNKNOWN = "UNKNOWN"
    """Could not be established; never counted as success."""


class Reason(StrEnum):
    """Why an outcome is not DEIDENTIFIED. REJECTED lines carry a `LineProblem` or NOT_IN_SOURCE."""

    ALREADY_DEIDENTIFIED = "ALREADY_DEIDENTIFIED"
    """SKIPPED: the ledger shows the same configuration digest for it."""
    NOT_IN_SOURCE = "NOT_IN_SOURCE"
    """REJECTED: the source store does not hold it."""
    DESTINATION_OCCUPIED = "DESTINATION_OCCUPIED"
    """UNKNOWN: the destination holds its de-identified UIDs, and nothing shows that this configuration made it."""
    HELD_BY_ANOTHER_RUN = "HELD_BY_ANOTHER_RUN"
    """UNKNOWN: another run launched an operation for it that has not been closed; resume that run first."""
    LISTING_FAILED = "LISTING_FAILED"
    """UNKNOWN: its study could not be listed in the source or in the destination; nothing was launched for it."""
    LAUNCH_REFUSED = "LAUNCH_REFUSED"
    """FAILED: the API refused to start the operation."""
    LAUNCH_UNCONFIRMED = "LAUNCH_UNCONFIRMED"
    """UNKNOWN: whether an operation was started could not be established; a person must look."""
    OPERATION_FAILED = "OPERATION_FAILED"
    """FAILED: the operation ended with an error and the instance is not in the destination."""
    OPERATION_CANCELLED = "OPERATION_CANCELLED"
    """FAILED: the operation was cancelled before the instance was written."""
    OPERATION_LOST = "OPERATION_LOST"
    """UNKNOWN: the operation's record is gone (kept about 30 days) and the instance is not in the destination."""
    NOT_IN_DESTINATION = "NOT_IN_DESTINATION"
    """FAILED: the operation succeeded without this instance."""
    UID_RULE_MISMATCH = "UID_RULE_MISMATCH"
    """UNKNOWN: the operation counts a success for every instance, but under other UIDs than the rule predicts."""
    DESTINATION_UNREADABLE = "DESTINATION_UNREADABLE"
    """UNKNOWN: the operation is over, but the destination could not be listed."""
