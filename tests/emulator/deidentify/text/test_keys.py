"""Keys: given, wrapped, made for the operation; and the key ring that stands for Cloud KMS."""

import base64
import io
import json
import stat
import sys

import pytest

from emulator.deidentify.errors import ConfigError
from emulator.deidentify.text.key_ring import KeyRing, KeyRingError
from emulator.deidentify.text.key_ring.__main__ import main
from emulator.deidentify.text.keys import KeySource, decode_base64

NAME = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
OTHER_NAME = "projects/p/locations/l/keyRings/r/cryptoKeys/other"
DATA_KEY = b"CANARY-DATA-KEY-"


def hashing(**config):
    return {"additionalTransformations": [{"infoTypes": ["AGE"], "cryptoHashConfig": config}]}


def wrapped_by(ring, name=NAME, key=DATA_KEY, **more):
    return {"cryptoKey": name, "wrappedKey": base64.b64encode(ring.wrap(name, key)).decode(), **more}


def key_of(plan):
    return plan.by_info_type["AGE"].key


@pytest.fixture
def ring():
    return KeyRing({}).with_new_key(NAME).with_new_key(OTHER_NAME)


@pytest.fixture
def refusal(compiled):
    def refused(text, **more):
        with pytest.raises(ConfigError) as caught:
            compiled(text, **more)
        return caught.value

    return refused


@pytest.mark.parametrize("length", [16, 24, 32])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padding", ["", "="])
def test_keys_of_aes_lengths_are_taken_in_any_base64(compiled, length, encode, padding):
    key = b"\xfb\xff\xfe" * 11
    text = encode(key[:length]).decode()
    assert key_of(compiled(hashing(cryptoKey=text if padding else text.rstrip("=")))).material == key[:length]


@pytest.mark.parametrize("length", [1, 15, 17, 31, 33, 64])
def test_keys_of_other_lengths_are_refused(refusal, length):
    error = refusal(hashing(cryptoKey=base64.b64encode(b"K" * length).decode()))
    assert error.json_path == "$.text.additionalTransformations[0].cryptoHashConfig.cryptoKey"
    assert f"has {length}" in error.message
    assert "openssl rand -base64 32" in error.message


@pytest.mark.parametrize("text", ["CANARY!", "CANARY=A", "CANAR", "CANARYCA\nCANARYCA", "CANARY==="])
def test_what_is_no_base64_is_refused_and_not_repeated(refusal, text):
    error = refusal(hashing(cryptoKey=text))
    assert "must be base64" in error.message
    assert "CANAR" not in str(error)


def test_a_key_that_is_no_string_is_refused(refusal):
    assert "must be a string" in refusal(hashing(cryptoKey=[1, 2])).message


def test_an_empty_key_is_refused_rather_than_replaced_by_another(refusal):
    error = refusal(hashing(cryptoKey=""))
    assert error.json_path.endswith("cryptoHashConfig.cryptoKey")
    assert "is empty" in error.message


def test_a_key_is_given_or_wrapped(refusal, ring):
    error = refusal(hashing(cryptoKey="MDEyMzQ1Njc4OWFiY2RlZg==", kmsWrapped=wrapped_by(ring)))
    assert "exclude each other" in error.message


@pytest.mark.parametrize("config", [{}, {"cryptoKey": None, "kmsWrapped": None}])
def test_without_a_key_the_operations_is_used(compiled, config):
    one, same, other = (key_of(compiled(hashing(**config), keys=KeySource(key))) for key in (b"1", b"1", b"2"))
    assert one == same
    assert one != other
    assert one.origin == "operation"


def test_the_operations_key_itself_is_used_for_nothing(compiled):
    plan = compiled(hashing(), keys=KeySource(b"O" * 32))
    materials = {key_of(plan).material, plan.by_info_type["DATE"].key.material, b"O" * 32}
    assert len(materials) == 3


def test_a_wrapped_key_is_the_key(compiled, ring):
    plan = compiled(hashing(kmsWrapped=wrapped_by(ring)), keys=KeySource(b"", ring))
    assert key_of(plan).material == DATA_KEY
    assert any("the KMS key" in line for line in plan.describe())


def test_without_a_ring_a_wrapped_key_is_refused_with_the_cure(refusal, ring):
    error = refusal(hashing(kmsWrapped=wrapped_by(ring)))
    assert error.json_path == "$.text.additionalTransformations[0].cryptoHashConfig.kmsWrapped"
    assert "key_ring create" in error.message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cryptoKey": "projects/p/locations/l/keyRings/r/cryptoKeys/unknown"}, "no key of this name"),
        ({"cryptoKey": OTHER_NAME}, "not wrapped by this key"),
        ({"cryptoKey": NAME + "/cryptoKeyVersions/1"}, "without a version"),
        ({"cryptoKey": ""}, "must be the name of a Cloud KMS key"),
        ({"wrappedKey": ""}, "is missing"),
        ({"wrappedKey": "Q0FOQVJZ"}, "not wrapped by this key"),
        ({"wrappedKey": base64.b64encode(b"x" * 60).decode()}, "not wrapped by this key"),
        ({"wrappedKey": "?"}, "must be base64"),
    ],
)
def test_what_cannot_be_unwrapped_is_refused(refusal, ring, change, reason):
    error = refusal(hashing(kmsWrapped=wrapped_by(ring) | change), keys=KeySource(b"", ring))
    assert reason in error.message


