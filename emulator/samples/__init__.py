"""Synthetic DICOM studies with canaries in them: data for the demo, the tests and the benchmarks, no real patient.

>>> from pathlib import Path
>>> written = write_samples(Path("/tmp/samples"))  # doctest: +SKIP
>>> written.studies, written.patients  # doctest: +SKIP
(10, 5)
"""

from emulator.samples.canary import byte_patterns
from emulator.samples.studies import canaries, ct_series, generate_studies, text_canaries, uid_canaries
from emulator.samples.write import Written, write_instances, write_samples

__all__ = [
    "Written",
    "byte_patterns",
    "canaries",
    "ct_series",
    "generate_studies",
    "text_canaries",
    "uid_canaries",
    "write_instances",
    "write_samples",
]
