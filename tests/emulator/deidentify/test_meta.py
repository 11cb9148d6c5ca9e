from pydicom.uid import ExplicitVRLittleEndian


def test_preamble_and_file_meta_are_written_anew(instance, encoded, run, deidentified):
    content = encoded(
        instance(),
        ImplementationClassUID="1.2.3.4",
        ImplementationVersionName="CANARY_VERSION",
        SourceApplicationEntityTitle="CANARY_AE",
        PrivateInformationCreatorUID="1.2.3.5",
        PrivateInformation=b"CANARY",
    )
    assert b"CANARY" in content
    assert b"CANARY" not in run(content)
    meta = deidentified(content).file_meta
    present = {element.keyword for element in meta}
    assert present == {
        "FileMetaInformationGroupLength",
        "FileMetaInformationVersion",
        "MediaStorageSOPClassUID",
        "MediaStorageSOPInstanceUID",
        "TransferSyntaxUID",
        "ImplementationClassUID",
        "ImplementationVersionName",
    }
    assert meta.ImplementationClassUID != "1.2.3.4"
    assert meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_file_meta_can_be_kept_by_name(instance, encoded, deidentified):
    content = encoded(instance(), SourceApplicationEntityTitle="SCANNER_1", ImplementationVersionName="THEIRS")
    by_action = {"dicomTagConfig": {"actions": [{"queries": ["SourceApplicationEntityTitle"], "keepTag": {}}]}}
    by_list = {"dicom": {"keepList": {"tags": ["ImplementationVersionName"]}}}
    assert deidentified(content, by_action).file_meta.SourceApplicationEntityTitle == "SCANNER_1"
    assert deidentified(content, by_list).file_meta.ImplementationVersionName == "THEIRS"


def test_file_meta_is_in_step_with_the_data_set_even_when_it_was_not(instance, encoded, deidentified):
    result = deidentified(encoded(instance(), MediaStorageSOPInstanceUID="1.2.3.666"))
    assert result.file_meta.MediaStorageSOPInstanceUID == result.SOPInstanceUID
    assert result.file_meta.MediaStorageSOPClassUID == result.SOPClassUID


def test_a_wrong_group_length_does_not_mislead(instance, encoded, deidentified):
    content = bytearray(encoded(instance()))
    content[140:144] = b"\xff\xff\0\0"
    assert deidentified(bytes(content)).SOPClassUID == instance().SOPClassUID
