"""A compiled TextConfig: what to look for in text, and what to write instead."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from emulator.deidentify.json_fields import Fields
from emulator.deidentify.options import EngineOptions
from emulator.deidentify.text.config import ApiVersion, read_text_config
from emulator.deidentify.text.finding import CONTEXT, Finding
from emulator.deidentify.text.keys import KeySource
from emulator.deidentify.text.transform import Transformation, named

if TYPE_CHECKING:
    from emulator.deidentify.instance import Instance


@dataclasses.dataclass(frozen=True)
class TextPlan:
    """A value: picklable, equal to another made from an equal configuration and the same keys, which its repr hides.

    Attributes:
        by_info_type: every info type that is looked for, with what is done to it.
        excluded: info types that are left as they are, by request.
    """

    by_info_type: Mapping[str, Transformation]
    excluded: frozenset[str] = frozenset()

    @property
    def info_types(self) -> frozenset[str]:
        """What to look for."""
        return frozenset(self.by_info_type)

    def transform(self, text: str, info_type: str, instance: Instance, vr: str = "") -> str:
        """What is written instead of `text`, found as `info_type`; its name in brackets when none is configured.

        Args:
            text: what was found.
            info_type: one of `info_types`, or CTX for a phrase of the header.
            instance: where it was found.
            vr: DA or DT when the text is a whole value of that VR.
        """
        transformation = self.by_info_type.get(info_type)
        return named(info_type) if transformation is None else transformation.apply(text, info_type, instance, vr)

    def replace(self, text: str, findings: Sequence[Finding], instance: Instance) -> str:
        """The text with every finding transformed; phrases of the header become [CTX].

        Args:
            text: in which they were found.
            findings: sorted, not overlapping.
            instance: the instance the text is of.
        """
        pieces, position = [], 0
        for finding in findings:
            pieces.append(text[position : finding.start])
            pieces.append(self.transform(text[finding.start : finding.end], finding.info_type, instance))
            position = finding.end
        return "".join([*pieces, text[position:]])

    def describe(self) -> list[str]:
        """What is done to which info types, a line for each kind of transformation, and what is left alone."""
        groups: dict[str, list[str]] = {}
        for info_type, transformation in sorted(self.by_info_type.items()):
            groups.setdefault(transformation.describe(), []).append(info_type)
        lines = [f"{', '.join(info_types)}: {what}" for what, info_types in groups.items()]
        lines.append(f"phrases of the instance's own header, where they are looked for: replaced with {named(CONTEXT)}")
        if self.excluded:
            lines.append(f"{', '.join(sorted(self.excluded))}: left as they are")
        return lines


def compile_text(
    parent: Fields, name: str, api_version: ApiVersion, keys: KeySource, options: EngineOptions
) -> TextPlan:
    """Compile the TextConfig in the field `name` of `parent`; when it is absent, the API's defaults.

    Args:
        parent: the DeidentifyConfig.
        name: "text".
        api_version: whose defaults and fields hold.
        keys: for transformations whose key is wrapped or not given.
        options: whether dates may be shifted by no day.

    Raises:
        ConfigError: see `config.read_text_config`.
    """
    return TextPlan(*read_text_config(parent, name, api_version, keys, options))
