"""Grayscale Softcopy Presentation State, PS3.3 A.33.1: text drawn over images of another series."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import GrayscaleSoftcopyPresentationStateStorage

from emulator.samples.build import Reference, dataset
from emulator.samples.visit import Visit


def presentation_state(visit: Visit, *, images: list[Reference], size: int) -> Dataset:
    """A text annotation and a polyline over `images`, all of one series and `size` pixels wide."""
    mint = visit.mint
    text = dataset(
        BoundingBoxAnnotationUnits="DISPLAY",
        UnformattedTextValue=f"Compare with {mint.word('ST')}",
        BoundingBoxTopLeftHandCorner=[0.1, 0.1],
        BoundingBoxBottomRightHandCorner=[0.5, 0.2],
        BoundingBoxTextHorizontalJustification="LEFT",
    )
    line = dataset(
        GraphicAnnotationUnits="DISPLAY",
        GraphicDimensions=2,
        NumberOfGraphicPoints=2,
        GraphicData=[0.1, 0.1, 0.5, 0.5],
        GraphicType="POLYLINE",
        GraphicFilled="N",
    )
    annotation = dataset(GraphicLayer="NOTES", TextObjectSequence=[text], GraphicObjectSequence=[line])
    annotation.ReferencedImageSequence = [one.item() for one in images]
    area = dataset(
        DisplayedAreaTopLeftHandCorner=[1, 1],
        DisplayedAreaBottomRightHandCorner=[size, size],
        PresentationSizeMode="SCALE TO FIT",
        PresentationPixelAspectRatio=[1, 1],
    )
    state = dataset(
        PresentationCreationDate="20010101",
        PresentationCreationTime="120000",
        ContentLabel="NOTES",
        ContentDescription=None,
        ContentCreatorName=mint.name("Draw"),
        ReferencedSeriesSequence=[
            dataset(SeriesInstanceUID=images[0].series, ReferencedImageSequence=[one.item() for one in images])
        ],
        GraphicAnnotationSequence=[annotation],
        GraphicLayerSequence=[dataset(GraphicLayer="NOTES", GraphicLayerOrder=1)],
        DisplayedAreaSelectionSequence=[area],
        PresentationLUTShape="IDENTITY",
    )
    series = visit.series("PR", "Annotations")
    return visit.finished(visit.instance(series, GrayscaleSoftcopyPresentationStateStorage, state))
