"""Coverage-guided fuzzing of the de-identify engine, by hand and for as long as wanted; CI runs `test_fuzz.py`.

    python tests/fuzz/fuzz_engine.py --seeds FOLDER        writes the files to begin with
    python tests/fuzz/fuzz_engine.py FOLDER [libFuzzer options, such as -max_total_time=600 -max_len=8192]

Wants atheris 3.0.0 beside the packages of requirements/emulator.txt, in an environment of its own. A finding ends the
run and is left as `crash-...` in the working directory; give its path in place of FOLDER to see it again.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
CONFIGS: tuple[dict[str, Any], ...] = (
    {"dicomTagConfig": {}},
    {"dicom": {}},
    {"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}},
    {"dicomTagConfig": {"profileType": "DEIDENTIFY_TAG_CONTENTS"}},
    {
        "dicomTagConfig": {
            "options": {"cleanDescriptors": {}},
            "actions": [
                {"queries": ["OverlayData", "RequestAttributesSequence"], "keepTag": {}},
                {"queries": ["SQ"], "recurseTag": {}},
                {"queries": ["LO", "DS"], "resetTag": {}},
                {"queries": ["UI"], "regenUidTag": {}},
            ],
        }
    },
)
LARGEST_SEED_BYTES = 6_000


def judge() -> Callable[[int, bytes], bool]:
    """`call(number of a configuration, content of a file)`: whether it was de-identified; raises for any fault.

    Refused is in order, with InstanceError and no other exception, and so is a file that can be read again, by pydicom
    and by the engine, under the names that the engine gave it. Both rewriters, where they take a file, agree.
    """
    import pydicom  # noqa: PLC0415 - after atheris has begun to watch imports

    from emulator.deidentify import InstanceError, compile_config  # noqa: PLC0415
    from emulator.deidentify.engine import deidentify_data  # noqa: PLC0415

    profiles = [compile_config(config) for config in CONFIGS]
    keep_all = profiles[1]

    def run(data: bytes, number: int, rewriter: Any = None) -> tuple[bytes, Any] | None:
        try:
            pieces, outcome = deidentify_data(data, profiles[number], rewriter)
        except InstanceError as error:
            reason = str(error)
        else:
            return b"".join(pieces), outcome
        assert "CANARY" not in reason
        return None

    def call(number: int, data: bytes) -> bool:
        number %= len(profiles)
        done = run(data, number)
        fast, tolerant = run(data, number, "bytes"), run(data, number, "dataset")
        assert (done is None) == (fast is None and tolerant is None)
        if fast and tolerant:
            assert fast[0] == tolerant[0], "the rewriters differ"
        if done is None:
            return False
        result, outcome = done
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = pydicom.dcmread(io.BytesIO(result))
            assert read.file_meta.MediaStorageSOPInstanceUID == outcome.sop_instance_uid
            assert read.SOPInstanceUID == outcome.sop_instance_uid
        _pieces, again = deidentify_data(result, keep_all)
        assert again.sop_class_uid == outcome.sop_class_uid
        return True

    return call


def write_seeds(folder: Path) -> None:
    """Small files of every kind that pydicom ships, each under every configuration."""
    from pydicom.data import get_testdata_file  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    example = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(example, str)
    for path in sorted(Path(example).parent.parent.rglob("*")):
        if path.is_file() and path.stat().st_size < LARGEST_SEED_BYTES:
            for number in range(len(CONFIGS)):
                (folder / f"{path.name}-{number}").write_bytes(bytes([number]) + path.read_bytes())


def main() -> None:
    sys.path.insert(0, str(REPOSITORY))
    if sys.argv[1:2] == ["--seeds"]:
        write_seeds(Path(sys.argv[2]))
        return
    import atheris  # noqa: PLC0415 - only here: CI does without

    with atheris.instrument_imports(include=["emulator", "pydicom.filereader", "pydicom.fileutil", "pydicom.charset"]):
        call = judge()

    def one(data: bytes) -> None:
        if data:
            call(data[0], data[1:])

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
