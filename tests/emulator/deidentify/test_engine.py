import io
import struct

import pydicom
import pytest

from emulator.deidentify import InstanceError, Outcome, compile_config, deidentify_file, engine, files, regenerate_uid
from emulator.deidentify.rewritten import Span

BASIC = compile_config({"dicomTagConfig": {}})
CT = "1.2.840.10008.5.1.4.1.1.2"


def test_the_outcome_says_what_the_instance_is_called_now(instance, encoded, tmp_path):
    source, destination = tmp_path / "in.dcm", tmp_path / "out.dcm"
    source.write_bytes(encoded(instance()))
    outcome = deidentify_file(source, destination, BASIC)
    assert outcome == Outcome(
        study_instance_uid=regenerate_uid("1.2.3.10"),
        series_instance_uid=regenerate_uid("1.2.3.20"),
        sop_instance_uid=regenerate_uid("1.2.3.30"),
        sop_class_uid=CT,
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        rewriter="bytes",
    )
    assert pydicom.dcmread(destination).SOPInstanceUID == outcome.sop_instance_uid


def test_a_file_that_is_there_is_replaced_whole_and_nothing_else_is_left(instance, encoded, tmp_path):
    source, destination = tmp_path / "in.dcm", tmp_path / "out.dcm"
    source.write_bytes(encoded(instance()))
    destination.write_bytes(b"before")
    deidentify_file(source, destination, BASIC)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.dcm", "out.dcm"]
    assert destination.read_bytes() != b"before"


def test_a_refused_instance_leaves_the_destination_as_it_was(tmp_path):
    source, destination = tmp_path / "in.dcm", tmp_path / "out.dcm"
    source.write_bytes(b"no dicom")
    destination.write_bytes(b"before")
    with pytest.raises(InstanceError, match="no DICM prefix"):
        deidentify_file(source, destination, BASIC)
    assert destination.read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_destination_that_cannot_be_written_leaves_nothing(instance, encoded, tmp_path):
    source = tmp_path / "in.dcm"
    source.write_bytes(encoded(instance()))
    with pytest.raises(FileNotFoundError):
        deidentify_file(source, tmp_path / "missing" / "out.dcm", BASIC)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        deidentify_file(source, tmp_path / "folder", BASIC)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "in.dcm"]


def test_a_large_file_is_mapped_and_comes_out_the_same(instance, encoded, tmp_path, monkeypatch):
    source, read, mapped = (tmp_path / name for name in ("in.dcm", "read.dcm", "mapped.dcm"))
    source.write_bytes(encoded(instance(BitsAllocated=8, PatientName="JANE", PixelData=bytes(range(256)) * 64)))
    deidentify_file(source, read, BASIC)
    monkeypatch.setattr(files, "MAPPED_FROM_BYTES", 1)
    deidentify_file(source, mapped, BASIC)
    assert mapped.read_bytes() == read.read_bytes()