def test_a_wrapped_key_of_no_aes_length_is_refused(refusal, ring):
    error = refusal(hashing(kmsWrapped=wrapped_by(ring, key=b"short")), keys=KeySource(b"", ring))
    assert "16, 24 or 32" in error.message


def test_a_key_is_never_wrapped_twice_the_same_way(ring):
    assert ring.wrap(NAME, DATA_KEY) != ring.wrap(NAME, DATA_KEY)


def test_keys_show_in_no_repr(ring):
    source = KeySource(b"CANARY-OPERATION", ring)
    shown = f"{source} {ring} {source.key_for('cryptoHash')}"
    assert "CANARY" not in shown
    assert not any(repr(key)[2:-1] in shown for key in ring.keys.values())


@pytest.mark.parametrize("text", ["", "Zg", "Zg==", "Zm8", "-_8=", "+/8"])
def test_base64_of_every_spelling_is_read(text):
    standard = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    assert decode_base64(text) == base64.b64decode(standard + "=" * (-len(standard) % 4))


class TestFile:
    """The key ring in a file, and its command."""

    def test_a_ring_is_saved_for_its_owner_alone_and_read_again(self, ring, ring_file):
        ring.save(ring_file)
        assert stat.S_IMODE(ring_file.stat().st_mode) == 0o600
        assert KeyRing.load(ring_file) == ring
        assert [file.name for file in ring_file.parent.iterdir()] == [ring_file.name]

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
    def test_a_ring_that_others_can_touch_is_refused(self, ring, ring_file, mode):
        ring.save(ring_file)
        ring_file.chmod(mode)
        with pytest.raises(KeyRingError, match="chmod 600"):
            KeyRing.load(ring_file)

    @pytest.mark.parametrize(
        "content",
        ["", "[]", "null", '{"a": 1}', '{"a": "?"}', f'{{"{NAME}": "Q0FOQVJZ"}}', '{"CANARY": "' + "QUFB" * 11 + '"}'],
    )
    def test_what_is_no_ring_is_refused_and_not_repeated(self, ring_file, content):
        ring_file.touch(0o600)
        ring_file.write_text(content)
        with pytest.raises(KeyRingError) as refused:
            KeyRing.load(ring_file)
        assert not {"CANARY", "Q0FOQVJZ", str(ring_file)} & set(str(refused.value).split())
        assert "CANARY" not in str(refused.value)

    def test_a_missing_ring_is_refused_without_its_path(self, ring_file):
        with pytest.raises(KeyRingError) as refused:
            KeyRing.load(ring_file)
        assert "key_ring create" in str(refused.value)
        assert ring_file.name not in str(refused.value)

    def test_a_ring_that_cannot_be_written_is_an_error(self, ring, ring_file):
        with pytest.raises(KeyRingError, match="cannot be written"):
            ring.save(ring_file / "below")

    def test_create_makes_a_ring_and_adds_to_it(self, ring_file):
        assert main(["create", str(ring_file), NAME]) == 0
        first = KeyRing.load(ring_file).keys[NAME]
        assert main(["create", str(ring_file), OTHER_NAME]) == 0
        assert KeyRing.load(ring_file).keys[NAME] == first
        assert len(json.loads(ring_file.read_text())) == 2

    def test_create_replaces_no_key(self, ring_file, capsys):
        main(["create", str(ring_file), NAME])
        before = ring_file.read_bytes()
        assert main(["create", str(ring_file), NAME]) == 2
        assert "unreadable" in capsys.readouterr().err
        assert ring_file.read_bytes() == before

    def test_create_wants_the_name_of_a_key(self, ring_file, capsys):
        assert main(["create", str(ring_file), "k"]) == 2
        assert "projects/P/locations/L" in capsys.readouterr().err
        assert not ring_file.exists()

    def test_wrap_prints_what_the_configuration_takes(self, compiled, ring_file, capsys, monkeypatch):
        main(["create", str(ring_file), NAME])
        monkeypatch.setattr(sys, "stdin", io.StringIO(base64.b64encode(DATA_KEY).decode() + "\n"))
        assert main(["wrap", str(ring_file), NAME]) == 0
        given = {"cryptoKey": NAME, "wrappedKey": capsys.readouterr().out.strip()}
        plan = compiled(hashing(kmsWrapped=given), keys=KeySource(b"", KeyRing.load(ring_file)))
        assert key_of(plan).material == DATA_KEY

    def test_wrap_can_make_the_key_itself(self, ring_file, capsys):
        main(["create", str(ring_file), NAME])
        assert main(["wrap", "--new-key", str(ring_file), NAME]) == 0
        wrapped = base64.b64decode(capsys.readouterr().out)
        assert len(KeyRing.load(ring_file).unwrap(NAME, wrapped)) == 32

    @pytest.mark.parametrize("given", ["", "CANARY", base64.b64encode(b"CANARY").decode()])
    def test_wrap_refuses_what_is_no_key_and_does_not_repeat_it(self, ring_file, capsys, monkeypatch, given):
        main(["create", str(ring_file), NAME])
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        assert main(["wrap", str(ring_file), NAME]) == 2
        printed = capsys.readouterr()
        assert "16, 24 or 32 bytes" in printed.err
        assert printed.out == ""
        assert not given or given not in printed.err
