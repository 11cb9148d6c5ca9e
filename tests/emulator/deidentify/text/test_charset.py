"""Text read strictly, and written so that it can be read."""

import pytest

from emulator.deidentify.text.charset import decode, encode

TEXT = "\t\n\f\r\\"


@pytest.mark.parametrize(
    ("value", "encodings"),
    [
        (b"M\xfcller", ("UTF8",)),
        (b"\xff", ("GB18030",)),
        (b"abc", ("nonsense",)),
        (b"\x1b(Zabc", ("iso8859",)),
        (b"\x1b$Babc", ("iso8859", "iso2022_jp")),
        (b"a\x1b", ("iso8859",)),
        (b"\x1b$)Aabc", ("iso8859",)),
    ],
)
def test_what_cannot_be_read_is_nothing(value, encodings):
    assert decode(value, encodings, TEXT) is None


@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        ("Müller", ("latin_1",)),
        ("山田\\ﾔﾏﾀﾞ a\\b", ("shift_jis", "iso2022_jp")),
        ("山田^太郎=やまだ^たろう", ("iso8859", "iso2022_jp")),
        ("Fuß снимок\nснимок Fuß", ("latin_1", "iso8859_5")),
        ("김희중 ab", ("iso8859", "euc_kr")),
        ("检查\n检查 b", ("iso8859", "iso_ir_58")),
        ("", ("UTF8",)),
    ],
)
def test_what_is_written_is_read_again(text, encodings):
    if "iso8859_5" in encodings:  # as pydicom names it
        encodings = ("latin_1", "iso_ir_144")
    delimiters = TEXT + "^="
    assert decode(encode(text, encodings, delimiters, text), encodings, delimiters) == text


@pytest.mark.parametrize(
    ("inserted", "encodings", "written"),
    [
        ("20 août 2021", ("iso8859",), b"20 aout 2021"),
        ("20 août 2021", ("latin_1",), "20 août 2021".encode("latin-1")),
        ("20 août 2021", ("iso_ir_144",), b"20 aout 2021"),
        ("20 août 2021", ("shift_jis", "iso2022_jp"), b"20 aout 2021"),
        ("█▒", ("latin_1",), b"**"),
        ("a 山", ("latin_1",), b"a *"),
    ],
)
def test_inserted_characters_that_cannot_be_written_become_ascii(inserted, encodings, written):
    assert encode(inserted, encodings, TEXT, "20 septembre 2021") == written


def test_what_stood_there_without_a_character_set_still_may():
    assert encode("[PERSON_NAME], Fuß, août", ("iso8859",), TEXT, "Wall, Fuß") == b"[PERSON_NAME], Fu\xdf, aout"


def test_one_character_that_cannot_be_written_leaves_the_others():
    assert encode("снимок █", ("iso_ir_144",), TEXT, "") == "снимок *".encode("iso8859_5")
