"""Custom regexes: RE2's language, carried out by Python's."""

import pytest

from emulator.deidentify.errors import InstanceError
from emulator.deidentify.pixels import custom_regex
from emulator.deidentify.pixels.custom_regex import CustomRegex, PatternError


def found(pattern: str, text: str, *groups: int) -> list[str]:
    return [text[start:end] for start, end in CustomRegex.read(pattern, groups).spans(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"LAB-\d{3,5}", "x LAB-12345 LAB-1", ["LAB-12345"]),
        (r"(?i:smith)", "SMITH Smith", ["SMITH", "Smith"]),
        (r"(?P<name>[A-Z]+)\^", "DOE^J", ["DOE^"]),
        (r"(?<name>[A-Z]+)", "DOE", ["DOE"]),
        (r"\x{41}\x42", "AB", ["AB"]),
        (r"end\z", "end end", ["end"]),
        (r"[]x]+", "a]x]", ["]x]"]),
        (r"[^\]\d]+", "ab]9", ["ab"]),
        (r"a.*?b", "aabab", ["aab", "ab"]),
        (r"\.\-\/", ".-/", [".-/"]),
        (r"x*", "axxb", ["xx"]),
        (r"é+", "éé", ["éé"]),
    ],
)
def test_patterns_of_re2_find_the_same(pattern: str, text: str, expected: list[str]) -> None:
    assert found(pattern, text) == expected


def test_classes_are_of_ascii_as_in_re2() -> None:
    assert found(r"\d", "٣3") == ["3"]


def test_group_indexes_select_what_is_redacted() -> None:
    assert found(r"ID: (\w+)-(\w+)", "ID: abc-def", 2) == ["def"]


def test_a_group_that_took_no_part_is_passed_over() -> None:
    assert found(r"(a)|(b)", "ab", 2) == ["b"]


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)b",
        "(?!a)b",
        "(?<=a)b",
        "(?<!a)b",
        r"(a)\1",
        r"(?P<x>a)(?P=x)",
        "(?>a)",
        "a++",
        "a**",
        "a{2}{3}",
        "a{1001}",
        "(?(1)a|b)",
        "(?#comment)a",
        "(?x:a b)",
        "(?U:a)",
        "a(?i)b",
        r"\Z",
        r"\pL",
        r"\Qa\E",
        r"\u0041",
        "[[:alpha:]]",
        r"[\b]",
        "[a",
        "(a",
        "a)",
        "*a",
        "a\\",
        r"\x{110000}",
        "",
    ],
)
def test_what_re2_or_python_lacks_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        CustomRegex.read(pattern)


def test_the_message_does_not_repeat_the_pattern() -> None:
    with pytest.raises(PatternError) as raised:
        CustomRegex.read("(?=CANARY)")
    assert "CANARY" not in str(raised.value)


def test_a_pattern_that_never_ends_fails_the_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom_regex, "TIME_LIMIT_SECS", 0.05)
    with pytest.raises(InstanceError, match="exponential"):
        CustomRegex.read("(a|a|aa)+b").spans("a" * 2000)
