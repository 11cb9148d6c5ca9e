"""Enhanced multi-frame CT and MR, PS3.3 A.38.1 and A.36.2: one instance, with functional groups for each frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID, EnhancedCTImageStorage, EnhancedMRImageStorage

from emulator.samples.build import Reference, code, dataset, merged
from emulator.samples.ct import AXIAL, SLICE_MM, frame_of_reference
from emulator.samples.encode import put_pixels
from emulator.samples.pixels import body, gray
from emulator.samples.visit import Visit

_IMAGE_TYPE = ["DERIVED", "PRIMARY", "VOLUME", "RESAMPLED"]
_DIMENSION_POINTERS = ((0x00209111, 0x00209056), (0x00209111, 0x00209057))
"""(Frame Content Sequence, Stack ID) and (.., In-Stack Position Number)."""


def _common(visit: Visit) -> Dataset:
    """What both IODs share: Enhanced General Equipment, Multi-frame Dimension, Acquisition Context, and types."""
    organization = visit.uid("dimension-organization")
    return dataset(
        ImageType=_IMAGE_TYPE,
        PixelPresentation="MONOCHROME",
        VolumetricProperties="VOLUME",
        VolumeBasedCalculationTechnique="NONE",
        AcquisitionDateTime=visit.moment(),
        AcquisitionDuration=12.5,
        AcquisitionNumber=1,
        ContentDate=visit.day,
        ContentTime=visit.clock(),
        PatientPosition="HFS",
        BurnedInAnnotation="NO",
        LossyImageCompression="00",
        PresentationLUTShape="IDENTITY",
        ContentQualification="RESEARCH",
        ImageComments=visit.mint.word("LT"),
        AcquisitionContextSequence=[],
        SynchronizationFrameOfReferenceUID=visit.uid("synchronization"),
        SynchronizationTrigger="NO TRIGGER",
        AcquisitionTimeSynchronized="N",
        DimensionOrganizationSequence=[dataset(DimensionOrganizationUID=organization)],
        DimensionIndexSequence=[
            dataset(DimensionOrganizationUID=organization, FunctionalGroupPointer=group, DimensionIndexPointer=pointer)
            for group, pointer in _DIMENSION_POINTERS
        ],
    )


def _shared(field_mm: float, size: int, sources: list[Reference]) -> Dataset:
    """Shared functional groups; the references carry UIDs two sequences deep."""
    spacing = f"{field_mm / size:.6f}"
    return dataset(
        PixelMeasuresSequence=[dataset(PixelSpacing=[spacing, spacing], SliceThickness=SLICE_MM)],
        PlaneOrientationSequence=[dataset(ImageOrientationPatient=AXIAL)],
        FrameVOILUTSequence=[dataset(WindowCenter=600, WindowWidth=1200)],
        PixelValueTransformationSequence=[dataset(RescaleIntercept=0, RescaleSlope=1, RescaleType="US")],
        ReferencedImageSequence=[
            merged(one.item(), dataset(PurposeOfReferenceCodeSequence=[code("121311", "DCM", "Localizer")]))
            for one in sources[:1]
        ],
    )


def _frame(visit: Visit, number: int, sources: list[Reference]) -> Dataset:
    """Functional groups of one frame (0, 1, ...), with a comment and the image it was derived from."""
    frame = dataset(
        FrameContentSequence=[
            dataset(
                FrameAcquisitionNumber=number + 1,
                StackID="1",
                InStackPositionNumber=number + 1,
                DimensionIndexValues=[1, number + 1],
                FrameComments=visit.mint.word("LT"),
            )
        ],
        PlanePositionSequence=[dataset(ImagePositionPatient=[-120.0, -120.0, SLICE_MM * number])],
        DerivationImageSequence=[],
    )
    if sources:
        source = merged(
            sources[number % len(sources)].item(),
            dataset(PurposeOfReferenceCodeSequence=[code("121322", "DCM", "Source image for image processing")]),
        )
        frame.DerivationImageSequence = [
            dataset(
                DerivationDescription=visit.mint.word("ST"),
                DerivationCodeSequence=[code("113085", "DCM", "Spatial resampling")],
                SourceImageSequence=[source],
            )
        ]
    return frame


def _volume(visit: Visit, frames: int, size: int) -> NDArray[np.generic]:
    pictures = [gray(body(size, size, number / frames, visit.rng), 0, 1200, "uint16") for number in range(frames)]
    return np.stack(pictures)


def enhanced_mr(visit: Visit, *, frames: int, size: int, transfer_syntax: UID) -> Dataset:
    """A derived Enhanced MR volume."""
    specific = dataset(
        ComplexImageComponent="MAGNITUDE",
        AcquisitionContrast="T1",
        ResonantNucleus="1H",
        KSpaceFiltering="NONE",
        MagneticFieldStrength=1.5,
        ApplicableSafetyStandardAgency="IEC",
        ApplicableSafetyStandardDescription="",
    )
    frame_type = dataset(
        FrameType=_IMAGE_TYPE,
        PixelPresentation="MONOCHROME",
        VolumetricProperties="VOLUME",
        VolumeBasedCalculationTechnique="NONE",
        ComplexImageComponent="MAGNITUDE",
        AcquisitionContrast="T1",
    )
    groups = dataset(
        MRImageFrameTypeSequence=[frame_type],
        FrameAnatomySequence=[_anatomy("T-A0100", "Brain")],
    )
    return _enhanced(visit, EnhancedMRImageStorage, "MR", specific, groups, frames, size, transfer_syntax)


def enhanced_ct(visit: Visit, *, frames: int, size: int, transfer_syntax: UID) -> Dataset:
    """A derived Enhanced CT volume."""
    specific = Dataset()
    frame_type = dataset(
        FrameType=_IMAGE_TYPE,
        PixelPresentation="MONOCHROME",
        VolumetricProperties="VOLUME",
        VolumeBasedCalculationTechnique="NONE",
    )
    groups = dataset(
        CTImageFrameTypeSequence=[frame_type],
        FrameAnatomySequence=[_anatomy("T-D3000", "Chest")],
        IrradiationEventIdentificationSequence=[dataset(IrradiationEventUID=visit.uid("irradiation"))],
    )
    return _enhanced(visit, EnhancedCTImageStorage, "CT", specific, groups, frames, size, transfer_syntax)


def _enhanced(
    visit: Visit,
    sop_class: UID,
    modality: str,
    specific: Dataset,
    groups: Dataset,
    frames: int,
    size: int,
    transfer_syntax: UID,
) -> Dataset:
    sources = [one for one in (*visit.earlier, *visit.made) if one.modality == modality][:4]
    series = visit.series(modality, "Volume")
    shared = merged(_shared(240, size, sources), groups)
    instance = visit.instance(series, sop_class, frame_of_reference(visit, "volume"), _common(visit), specific)
    instance.SharedFunctionalGroupsSequence = [shared]
    instance.PerFrameFunctionalGroupsSequence = [_frame(visit, number, sources) for number in range(frames)]
    put_pixels(instance, _volume(visit, frames, size), bits_stored=12, photometric="MONOCHROME2")
    return visit.finished(instance, transfer_syntax)


def _anatomy(value: str, meaning: str) -> Dataset:
    return dataset(AnatomicRegionSequence=[code(value, "SRT", meaning)], FrameLaterality="U")
