"""The store of instances: nothing half stored, nothing lost by a kill, nothing outside its folder."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator.healthcare.dicom.search import DateBetween, Equals, Level, NameIs, Search
from emulator.healthcare.instances import DuplicateInstance, InstanceStore, NotDicom, UnknownStore

STORE = "projects/p/locations/l/datasets/d/dicomStores/s"


@pytest.fixture
def root(tmp_path):
    return tmp_path / "instances"


@pytest.fixture
def instances(root):
    store = InstanceStore(root)
    store.create_store(STORE)
    yield store
    store.close()


def add(instances: InstanceStore, file: bytes, store: str = STORE):
    staged = instances.staging_path(store)
    staged.write_bytes(file)
    return instances.add_file(store, staged)


def files_under(root: Path) -> set[Path]:
    return {path for path in root.rglob("*.dcm") if path.is_file()}


def test_an_instance_is_found_with_its_bytes(dicom, instances):
    dataset = dicom.instance()
    file = dicom.encode(dataset)
    stored = add(instances, file)
    found = instances.find(STORE, dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID)
    assert found == [stored]
    assert stored.path.read_bytes() == file
    assert stored.size == len(file)


def test_find_lists_in_the_order_of_storing(dicom, instances):
    stored = [add(instances, dicom.file()) for _ in range(20)]
    assert instances.find(STORE) == stored


def test_a_store_keeps_its_instances_when_opened_again(dicom, root):
    first = InstanceStore(root)
    first.create_store(STORE)
    stored = add(first, dicom.file())
    first.close()
    second = InstanceStore(root)
    assert second.find(STORE) == [stored]
    assert stored.path.is_file()
    second.close()


def test_a_duplicate_is_refused_and_the_first_one_kept(dicom, instances, root):
    dataset = dicom.instance()
    file = dicom.encode(dataset)
    stored = add(instances, file)
    with pytest.raises(DuplicateInstance) as same:
        add(instances, file)
    dataset.PatientName = "Other"
    with pytest.raises(DuplicateInstance) as other:
        add(instances, dicom.encode(dataset))
    assert (same.value.identical, other.value.identical) == (True, False)
    assert files_under(root) == {stored.path}
    assert stored.path.read_bytes() == file


def test_one_sop_instance_uid_in_two_series_is_two_instances(dicom, instances):
    one = dicom.instance()
    two = dicom.instance(SOPInstanceUID=one.SOPInstanceUID, StudyInstanceUID=one.StudyInstanceUID)
    add(instances, dicom.encode(one))
    add(instances, dicom.encode(two))
    assert len(instances.find(STORE, sop=one.SOPInstanceUID)) == 2


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"StudyInstanceUID": None}, r"StudyInstanceUID \(0020,000D\) is missing"),
        ({"SeriesInstanceUID": None}, r"SeriesInstanceUID \(0020,000E\) is missing"),
        ({"SOPInstanceUID": None}, r"SOPInstanceUID \(0008,0018\) is missing"),
        ({"SOPClassUID": None}, r"SOPClassUID \(0008,0016\) is missing"),
        ({"StudyInstanceUID": ""}, "missing"),
        ({"StudyInstanceUID": "1" * 65}, "is not a UID"),
        ({"SeriesInstanceUID": "1.2.CANARY"}, "is not a UID"),
        ({"SOPInstanceUID": "../../../etc"}, "is not a UID"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_instance_without_usable_uids_is_refused_without_a_trace(dicom, instances, root, attributes, reason):
    with pytest.raises(NotDicom, match=reason) as error:
        add(instances, dicom.file(**attributes))
    assert "CANARY" not in str(error.value)
    assert files_under(root) == set()
    assert instances.metrics(STORE) == {"studies": 0, "series": 0, "instances": 0, "bytes": 0}


def test_metrics_count_studies_series_instances_and_bytes(dicom, instances):
    one = dicom.instance()
    sizes = [
        add(instances, dicom.encode(dataset)).size
        for dataset in (
            one,
            dicom.instance(StudyInstanceUID=one.StudyInstanceUID),
            dicom.instance(StudyInstanceUID=one.StudyInstanceUID, SeriesInstanceUID=one.SeriesInstanceUID),
            dicom.instance(),
        )
    ]
    assert instances.metrics(STORE) == {"studies": 2, "series": 3, "instances": 4, "bytes": sum(sizes)}


def test_stores_do_not_see_each_other(dicom, instances):
    file = dicom.file()
    instances.create_store(STORE + "2")
    add(instances, file)
    add(instances, file, STORE + "2")
    instances.delete_store(STORE)
    assert instances.find(STORE) == []
    assert len(instances.find(STORE + "2")) == 1


def test_a_deleted_store_leaves_no_file_and_takes_no_instance(dicom, instances, root):
    add(instances, dicom.file())
    staged = instances.staging_path(STORE)
    staged.write_bytes(dicom.file())
    instances.delete_store(STORE)
    assert files_under(root) == set()
    with pytest.raises(UnknownStore):
        instances.add_file(STORE, staged)
    with pytest.raises(UnknownStore):
        instances.staging_path(STORE)


def test_a_store_created_again_is_empty(dicom, instances):
    add(instances, dicom.file())
    instances.create_store(STORE)
    assert len(instances.find(STORE)) == 1
    instances.delete_store(STORE)
    instances.create_store(STORE)
    assert instances.find(STORE) == []


@pytest.mark.parametrize("name", ["../../../escaped", "projects/p/../..", "a" * 5000, "projekt/ä/データ", ".."])
def test_no_store_name_leads_out_of_the_folder(dicom, instances, root, name):
    instances.create_store(name)
    path = add(instances, dicom.file(), name).path
    assert path.resolve().is_relative_to(root.resolve())
    assert [child.name for child in root.parent.iterdir()] == [root.name]


def test_deleting_the_first_instance_leaves_the_values_of_the_next(dicom, instances):
    one = dicom.instance(PatientID="first", Modality="CT")
    two = dicom.instance(
        PatientID="second",
        Modality="MR",
        StudyInstanceUID=one.StudyInstanceUID,
        SeriesInstanceUID=one.SeriesInstanceUID,
    )
    add(instances, dicom.encode(one))
    add(instances, dicom.encode(two))
    assert instances.delete_instances(STORE, one.StudyInstanceUID, one.SeriesInstanceUID, one.SOPInstanceUID) == 1
    (hit,) = instances.search(STORE, Search(Level.STUDIES, 10, conditions=(Equals("PatientID", "second"),)))
    assert "first" not in hit.attributes
    assert len(instances.search(STORE, Search(Level.SERIES, 10, conditions=(Equals("Modality", "MR"),)))) == 1


def test_deleting_the_last_instance_deletes_series_study_and_file(dicom, instances, root):
    dataset = dicom.instance()
    add(instances, dicom.encode(dataset))
    assert instances.delete_instances(STORE, dataset.StudyInstanceUID) == 1
    assert instances.metrics(STORE) == {"studies": 0, "series": 0, "instances": 0, "bytes": 0}
    assert files_under(root) == set()


def test_threads_that_store_one_instance_store_it_once(dicom, instances):
    file = dicom.file()
    barrier = threading.Barrier(8)

    def store(_number):
        barrier.wait()
        try:
            add(instances, file)
        except DuplicateInstance:
            return "duplicate"
        return "stored"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(store, range(8)))
    assert sorted(results) == ["duplicate"] * 7 + ["stored"]
    assert len(instances.find(STORE)) == 1


def test_threads_that_add_find_and_delete_at_once_agree_in_the_end(dicom, instances, root):
    files = [[dicom.instance() for _ in range(15)] for _ in range(4)]

    def work(datasets):
        for dataset in datasets:
            add(instances, dicom.encode(dataset))
            assert len(instances.find(STORE, dataset.StudyInstanceUID)) == 1
        for dataset in datasets[::3]:
            assert instances.delete_instances(STORE, dataset.StudyInstanceUID) == 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, files))
    assert {stored.path for stored in instances.find(STORE)} == files_under(root)
    assert instances.metrics(STORE)["instances"] == 40


def test_opening_clears_staged_files_files_without_row_and_folders_without_store(dicom, root):
    first = InstanceStore(root)
    first.create_store(STORE)
    kept = add(first, dicom.file())
    first.staging_path(STORE).write_bytes(b"half an upload")
    orphan = kept.path.with_name("0123456789abcdef.dcm")
    orphan.write_bytes(dicom.file())
    deleted_store = root / ("0" * 32) / "files" / "ab"
    deleted_store.mkdir(parents=True)
    (deleted_store / "ab.dcm").write_bytes(dicom.file())
    first.close()
    second = InstanceStore(root)
    assert files_under(root) == {kept.path}
    assert second.find(STORE) == [kept]
    second.close()


ADD_FOREVER = """
import sys
from pathlib import Path
import pydicom
from pydicom.uid import generate_uid
from emulator.healthcare.instances import InstanceStore

