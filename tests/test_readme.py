"""The README is true: its links lead somewhere, its targets and commands exist, its flags are accepted."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pipeline.options import parse_options

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """The indented commands, continuation lines joined; what the demo prints stands between fences."""
    text = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    text = re.sub(r"\\\n\s*", "", text)
    return [line.strip() for line in text.splitlines() if line.startswith("    ") and "->" not in line]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))))
def test_every_link_leads_to_a_file(link):
    assert (ROOT / link).exists()


def test_the_first_two_commands_are_the_demo_and_the_tests():
    assert commands()[:2] == ["make demo", "make test"]


def test_every_make_target_named_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z-]+)", " ".join(commands()) + " ".join(re.findall(r"`([^`]+)`", README)))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_pipeline_command_has_flags_that_are_accepted():
    (command,) = [line for line in commands() if line.startswith("python -m pipeline --source_store")]
    options, _ = parse_options(shlex.split(command.replace("BUCKET", "some-bucket"))[3:])
    assert options.dry_run
    assert (ROOT / options.deidentify_config).exists()
