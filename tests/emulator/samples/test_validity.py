"""The samples are DICOM that a strict reader accepts, with what their IODs require."""

import io
import math

import pydicom
import pytest
from pydicom.config import RAISE
from pydicom.datadict import dictionary_VM, dictionary_VR
from pydicom.valuerep import validate_value

# PS3.3: Type 1 of the modules that every composite IOD has (C.7.1.1, C.7.2.1, C.7.3.1, C.12.1), then Type 2.
EVERY_TYPE_1 = ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality"]
EVERY_TYPE_2 = [
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
    "SeriesNumber",
    "Manufacturer",
    "InstanceNumber",
]
# Image Pixel module, C.7.6.3
PIXEL = [
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
]
PLANE = ["PixelSpacing", "ImageOrientationPatient", "ImagePositionPatient", "FrameOfReferenceUID"]
MULTI = [
    "NumberOfFrames",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "DimensionOrganizationSequence",
    "DimensionIndexSequence",
    "ContentDate",
    "ContentTime",
    "FrameOfReferenceUID",
    "PixelPresentation",
    "VolumetricProperties",
    "VolumeBasedCalculationTechnique",
    "PresentationLUTShape",
    "BurnedInAnnotation",
    "LossyImageCompression",
]
SR = [
    "CompletionFlag",
    "VerificationFlag",
    "ContentDate",
    "ContentTime",
    "ValueType",
    "ConceptNameCodeSequence",
    "ContinuityOfContent",
]
TYPE_1 = {
    "CT Image Storage": [*PIXEL, *PLANE, "ImageType", "RescaleIntercept", "RescaleSlope"],
    "MR Image Storage": [*PIXEL, *PLANE, "ImageType", "ScanningSequence", "SequenceVariant"],
    "Enhanced CT Image Storage": [*PIXEL, *MULTI, "ImageType"],
    "Enhanced MR Image Storage": [*PIXEL, *MULTI, "ImageType", "ResonantNucleus", "MagneticFieldStrength"],
    "Ultrasound Image Storage": [*PIXEL, "ImageType"],
    "Ultrasound Multi-frame Image Storage": [
        *PIXEL,
        "ImageType",
        "NumberOfFrames",
        "FrameTime",
        "FrameIncrementPointer",
    ],
    "Computed Radiography Image Storage": [*PIXEL],
    "Secondary Capture Image Storage": [*PIXEL, "ConversionType"],
    "Basic Text SR Storage": [*SR, "VerifyingObserverSequence"],
    "Comprehensive SR Storage": [*SR, "VerifyingObserverSequence", "CurrentRequestedProcedureEvidenceSequence"],
    "Key Object Selection Document Storage": [
        *("CurrentRequestedProcedureEvidenceSequence", "ContentDate", "ValueType", "ConceptNameCodeSequence"),
    ],
    "Grayscale Softcopy Presentation State Storage": [
        *("ReferencedSeriesSequence", "ContentLabel", "PresentationCreationDate", "DisplayedAreaSelectionSequence"),
        *("PresentationLUTShape", "GraphicAnnotationSequence", "GraphicLayerSequence"),
    ],
}
TYPE_2 = {
    "CT Image Storage": ["KVP", "AcquisitionNumber", "PositionReferenceIndicator", "SliceThickness"],
    "MR Image Storage": ["ScanOptions", "MRAcquisitionType", "EchoTime", "EchoTrainLength", "SliceThickness"],
    "Computed Radiography Image Storage": ["KVP", "PlateID", "CassetteID", "BodyPartExamined", "ViewPosition"],
    "Ultrasound Image Storage": ["PatientOrientation"],
    "Enhanced CT Image Storage": ["AcquisitionContextSequence"],
    "Enhanced MR Image Storage": ["AcquisitionContextSequence"],
    "Basic Text SR Storage": ["ReferencedPerformedProcedureStepSequence", "PerformedProcedureCodeSequence"],
    "Comprehensive SR Storage": ["ReferencedPerformedProcedureStepSequence", "PerformedProcedureCodeSequence"],
    "Key Object Selection Document Storage": ["ReferencedPerformedProcedureStepSequence"],
    "Grayscale Softcopy Presentation State Storage": ["ContentDescription", "ContentCreatorName"],
}


def every_dataset(dataset):
    yield dataset
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from every_dataset(item)


def public_elements(instances):
    for one in instances:
        for dataset in every_dataset(one):
            for element in dataset:
                if not element.tag.is_private and element.tag.group != 0x6000:
                    yield element


def test_each_instance_has_the_attributes_its_iod_requires(instances):
    for one in instances:
        name = one.SOPClassUID.name
        empty = [word for word in EVERY_TYPE_1 + TYPE_1[name] if word not in one or one[word].is_empty]
        absent = [word for word in EVERY_TYPE_2 + TYPE_2.get(name, []) if word not in one]
        assert (name, empty, absent) == (name, [], [])


def test_every_required_iod_is_among_the_samples(instances):
    assert {one.SOPClassUID.name for one in instances} == set(TYPE_1)