root, template, store = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
dataset = pydicom.dcmread(template)
instances = InstanceStore(root)
instances.create_store(store)
while True:
    dataset.SOPInstanceUID = generate_uid()
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    staged = instances.staging_path(store)
    dataset.save_as(staged)
    instances.add_file(store, staged)
    print(dataset.SOPInstanceUID, flush=True)
"""


def test_a_killed_process_loses_nothing_it_had_stored(dicom, root, tmp_path):
    template = tmp_path / "template.dcm"
    template.write_bytes(dicom.file())
    command = [sys.executable, "-c", ADD_FOREVER, str(root), str(template), STORE]
    for _round in range(3):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            reported = [process.stdout.readline().strip() for _ in range(15)]
            process.send_signal(signal.SIGKILL)
            reported += [
                line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")
            ]
        instances = InstanceStore(root)
        found = instances.find(STORE)
        assert set(reported) <= {stored.sop for stored in found}
        assert {stored.path for stored in found} == files_under(root)
        assert all(stored.path.stat().st_size == stored.size for stored in found)
        instances.close()


def test_a_data_folder_of_another_layout_is_refused_with_the_cure(root):
    InstanceStore(root).close()
    with sqlite3.connect(root / "index.sqlite") as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(ValueError, match="start it on an empty data folder"):
        InstanceStore(root)


def names(instances, condition):
    hits = instances.search(STORE, Search(Level.STUDIES, 100, conditions=(condition,)))
    return len(hits)


@pytest.mark.parametrize(
    ("wanted", "fuzzy", "expected"),
    [
        ("Yamada^Tarou=山田^太郎", False, 1),
        ("Yamada^Tarou", False, 1),
        ("山田^太郎", False, 1),
        ("Yamada", False, 0),
        ("yamada^tarou", False, 0),
        ("Tarou=山田", False, 0),
        ("yama", True, 1),
        ("tar yam", True, 1),
        ("山", True, 1),
        ("amada", True, 0),
        ("yama x", True, 0),
    ],
)
def test_names_match_as_a_whole_or_fuzzily(dicom, instances, wanted, fuzzy, expected):
    add(instances, dicom.file(SpecificCharacterSet="ISO_IR 192", PatientName="Yamada^Tarou=山田^太郎"))
    assert names(instances, NameIs("PatientName", wanted, fuzzy)) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("20200102", "20200102", 1),
        ("20200101", "20200103", 1),
        ("20200103", "", 0),
        ("", "20200101", 0),
        ("20200102", "", 1),
        ("", "20200102", 1),
    ],
)
def test_study_dates_match_inclusive_ranges_and_empty_dates_match_none(dicom, instances, first, last, expected):
    add(instances, dicom.file(StudyDate="20200102"))
    add(instances, dicom.file(StudyDate=""))
    assert names(instances, DateBetween("StudyDate", first, last)) == expected
