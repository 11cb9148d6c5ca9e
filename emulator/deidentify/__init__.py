"""De-identification of DICOM instances by a `DeidentifyConfig` of the Cloud Healthcare API, as a library.

>>> profile = compile_config({"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}})
>>> outcome = deidentify_file(source, destination, profile)  # doctest: +SKIP
>>> outcome.sop_instance_uid  # doctest: +SKIP
'1.3.6.1.4.1.11129.5.1.286710307126045768765142714621897494633'

What each profile does to each kind of element, and where that is a choice of ours, is in emulator/FIDELITY.md.
"""

from emulator.deidentify.config import compile_config
from emulator.deidentify.engine import Outcome, deidentify_file
from emulator.deidentify.errors import ConfigError, InstanceError
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.profile import Profile
from emulator.deidentify.text.key_ring import KeyRing, KeyRingError
from emulator.deidentify.text.keys import KeySource
from emulator.deidentify.uids import regenerate_uid

__all__ = [
    "ConfigError",
    "EngineOptions",
    "InstanceError",
    "KeyRing",
    "KeyRingError",
    "KeySource",
    "Outcome",
    "Profile",
    "compile_config",
    "deidentify_file",
    "regenerate_uid",
]
