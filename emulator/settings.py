"""Every declared setting of the embedded services, in one frozen value.

A setting exists where Google's behaviour is not documented, is documented in two ways, or where a test needs a
dial (how long operations take). Each has a line in FIDELITY.md. `python -m emulator serve --set name=value`
and `--settings FILE.json` set them; an unknown name or a value that a setting does not take is refused.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable, Mapping
from typing import Any

from emulator.deidentify.options import EDITIONS, LOSSY_OUTPUTS, EngineOptions


class SettingsError(ValueError):
    """A setting that does not exist or a value that it does not take; the message names the cure."""


def _one_of(*choices: str | int) -> dict[str, Any]:
    return {"choices": choices}


def _at_least(minimum: float) -> dict[str, Any]:
    return {"minimum": minimum}


@dataclasses.dataclass(frozen=True)
class Settings:
    """All settings with their defaults.

    Attributes:
        missing_resource_status: 404 or 403, the answer for a dataset or DICOM store that does not exist. The
            conformance statement documents 403 for DICOMweb ("no access or resource does not exist"); Google's
            own samples see 404 for a missing store. 404 by default: it tells a local user what is wrong.
        stow_identical_status: 409 or 200, the answer of STOW-RS for an instance that is stored already with the
            same bytes. 409 is documented; 200 is what Google's DICOM adapter expects.
        qido_empty_status: 200 with an empty list, or 204 without a body, for a search that finds nothing.
        engine_processes: worker processes of the de-identify engine; 0 means one for each CPU.
        engine_chunk_instances: most instances handed to a worker process at once.
        engine_edition: `2018e`, `2024b` or `2026c`, the edition of PS3.15 table E.1-1 that the Basic profile follows.
            The API names 2018e.
        engine_mark_deidentified: `no` or `yes`, whether PatientIdentityRemoved and DeidentificationMethod are written,
            and BurnedInAnnotation after redaction.
        engine_date_shift_zero: `no` or `yes`, whether 0 days is a possible shift of dates.
        engine_ocr: `normal` or `thorough`, which finds more small and faint text in twice the time.
        engine_finders: further finders of sensitive text, as `module:function`, separated by commas
            (`emulator/deidentify/text/plugins.py`).
        engine_lossy_output: what a lossy image becomes when its pixels are redacted: `explicit` (Explicit VR Little
            Endian), `jpeg-ls-lossless` or `jpeg2000-lossless`.
        kms_key_ring: path of a key ring file (`python -m emulator.deidentify.text.key_ring`), which stands in for Cloud
            KMS; empty when there is none, and configurations with `kmsWrapped` are refused.
        max_concurrent_deidentify_operations: running de-identify operations for each project and location; one
            more is answered 429 RESOURCE_EXHAUSTED. Google advises "a small number, like 5".
        operation_pace: `immediate` (an operation lasts as long as its work), `timed` (at least
            `operation_min_seconds`, its instances spread over that time) or `manual` (its work is done but it
            stays unfinished until `POST /emulator/healthcare/{operation name}:finish`, or until it is cancelled).
        operation_min_seconds: what an operation lasts at least when `operation_pace` is `timed`, counted from
            its creation. Given without a pace, a value above 0 implies `timed`.
        operation_restart: what becomes of operations that were running when the server ended: `resume` (they
            start again; outputs that exist count as `destination_duplicate` says) or `fail` (they end with
            error code 14 UNAVAILABLE).
        partial_failure: how an operation ends of which some instances failed: `response` (Discovery: "may still
            be successful", see metadata.counter.failure) or `error` (best-practices-lros, code 2).
        destination_duplicate: what an instance counts whose output is in the destination already:
            `ignore_counts_success` (the new one is dropped, as import documents) or `failure`. The stored one is
            never overwritten.
        deidentify_into_source: `refuse` (400) or `allow` a destination store that is the source store.
        filter_blank_line: `ignore` or `refuse` (the operation ends with error code 3) a blank line of a filter file.
        filter_header_line: `refuse` or `ignore` a first line that is not a DICOM path (a CSV export has one).
        filter_duplicate_line: `ignore` (each instance is processed once) or `refuse` repeated lines.
        filter_unknown_path: `ignore`, `failure` (counts one failure) or `refuse` a well-formed path of nothing
            that the source store holds.
    """

    missing_resource_status: int = dataclasses.field(default=404, metadata=_one_of(404, 403))
    stow_identical_status: int = dataclasses.field(default=409, metadata=_one_of(409, 200))
    qido_empty_status: int = dataclasses.field(default=200, metadata=_one_of(200, 204))
    engine_processes: int = dataclasses.field(default=0, metadata=_at_least(0))
    engine_chunk_instances: int = dataclasses.field(default=8, metadata=_at_least(1))
    engine_edition: str = dataclasses.field(default=EDITIONS[0], metadata=_one_of(*EDITIONS))
    engine_mark_deidentified: str = dataclasses.field(default="no", metadata=_one_of("no", "yes"))
    engine_date_shift_zero: str = dataclasses.field(default="no", metadata=_one_of("no", "yes"))
    engine_ocr: str = dataclasses.field(default="normal", metadata=_one_of("normal", "thorough"))
    engine_finders: str = dataclasses.field(default="", metadata={"text": "module:function, separated by commas"})
    engine_lossy_output: str = dataclasses.field(default=LOSSY_OUTPUTS[0], metadata=_one_of(*LOSSY_OUTPUTS))
    kms_key_ring: str = dataclasses.field(default="", metadata={"text": "the path of a key ring file"})
    max_concurrent_deidentify_operations: int = dataclasses.field(default=5, metadata=_at_least(1))
    operation_pace: str = dataclasses.field(default="immediate", metadata=_one_of("immediate", "timed", "manual"))
    operation_min_seconds: float = dataclasses.field(default=0.0, metadata=_at_least(0))
    operation_restart: str = dataclasses.field(default="resume", metadata=_one_of("resume", "fail"))
    partial_failure: str = dataclasses.field(default="response", metadata=_one_of("response", "error"))
    destination_duplicate: str = dataclasses.field(
        default="ignore_counts_success", metadata=_one_of("ignore_counts_success", "failure")
    )
    deidentify_into_source: str = dataclasses.field(default="refuse", metadata=_one_of("refuse", "allow"))
    filter_blank_line: str = dataclasses.field(default="ignore", metadata=_one_of("ignore", "refuse"))
    filter_header_line: str = dataclasses.field(default="refuse", metadata=_one_of("refuse", "ignore"))
    filter_duplicate_line: str = dataclasses.field(default="ignore", metadata=_one_of("ignore", "refuse"))
    filter_unknown_path: str = dataclasses.field(default="failure", metadata=_one_of("failure", "ignore", "refuse"))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Settings:
        """Settings with `values` ({"name": value}, strings converted as `--set` gives them) over the defaults.

        Raises:
            SettingsError: a name that does not exist, or a value that its setting does not take.
        """
        fields = {field.name: field for field in dataclasses.fields(cls)}
        unknown = sorted(set(values) - set(fields))
        if unknown:
            raise SettingsError(f"unknown setting {', '.join(unknown)}; there are: {', '.join(sorted(fields))}")
        checked = {name: _checked(fields[name], value) for name, value in values.items()}
        if checked.get("operation_min_seconds", 0) > 0:
            checked.setdefault("operation_pace", "timed")
        return cls(**checked)

    @property
    def engine_options(self) -> EngineOptions:
        """The engine's own settings."""
        return EngineOptions(
            edition=self.engine_edition,
            mark_deidentified=self.engine_mark_deidentified == "yes",
            date_shift_zero=self.engine_date_shift_zero == "yes",
            ocr_thorough=self.engine_ocr == "thorough",
            finders=tuple(name.strip() for name in self.engine_finders.split(",") if name.strip()),
            lossy_output=self.engine_lossy_output,
        )

    @property
    def worker_processes(self) -> int:
        """Worker processes to start: `engine_processes`, or the number of CPUs this process may use."""
        if self.engine_processes:
            return self.engine_processes
        affinity = getattr(os, "sched_getaffinity", None)  # not on every system
        return len(affinity(0)) if affinity else os.cpu_count() or 1


def _checked(field: dataclasses.Field[Any], value: Any) -> Any:
    """`value` in the type of the field's default, or SettingsError."""
    convert: Callable[[Any], Any] = type(field.default)
    acceptable = (str,) if convert is str else (str, int, float)
    if isinstance(value, bool) or not isinstance(value, acceptable):
        raise SettingsError(f"setting {field.name} takes {_takes(field)}")
    try:
        converted = convert(value)
    except (ValueError, OverflowError) as error:
        raise SettingsError(f"setting {field.name} takes {_takes(field)}") from error
    if isinstance(value, float) and converted != value:
        raise SettingsError(f"setting {field.name} takes {_takes(field)}")
    if "choices" in field.metadata and converted not in field.metadata["choices"]:
        raise SettingsError(f"setting {field.name} takes {_takes(field)}")
    if "minimum" in field.metadata and not (converted >= field.metadata["minimum"] and math.isfinite(converted)):
        raise SettingsError(f"setting {field.name} takes {_takes(field)}")
    return converted


def _takes(field: dataclasses.Field[Any]) -> str:
    """The values a setting takes, in words."""
    if "choices" in field.metadata:
        return " or ".join(str(choice) for choice in field.metadata["choices"])
    if "text" in field.metadata:
        return str(field.metadata["text"])
    kind = "a whole number" if isinstance(field.default, int) else "a number"
    return f"{kind}, {field.metadata['minimum']} or more"
