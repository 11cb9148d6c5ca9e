"""Files made to break a reader. Each ends in a clear reason, or in a result without a canary; the others go on.

All of them lie in one folder with sound ones, and the command works on it once, in two processes whose address space
is limited: one file that took memory or time without bound would take the whole folder with it.
"""

import json
import os
import re
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from pydicom.filereader import read_file_meta_info

from emulator.deidentify import InstanceError, compile_config, deidentify_file, files, regenerate_uid
from emulator.engine_process import EngineProcess, EngineTask

ADDRESS_SPACE_BYTES = 2 * 2**30
HANG_GUARD_SECS = 300
BASIC = {"dicomTagConfig": {}}
TEXT = {"dicomTagConfig": {"profileType": "DEIDENTIFY_TAG_CONTENTS"}}
TEXT_BYTES = 100_000
UNDEFINED = 0xFFFFFFFF
EXPLICIT, IMPLICIT, BIG, DEFLATED = (f"1.2.840.10008.1.2{end}" for end in (".1", "", ".2", ".1.99"))
SOUND = 40
"""Sound files among the others: more than a process is handed at once."""

ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
ITEM_END = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
SOP = b"1.2.3.99"
SHARED_GROUPS = 0x52009229
"""SharedFunctionalGroupsSequence: kept by the Basic profile, and walked."""


def element(tag, vr, value=b"", length=None, order="<"):
    """An element in explicit VR; `length` is what it claims."""
    length = len(value) if length is None else length
    if vr in {"OB", "OW", "SQ", "UC", "UN", "UT"}:
        return struct.pack(order + "HH2sHI", tag >> 16, tag & 0xFFFF, vr.encode(), 0, length) + value
    return struct.pack(order + "HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), length & 0xFFFF) + value


def implicit(tag, value=b"", length=None):
    length = len(value) if length is None else length
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, length) + value


def item(content):
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def meta(syntax=EXPLICIT, extra=b""):
    text = syntax.encode()
    body = extra + element(0x00020010, "UI", text + b"\0" * (len(text) % 2))
    return b"\0" * 128 + b"DICM" + element(0x00020000, "UL", struct.pack("<I", len(body))) + body


def ids(make=element, sop=SOP):
    """The elements without which nothing is an instance."""
    values = {
        0x00080016: b"1.2.840.10008.5.1.4.1.1.2\0",
        0x00080018: sop,
        0x0020000D: b"1.2.3.10",
        0x0020000E: b"1.2.3.20",
    }
    return b"".join(make(tag, value) if make is implicit else make(tag, "UI", value) for tag, value in values.items())


NAME = element(0x00100010, "PN", b"CANARY")


def nested(depth, inner=NAME):
    """`inner` in that many sequences and items of undefined length."""
    opening = element(SHARED_GROUPS, "SQ", length=UNDEFINED) + ITEM
    return opening * depth + inner + (ITEM_END + SEQUENCE_END) * depth


def nested_with_lengths(depth, inner=NAME, vr="SQ"):
    """The same with lengths, from the inside out."""
    headers, length = [], len(inner)
    for _ in range(depth):
        headers += [struct.pack("<HHI", 0xFFFE, 0xE000, length), element(SHARED_GROUPS, vr, length=length + 8)]
        length += 8 + 12
    return b"".join(reversed(headers)) + inner