def test_every_value_is_legal_for_its_vr(instances):
    for element in public_elements(instances):
        if element.VR not in ("SQ", "OB", "OW", "US", "SS", "FD", "FL", "UL", "AT"):
            for value in element.value if element.VM > 1 else [element.value]:
                if element.VM:
                    validate_value(element.VR, value.original_string if element.VR in ("DS", "IS") else value, RAISE)


def test_every_vr_is_the_dictionarys(instances):
    wrong = {element.keyword for element in public_elements(instances) if element.VR not in dictionary_VR(element.tag)}
    assert wrong == set()


def multiplicity_is_legal(count, rule):
    low, _, high = rule.partition("-")
    if not high:
        return count == int(low)
    step = int(high.removesuffix("n") or 1) if high.endswith("n") else 1
    return count >= int(low) and count % step == 0 if high.endswith("n") else int(low) <= count <= int(high)


def test_every_value_multiplicity_is_legal(instances):
    wrong = {
        element.keyword
        for element in public_elements(instances)
        if element.VM and element.VR != "SQ" and not multiplicity_is_legal(element.VM, dictionary_VM(element.tag))
    }
    assert wrong == set()


def test_file_meta_agrees_with_the_dataset(instances):
    for one in instances:
        assert one.file_meta.MediaStorageSOPInstanceUID == one.SOPInstanceUID
        assert one.file_meta.MediaStorageSOPClassUID == one.SOPClassUID


def test_reading_and_writing_again_changes_no_byte(written):
    for path in written.files:
        again = io.BytesIO()
        pydicom.dcmwrite(again, pydicom.dcmread(path), enforce_file_format=True)
        assert again.getvalue() == path.read_bytes()


def test_pixel_data_decodes_to_the_declared_shape(instances):
    for one in instances:
        if "PixelData" in one:
            shape = (one.Rows, one.Columns)
            shape = (one.NumberOfFrames, *shape) if "NumberOfFrames" in one else shape
            shape = (*shape, 3) if one.SamplesPerPixel == 3 else shape
            assert one.pixel_array.shape == shape
            assert one.pixel_array.std() > 0


def test_stored_bits_hold_every_pixel(instances):
    for one in instances:
        if "PixelData" in one and one.PixelRepresentation == 0:
            assert one.pixel_array.max() < 2**one.BitsStored


def test_sixteen_bit_signed_and_planar_and_lossy_pictures_are_there(instances):
    pictures = [one for one in instances if "PixelData" in one]
    assert any(one.PixelRepresentation == 1 and one.BitsStored == 16 for one in pictures)
    assert {one.PlanarConfiguration for one in pictures if one.SamplesPerPixel == 3} == {0, 1}
    assert {one.PhotometricInterpretation for one in pictures} == {"MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL_422"}
    for one in pictures:
        is_jpeg = one.file_meta.TransferSyntaxUID.name.startswith("JPEG")
        assert one.LossyImageCompression == ("01" if is_jpeg else "00")


def test_functional_groups_have_an_item_for_each_frame(instances):
    enhanced = [one for one in instances if "PerFrameFunctionalGroupsSequence" in one]
    assert len(enhanced) == 2
    for one in enhanced:
        assert len(one.PerFrameFunctionalGroupsSequence) == one.NumberOfFrames
        assert one.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence


def test_overlay_planes_have_a_bit_for_each_pixel(instances):
    overlays = [one for one in instances if 0x60003000 in one]
    assert len(overlays) == 2
    for one in overlays:
        assert len(one[0x60003000].value) == math.ceil(one.Rows * one.Columns / 16) * 2
        assert one.overlay_array(0x6000).any()


def test_image_references_point_to_instances_of_the_samples(instances):
    known = {one.SOPInstanceUID: one.SOPClassUID for one in instances}
    pointed = set()
    for one in instances:
        for dataset in every_dataset(one):
            for keyword in ("ReferencedImageSequence", "SourceImageSequence", "ReferencedSOPSequence"):
                for item in dataset.get(keyword) or []:
                    assert known[item.ReferencedSOPInstanceUID] == item.ReferencedSOPClassUID
                    pointed.add((keyword, one.Modality))
    assert pointed >= {
        ("ReferencedImageSequence", "CT"),
        ("SourceImageSequence", "MR"),
        ("ReferencedSOPSequence", "SR"),
        ("ReferencedSOPSequence", "KO"),
        ("ReferencedImageSequence", "PR"),
    }


def test_referenced_studies_are_earlier_studies_of_the_patient(instances):
    owner = {one.StudyInstanceUID: one.PatientID for one in instances}
    referenced = [
        (item.ReferencedSOPInstanceUID, one.PatientID) for one in instances for item in one.ReferencedStudySequence
    ]
    assert referenced
    assert all(owner[study] == patient for study, patient in referenced)


@pytest.mark.parametrize(
    ("character_set", "name"),
    [
        ("ISO_IR 100", "Zoé"),
        ("ISO_IR 192", "王建國^小東方"),
        ("ISO 2022 IR 87", "山田川^太郎丸"),
        ("ISO 2022 IR 149", "홍남궁^길동명"),
    ],
)
def test_patient_names_read_in_their_character_set(instances, character_set, name):
    names = {str(one.PatientName) for one in instances if character_set in str(one.get("SpecificCharacterSet", ""))}
    assert names
    assert all(name in one for one in names)