def test_a_mapped_file_goes_to_the_tolerant_rewriter_as_well(instance, encoded, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAPPED_FROM_BYTES", 1)
    (tmp_path / "in.dcm").write_bytes(encoded(instance(), "1.2.840.10008.1.2.2"))
    assert deidentify_file(tmp_path / "in.dcm", tmp_path / "out.dcm", BASIC).rewriter == "dataset"


@pytest.mark.parametrize("last", ["pixels", "trailing element", "fragments", "nested icon"])
def test_wherever_the_first_reading_of_a_file_ends_the_result_is_the_same(
    instance, dataset, encoded, tmp_path, monkeypatch, last
):
    whole = instance(BitsAllocated=8, PatientName="JANE", PatientAge="044Y", PixelData=b"\1\2" * 40)
    whole.ReferencedImageSequence = [dataset(ReferencedSOPInstanceUID="1.2.3.31", ReferencedFrameNumber=1)]
    if last == "trailing element":
        whole.add_new(0xFFFCFFFC, "OB", b"CANARY" * 4)
    if last == "fragments":
        whole.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\6\0\0\0CANARY"
        whole["PixelData"].is_undefined_length = True
    if last == "nested icon":
        whole.AnatomicRegionSequence = [dataset(BitsAllocated=8, PixelData=b"\3\4" * 40)]
        del whole.PixelData
    content = encoded(whole)
    (tmp_path / "in.dcm").write_bytes(content)
    deidentify_file(tmp_path / "in.dcm", tmp_path / "expected.dcm", BASIC)
    expected = (tmp_path / "expected.dcm").read_bytes()
    for head_bytes in range(len(content) + 2):
        monkeypatch.setattr(engine, "HEAD_BYTES", head_bytes)
        deidentify_file(tmp_path / "in.dcm", tmp_path / "out.dcm", BASIC)
        assert (tmp_path / "out.dcm").read_bytes() == expected


def test_a_file_that_is_cut_while_it_is_read_leaves_nothing(tmp_path):
    (tmp_path / "in").write_bytes(b"12345")
    with (tmp_path / "in").open("rb") as original, pytest.raises(InstanceError, match="was cut short"):
        files.write_file(tmp_path / "out", [b"head", Span(2, 9)], original.fileno())
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_copying_is_the_same_where_sendfile_writes_to_sockets_only(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_COPY_BYTES", 2)
    monkeypatch.setattr(files.sys, "platform", "darwin")
    (tmp_path / "in").write_bytes(b"0123456789")
    with (tmp_path / "in").open("rb") as original:
        files.write_file(tmp_path / "out", [b"a", Span(1, 8), b"", memoryview(b"b")], original.fileno())
    assert (tmp_path / "out").read_bytes() == b"a1234567b"


def test_more_pieces_than_one_call_writes_are_all_written(instance, dataset, encoded, deidentified, tmp_path):
    whole = instance(
        SharedFunctionalGroupsSequence=[dataset(Rows=number, PatientName="JANE") for number in range(3000)]
    )
    (tmp_path / "in.dcm").write_bytes(encoded(whole))
    deidentify_file(tmp_path / "in.dcm", tmp_path / "out.dcm", BASIC)
    result = pydicom.dcmread(tmp_path / "out.dcm")
    assert [item.Rows for item in result.SharedFunctionalGroupsSequence] == list(range(3000))


@pytest.mark.parametrize("keyword", ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_an_instance_without_one_of_its_ids_is_refused(instance, encoded, run, keyword, how):
    content = encoded(instance())
    tag = pydicom.datadict.tag_for_keyword(keyword)
    value = pydicom.dcmread(io.BytesIO(content)).get_item(tag).value
    element = struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, b"UI", len(value)) + value
    instead = b"" if how == "missing" else element[:6] + b"\0\0"
    assert content.count(element) == 1
    with pytest.raises(InstanceError, match=f"has no {keyword}"):
        run(content.replace(element, instead))


@pytest.mark.parametrize(("value", "refused"), [("1.2\\1.3", True), ("CANARY", False)])
def test_an_id_that_is_two_is_refused_and_one_that_is_no_uid_is_replaced(instance, encoded, run, value, refused):
    whole = instance()
    whole.add_new(0x0020000D, "SH", value)
    if refused:
        with pytest.raises(InstanceError, match="StudyInstanceUID is not a UID"):
            run(encoded(whole))
    else:
        assert b"CANARY" not in run(encoded(whole))


@pytest.mark.parametrize("value", ["../../etc", "..", "CANARY"])
def test_an_id_that_is_no_uid_is_not_kept(instance, encoded, run, value):
    whole = instance()
    whole.add_new(0x0020000D, "SH", value)
    with pytest.raises(InstanceError, match="StudyInstanceUID is not a UID") as caught:
        run(encoded(whole), {"dicom": {"skipIdRedaction": True}})
    assert value not in str(caught.value)


def test_a_dicomdir_is_refused(bundled, run):
    directory = next(path for path in bundled if path.name == "DICOMDIR")
    with pytest.raises(InstanceError, match="is a DICOMDIR"):
        run(directory.read_bytes())


def test_every_truncation_is_refused_or_complete(instance, dataset, encoded, run):
    whole = instance(PatientName="JANE", BitsAllocated=8, PixelData=b"\1\2\3\4")
    whole.SharedFunctionalGroupsSequence = [dataset(Rows=1)]
    content = encoded(whole)
    complete = run(content)
    for length in range(len(content)):
        try:
            result = run(content[:length])
        except InstanceError:
            continue
        assert len(result) < len(complete)
        assert pydicom.dcmread(io.BytesIO(result)).SOPInstanceUID == regenerate_uid("1.2.3.30")


def test_a_value_longer_than_the_file_is_refused(instance, encoded, run):
    content = encoded(instance(BitsAllocated=8, PixelData=b"\1\2\3\4"))
    with pytest.raises(InstanceError, match="is truncated"):
        run(content[:-2])


@pytest.mark.parametrize("depth", [60, 100, 5000])
def test_deeply_nested_sequences_are_processed_or_refused(instance, encoded, run, depth):
    opening = struct.pack("<HH2s2xI", 0x5200, 0x9229, b"SQ", 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    closing = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    name = struct.pack("<HH2sH", 0x0010, 0x0010, b"PN", 6) + b"CANARY"
    content = encoded(instance()) + opening * depth + name + closing * depth
    if depth < 1000:
        assert b"CANARY" not in run(content)
    else:
        with pytest.raises(InstanceError, match="nested too deeply"):
            run(content)


def test_a_deflated_data_set_that_grows_without_end_is_refused(instance, encoded, run, monkeypatch):
    monkeypatch.setattr(engine, "INFLATED_LIMIT_BYTES", 1000)
    content = encoded(instance(BitsAllocated=8, PixelData=bytes(2000)), "1.2.840.10008.1.2.1.99")
    with pytest.raises(InstanceError, match="too large"):
        run(content)


def test_a_hundred_thousand_private_elements_do_not_fill_the_memos(instance, encoded, run):
    profile_tags = b"".join(
        struct.pack("<HH2sH", 0x0021 + 2 * (n // 60000), 0x1000 + n % 60000, b"LO", 6) + b"CANARY"
        for n in range(100_000)
    )
    assert b"CANARY" not in run(encoded(instance()) + profile_tags)


def test_no_reason_and_no_log_holds_a_value(bundled, caplog, recwarn):
    reasons = set()
    for path in bundled:
        for rewriter in ("bytes", "dataset"):
            try:
                engine.deidentify_data(path.read_bytes(), BASIC, rewriter)
            except InstanceError as error:
                reasons.add(str(error))
    assert reasons <= {
        "the byte rewriter declines it",
        "is not a DICOM file: no DICM prefix after the preamble",
        "is a DICOMDIR: it indexes files by their names and is no instance of a patient",
        "has no SOPClassUID",
        "has no SOPInstanceUID",
        "has no StudyInstanceUID",
        "has no SeriesInstanceUID",
        "is truncated: an element is longer than the rest of the file",
        "the data set is malformed and cannot be read",
    }
    assert caplog.records == []
    assert list(recwarn) == []
