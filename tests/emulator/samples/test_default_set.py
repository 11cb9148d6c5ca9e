"""What the default samples consist of."""

import hashlib
import subprocess
import sys

import pytest

from emulator.samples import ct_series, generate_studies, write_instances, write_samples
from emulator.samples.studies import DEFAULT_STUDIES


def digest(files):
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def test_the_same_seed_gives_the_same_bytes(written, empty):
    assert digest(write_samples(empty).files) == digest(written.files)


def test_another_seed_gives_other_uids_for_every_instance(written, instances):
    first = {one.SOPInstanceUID for one in instances}
    other = {one.SOPInstanceUID for one in generate_studies(seed=1)}
    assert len(other) == len(first)
    assert not first & other


def test_there_are_five_patients_and_ten_studies(written, instances):
    assert (written.patients, written.studies) == (5, 10)
    assert len({one.StudyInstanceUID for one in instances}) == 10


def test_all_sop_instance_uids_differ(instances):
    assert len({one.SOPInstanceUID for one in instances}) == len(instances)


def test_a_study_has_one_patient(instances):
    owners = {(one.StudyInstanceUID, one.PatientID) for one in instances}
    assert len(owners) == len({study for study, _ in owners})


def test_the_modalities_of_a_hospital_are_there(written):
    assert set(written.modalities) == {"CR", "CT", "KO", "MR", "OT", "PR", "SR", "US"}


def test_the_set_stays_small(written):
    assert 60 <= len(written.files) <= 80
    assert written.size_bytes < 20_000_000


def test_file_names_hold_nothing_of_the_instance(written):
    assert all(path.name.removesuffix(".dcm").isdigit() for path in written.files)


def test_five_transfer_syntaxes_are_there(instances):
    names = {one.file_meta.TransferSyntaxUID.name for one in instances}
    assert names == {
        "Explicit VR Little Endian",
        "Implicit VR Little Endian",
        "Deflated Explicit VR Little Endian",
        "RLE Lossless",
        "JPEG Baseline (Process 1)",
    }


@pytest.mark.parametrize("studies", [0, 1, 4, len(DEFAULT_STUDIES) + 3])
def test_as_many_studies_as_asked_for(studies):
    made = list(generate_studies(studies=studies))
    assert len({one.StudyInstanceUID for one in made}) == studies


def test_more_studies_bring_new_patients():
    made = generate_studies(studies=len(DEFAULT_STUDIES) * 2)
    assert len({one.PatientID for one in made}) == 10


def test_a_negative_number_of_studies_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        next(generate_studies(studies=-1))


def test_ct_series_gives_one_series_of_the_shape_asked_for(empty):
    made = list(ct_series(3, rows=40, columns=48))
    assert {one.pixel_array.shape for one in made} == {(40, 48)}
    assert len({one.SeriesInstanceUID for one in made}) == 1
    assert len({one.PixelData for one in made}) == 3
    assert [path.name for path in write_instances(empty, iter(made))] == ["0001.dcm", "0002.dcm", "0003.dcm"]


def run(*arguments):
    command = [sys.executable, "-m", "emulator.samples", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_the_command_writes_the_files_and_says_what_they_are(empty):
    done = run(str(empty), "--studies", "1", "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert "1 studies, 1 patients" in done.stdout
    assert len(list(empty.rglob("*.dcm"))) == 12


def test_the_command_refuses_a_folder_that_is_a_file(tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("occupied")
    done = run(str(occupied))
    assert done.returncode == 1
    assert "Give a folder that can be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_refuses_no_studies(empty):
    assert run(str(empty), "--studies", "0").returncode == 2
