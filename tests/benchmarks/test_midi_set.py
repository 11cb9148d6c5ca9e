"""The generated set and its answer key."""

import itertools

import pydicom
import pytest

from benchmarks.midi.answer_key import ACTIONS, AnswerKey
from benchmarks.midi.book import Book, kept, phi
from benchmarks.midi.generate import generate, write_set
from benchmarks.midi.paths import flatten
from benchmarks.midi.people import make_person
from benchmarks.midi.scan import leaks


def test_every_check_occurs_in_a_set_of_one_patient(small_set):
    _folder, key = small_set
    assert {check.action for instance in key.instances[:10] for check in instance.checks} == set(ACTIONS)


def test_the_same_seed_gives_the_same_bytes_and_key(small_set, tmp_path):
    folder, key = small_set
    again = write_set(tmp_path, seed=0, instances=3)
    assert again.instances == key.instances[:3]
    assert all((tmp_path / one.file).read_bytes() == (folder / one.file).read_bytes() for one in again.instances)


def test_another_seed_gives_other_identifiers(small_set, tmp_path):
    _folder, key = small_set
    other = write_set(tmp_path, seed=1, instances=3)
    assert {c.answer for c in other.instances[0].checks if c.action == "uid_changed"}.isdisjoint(key.planted())


def test_a_larger_set_begins_with_the_smaller_one():
    names = [[made.instance.SOPInstanceUID for made in generate(0, count)] for count in (3, 11)]
    assert names[1][:3] == names[0]
    assert len(set(names[1])) == 11


def test_a_set_of_no_instances_is_refused():
    with pytest.raises(ValueError, match="one instance or more"):
        generate(0, 0)


def test_a_saved_key_is_read_as_it_was(small_set, tmp_path):
    _folder, key = small_set
    key.save(tmp_path / "key.json")
    assert AnswerKey.load(tmp_path / "key.json") == key


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": "other"}', "no JSON"])
def test_what_is_no_answer_key_is_refused(tmp_path, text):
    (tmp_path / "key.json").write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011 - JSON has its own
        AnswerKey.load(tmp_path / "key.json")


def test_every_path_of_the_key_names_an_element_of_the_instance(small_set):
    folder, key = small_set
    for instance in key.instances:
        flat = flatten(pydicom.dcmread(folder / instance.file))
        assert {check.path for check in instance.checks if check.path} <= set(flat)


def test_every_planted_value_is_found_by_the_byte_scan_of_the_originals(small_set):
    folder, key = small_set
    found = set().union(*leaks(key.planted(), folder).values())
    assert found == key.planted()


def test_dates_are_not_searched_for_as_a_shifted_one_may_be_another_patients(small_set):
    _folder, key = small_set
    dates = {check.answer for one in key.instances for check in one.checks if check.category == "HIPAA-C"}
    assert len(dates) > 10
    assert dates.isdisjoint(key.planted())


def test_patients_have_different_names_numbers_and_addresses():
    people = [make_person(0, number) for number in range(60)]
    for one, other in itertools.combinations(people, 2):
        assert (one.family, one.given) != (other.family, other.given)
        assert one.mrn != other.mrn


def test_no_word_that_has_to_stay_is_part_of_what_has_to_go_in_the_same_element(small_set):
    """Else no tool could pass both."""
    _folder, key = small_set
    for instance in key.instances:
        for path in {check.path for check in instance.checks}:
            of_path = [check for check in instance.checks if path and check.path == path]
            stay = " ".join(check.answer for check in of_path if check.action == "text_retained").lower()
            for check in of_path:
                if check.action == "text_removed":
                    assert check.answer.lower() not in stay


def test_a_text_in_the_book_is_the_sum_of_its_pieces():
    book = Book()
    text = book.text(kept("Chest"), " for ", phi("A", "Okafor"))
    assert text == "Chest for Okafor"
    assert [(mark.action, mark.answer, mark.category) for mark in book.marks(text)] == [
        ("text_retained", "Chest", "BEST-P15-DESC"),
        ("text_removed", "Okafor", "HIPAA-A"),
    ]
    assert book.marks("something else") == ()


def test_private_elements_are_named_by_their_creator_and_nested_ones_by_their_way():
    dataset = pydicom.Dataset()
    block = dataset.private_block(0x0029, "Some Maker", create=True)
    inner = pydicom.Dataset()
    inner.PatientID = "1"
    block.add_new(0x10, "SQ", [inner])
    block.add_new(0x11, "LO", ["a", "b"])
    flat = flatten(dataset)
    assert flat['(0029,"SOME MAKER",10)[0](0010,0020)'] == "1"
    assert flat['(0029,"SOME MAKER",11)'] == "a\\b"