def deflated(content):
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def bomb(mebibytes, head=b""):
    """A deflated data set of `head` and that many MiB of zeros."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(2**20)) + packer.flush(
        zlib.Z_FULL_FLUSH
    )  # can be repeated: it refers to nothing before
    return start + block * mebibytes + packer.flush()


START = meta() + ids()
PIXELS = element(0x7FE00010, "OW", b"\1\2" * 8)
MALFORMED = "the data set is malformed and cannot be read"
TOO_DEEP = "sequences are nested too deeply"
TOO_MANY = "has more elements and items than can be taken apart"
TRUNCATED = "is truncated: an element is longer than the rest of the file"

REFUSED = {
    # name: (content, reason)
    "nothing": (lambda: b"", "is not a DICOM file"),
    "preamble alone": (lambda: b"\0" * 128, "is not a DICOM file"),
    "prefix alone": (lambda: b"\0" * 128 + b"DICM", "has no SOPClassUID"),
    "half a meta header": (lambda: meta()[:135], "file meta information is truncated"),
    "half a meta value": (lambda: meta()[:-4], "file meta information is truncated"),
    "meta longer than the file": (
        lambda: meta(extra=element(0x00020012, "OB", b"", 0xFFFFFFFE)),
        "file meta information is truncated",
    ),
    "meta with a sequence": (
        lambda: meta(extra=element(0x00020016, "SQ", ITEM + NAME + ITEM_END, UNDEFINED)),
        "file meta information is truncated",
    ),
    "meta with an unknown VR": (
        lambda: meta(extra=b"\2\0\x16\0??\4\0abcd"),
        "file meta information is not in Explicit VR",
    ),
    "meta without end": (
        lambda: b"\0" * 128 + b"DICM" + element(0x00020016, "AE", b"CANARY") * 100_000,
        "has no SOPClassUID",
    ),
    "transfer syntax with control characters": (
        lambda: meta("1.2\n\x1b[0m\0CANARY"),
        "TransferSyntaxUID is not a UID",
    ),
    "an id of control characters, twice": (
        lambda: meta() + ids(sop=b"1.2\\1.3\n"),
        "SOPInstanceUID is not a UID",
    ),
    "half a long header": (lambda: START + element(0x7FE00010, "OW")[:10], MALFORMED),
    "half a value": (lambda: START + NAME[:-2], TRUNCATED),
    "pixels longer than the file": (lambda: START + element(0x7FE00010, "OW", b"\1\2", 0x7FFFFFFE), TRUNCATED),
    "the largest length there is": (lambda: START + element(0x7FE00010, "OW", b"\1\2", 0xFFFFFFFE), TRUNCATED),
    "a sequence longer than the file": (
        lambda: START + element(SHARED_GROUPS, "SQ", item(NAME), 0x10000000),
        TRUNCATED,
    ),
    "a sequence of undefined length without end": (
        lambda: START + element(SHARED_GROUPS, "SQ", ITEM + NAME, UNDEFINED),
        MALFORMED,
    ),
    "fragments without end": (
        lambda: START + element(0x7FE00010, "OB", item(b"CANARY") * 20_000, UNDEFINED),
        MALFORMED,
    ),
    "a fragment longer than the file": (
        lambda: START + element(0x7FE00010, "OB", struct.pack("<HHI", 0xFFFE, 0xE000, 0x7FFFFFFE), UNDEFINED),
        MALFORMED,
    ),
    "a number that swallows what follows": (
        lambda: START + implicit(0x00280102, NAME + SEQUENCE_END, UNDEFINED),
        "has a value of undefined length that is neither a sequence nor in fragments",
    ),
    "pixels that swallow what follows": (
        lambda: START + element(0x7FE00010, "OB", item(b"\1\2") + NAME + SEQUENCE_END, UNDEFINED),
        "has a value of undefined length that is neither a sequence nor in fragments",
    ),
    "a thousand deep": (lambda: START + nested(1_000), TOO_DEEP),
    "a hundred thousand deep": (lambda: START + nested(100_000), TOO_DEEP),
    "a thousand deep with lengths": (lambda: START + nested_with_lengths(1_000), TOO_DEEP),
    "a thousand deep in UN": (lambda: START + nested_with_lengths(1_000, vr="UN"), f"{TRUNCATED}|{TOO_DEEP}"),
    "a thousand openings without end": (
        lambda: START + (element(SHARED_GROUPS, "SQ", length=UNDEFINED) + ITEM) * 1_000,
        TOO_DEEP,
    ),
    "a large value in many sequences": (
        lambda: START + nested_with_lengths(150, element(0x00091010, "OB", bytes(40 * 2**20))),
        f"{TOO_DEEP} around values as large as these",
    ),
    "zip bomb": (lambda: meta(DEFLATED) + bomb(1_100, ids()), "the deflated data set is too large"),
    "half a zip": (lambda: meta(DEFLATED) + deflated(ids() + NAME)[:-9], "the deflated data set is truncated"),
    "no zip": (lambda: meta(DEFLATED) + b"\xff" * 64, "the deflated data set cannot be inflated"),
    "empty items without end": (
        lambda: meta(BIG) + element(SHARED_GROUPS, "SQ", struct.pack(">HHI", 0xFFFE, 0xE000, 0) * 1_000_000, order=">"),
        TOO_MANY,
    ),
    "item delimiters everywhere": (lambda: START + ITEM_END * 50_000, "the data set ends before the file does"),
    "ones": (lambda: START + b"\xff" * 2**20, MALFORMED),
}

TAKEN = {
    # name: content
    "half a short header": lambda: START + NAME[:5],
    "odd lengths": lambda: START + element(0x00100010, "PN", b"CANAR") + element(0x00280010, "US", b"\1\0"),
    "an item longer than its sequence": lambda: (
        START + element(SHARED_GROUPS, "SQ", struct.pack("<HHI", 0xFFFE, 0xE000, 999) + NAME) + PIXELS
    ),
    "a delimiter with a length": lambda: (
        START
        + element(
            SHARED_GROUPS,
            "SQ",
            ITEM + NAME + struct.pack("<HHI", 0xFFFE, 0xE00D, 8) + bytes(8) + SEQUENCE_END,
            UNDEFINED,
        )
    ),
    "sequence delimiters everywhere": lambda: START + SEQUENCE_END * 50_000,
    "zeros": lambda: START + bytes(2**19),
    "a group length of the meta that is wrong": lambda: meta()[:140] + b"\xff\xff\xff\x7f" + meta()[144:] + ids(),
    "huge meta": lambda: meta(extra=element(0x00020102, "OB", b"CANARY" * 2**22)) + ids(),
    "a hundred thousand private elements": lambda: (
        START
        + b"".join(element(0x00090010 + (n // 60_000 << 17) + n % 60_000, "LO", b"CANARY") for n in range(100_000))
    ),
    "an element repeated without end": lambda: START + NAME * 100_000,
    "an id repeated": lambda: meta() + ids(sop=b"CANARY\0\0") + element(0x00080018, "UI", SOP),
    "NUL and control characters": lambda: START + element(0x00100010, "PN", b"CANARY\0\x1b$B\n\r\t\x07^=\\"),
    "65,536 sequences": lambda: (
        START + b"".join(element(0x00401000 + (n // 0x4000 << 17) + n % 0x4000, "SQ", item(NAME)) for n in range(2**16))
    ),
    "65,536 items": lambda: (
        START + element(SHARED_GROUPS, "SQ", (ITEM + NAME + ITEM_END) * 2**16 + SEQUENCE_END, UNDEFINED)
    ),
    "a million empty fragments": lambda: START + element(0x7FE00010, "OB", item(b"") * 2**20 + SEQUENCE_END, UNDEFINED),
    "absurd dimensions": lambda: (
        START
        + b"".join(element(tag, "US", b"\xff\xff") for tag in (0x00280002, 0x00280010, 0x00280011, 0x00280100))
        + PIXELS
    ),
    "an absurd number of frames": lambda: START + element(0x00280008, "IS", b"-9" * 20_000) + PIXELS,
    "sixty deep": lambda: START + nested(60),
    "a hundred and fifty deep with lengths": lambda: START + nested_with_lengths(150),
    "implicit where explicit is stated": lambda: meta() + ids(implicit) + implicit(0x00100010, b"CANARY"),
    "explicit where implicit is stated": lambda: meta(IMPLICIT) + ids() + NAME,
    "backwards": lambda: meta() + NAME + ids(),
    "a text of 100 MB": lambda: START + element(0x00204000, "UT", b"CANARY  " * 13 * 2**20),
}


class After:
    """The folder once the command has worked on it."""

    def __init__(self, contents, place, config):
        """Write each content, with a SOP Instance UID of its own, and sound files between them; run the command."""
        self.sops = {name: f"1.2.3.{number:02}" for number, name in enumerate(contents)}
        source, self.output = place / "in", place / "out"
        source.mkdir()
        for name, make in contents.items():
            (source / name).write_bytes(make().replace(SOP, self.sops[name].encode()))
        for number in range(SOUND):
            name = f"{'anz'[number % 3]}{number} is sound"
            self.sops[name] = f"1.2.4.{number:03}"
            sound = meta() + ids(sop=self.sops[name].encode() + b"\0") + NAME + PIXELS
            (source / name).write_bytes(sound)
        (place / "config.json").write_text(json.dumps(config))
        arguments = ["--config", place / "config.json", "--jobs", "2", source, self.output]
        self.done = subprocess.run(
            [sys.executable, "-m", "emulator.deidentify", *arguments],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES)),
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            text=True,
            check=False,
            timeout=HANG_GUARD_SECS,
        )
        self.reasons = dict(line.partition(": ")[::2] for line in self.done.stderr.splitlines() if ": " in line)

    def result(self, name):
        """The path of what became of a file."""
        study, series, sop = (regenerate_uid(uid) for uid in ("1.2.3.10", "1.2.3.20", self.sops[name]))
        return self.output / study / series / f"{sop}.dcm"


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    """All of them under the Basic profile."""
    refused = {name: content for name, (content, _reason) in REFUSED.items()}
    return After(refused | TAKEN, tmp_path_factory.mktemp("hostile"), BASIC)


TEXTS = {
    # name: what a text is made of
    "words": b"wall motion normal ",
    "blanks": b" ",
    "a word without end": b"a",
    "digits": b"1 ",
    "dates": b"01/02/2020/",
    "names": b"Dr. Smith, ",
    "addresses": b"a@a.a.",
    "numbers": b"+1 (555) 123-4567 ",
    "openings": b"(((",
}


@pytest.fixture(scope="module")
def after_texts(tmp_path_factory):
    """Texts made to be slow to search, and more text than is searched, under a profile that inspects text."""
    contents = {
        name: lambda part=part: START + element(0x00204000, "UT", part * (TEXT_BYTES // len(part) // 2 * 2))
        for name, part in TEXTS.items()
    }
    contents["a text of 100 MB"] = TAKEN["a text of 100 MB"]
    contents["a name of 24,000 characters"] = lambda: (
        START
        + element(0x00100010, "PN", b"CANARY^JOHN " * 2_000)
        + element(0x00204000, "UT", b"Canary saw him. " * 1_000)
    )
    contents["five thousand names"] = lambda: (
        START
        + element(0x00204000, "UT", b"CANARY0042 and canary4999 ")
        + element(
            SHARED_GROUPS,
            "SQ",
            b"".join(item(element(0x00100010, "PN", b"CANARY%04d^J" % number)) for number in range(5_000)),
        )
    )
    return After(contents, tmp_path_factory.mktemp("texts"), TEXT)


def test_text_that_is_slow_to_search_is_searched_and_too_much_of_it_refused(after_texts):
    assert after_texts.reasons == {"a text of 100 MB": "has more text than is inspected in one instance (8 MiB)"}
    assert after_texts.done.returncode == 1
    for name in after_texts.sops.keys() - after_texts.reasons.keys():
        assert b"CANARY" not in after_texts.result(name).read_bytes().upper()


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_gets_a_reason(after, name):
    assert re.match(REFUSED[name][1], after.reasons[name])


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_that_is_only_odd_is_taken_without_its_canaries(after, name):
    assert after.reasons.get(name) is None
    assert b"CANARY" not in after.result(name).read_bytes()
    assert read_file_meta_info(after.result(name)).MediaStorageSOPInstanceUID == regenerate_uid(after.sops[name])


def test_all_the_sound_files_among_them_are_done_and_nothing_else_is_left(after):
    names = [*TAKEN, *(name for name in after.sops if name.endswith("sound"))]
    assert {path for path in after.output.rglob("*") if path.is_file()} == {after.result(name) for name in names}
    assert after.reasons.keys() == REFUSED.keys()
    assert after.done.returncode == 1
    total = len(after.sops)
    says = f"{total} files: {len(names)} de-identified, {len(REFUSED)} failed"
    assert after.done.stdout.startswith(says)


def test_no_reason_holds_a_value(after):
    assert "CANARY" not in after.done.stderr
    assert "1.2.3" not in after.done.stderr


@pytest.mark.parametrize("name", ["half a value", "an id of control characters, twice", "a thousand deep with lengths"])
def test_the_reason_is_the_same_for_a_file_that_is_mapped(tmp_path, monkeypatch, name):
    monkeypatch.setattr(files, "MAPPED_FROM_BYTES", 1)
    content, reason = REFUSED[name]
    (tmp_path / "in").write_bytes(content())
    with pytest.raises(InstanceError, match=reason):
        deidentify_file(tmp_path / "in", tmp_path / "out", compile_config(BASIC))
    assert not (tmp_path / "out").exists()


def test_a_worker_of_the_emulator_outlives_them(tmp_path):
    contents = {
        name: content for name, (content, _reason) in REFUSED.items() if "zip" not in name and "end" not in name
    }
    contents["sound"] = lambda: START + PIXELS
    for name, make in contents.items():
        (tmp_path / name).write_bytes(make())
    worker = EngineProcess()
    try:
        worker.send([EngineTask(tmp_path / name, tmp_path / "out") for name in contents], compile_config(BASIC))
        answers = {name: worker.receive(HANG_GUARD_SECS) for name in contents}
        assert worker.alive
    finally:
        worker.kill()
    assert answers.pop("sound") == (True, None)
    for name, (answered, reason) in answers.items():
        assert answered
        assert re.match(REFUSED[name][1], reason)
