"""Elements of a dataset by name, as text: `(0010,0010)`, `(0040,0275)[0](0008,0050)`, `(0029,"CREATOR",10)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

PIXEL_DATA: Final = 0x7FE00010


def walk(dataset: Dataset, prefix: str = "") -> Iterator[tuple[str, DataElement]]:
    """Every element with its path, depth first; file meta information first. Private ones are named by creator.

    Elements whose value cannot be decoded come as UN with the bytes they have.
    """
    meta = getattr(dataset, "file_meta", None)
    if not prefix and meta is not None:
        for element in meta:
            yield _label(element, ""), element
    for tag in sorted(dataset.keys()):
        element = _element(dataset, tag)
        path = prefix + _label(element, _creator(dataset, element))
        yield path, element
        if element.VR == "SQ":
            for number, item in enumerate(element.value or ()):
                yield from walk(item, f"{path}[{number}]")


def values(element: DataElement) -> list[str]:
    """The values of an element as text. Pixel Data has none to read, nor has a sequence; bytes are read as Latin-1."""
    value = element.value
    if element.tag == PIXEL_DATA or element.VR == "SQ" or value is None:
        return []
    if isinstance(value, bytes):
        return [value.decode("latin-1").rstrip("\0 ")]
    many = value if isinstance(value, (MultiValue, list, tuple)) else [value]
    return [str(one).strip() for one in many]


def flatten(dataset: Dataset) -> dict[str, str]:
    """Each element's value as text, by path: values joined by a backslash, empty for no value.

    Pixel Data and sequences that are not empty read `...`.
    """
    flat: dict[str, str] = {}
    for path, element in walk(dataset):
        hidden = element.tag == PIXEL_DATA or element.VR == "SQ"
        flat[path] = ("..." if element.value else "") if hidden else "\\".join(values(element))
    return flat


def _element(dataset: Dataset, tag: int) -> DataElement:
    try:
        return dataset[tag]
    except Exception:  # noqa: BLE001 - a tool may write anything; its bytes are judged then
        raw = dataset.get_item(tag)
        return DataElement(tag, "UN", bytes(getattr(raw, "value", None) or b""))


def _creator(dataset: Dataset, element: DataElement) -> str:
    tag = element.tag
    if not tag.is_private or tag.element < 0x1000:
        return ""
    creator = dataset.get_item((tag.group, tag.element >> 8))
    value = getattr(creator, "value", b"") or b""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text.strip("\0 ").upper()


def _label(element: DataElement, creator: str) -> str:
    tag = element.tag
    if creator:
        return f'({tag.group:04x},"{creator}",{tag.element & 0xFF:02x})'
    return f"({tag.group:04x},{tag.element:04x})"
