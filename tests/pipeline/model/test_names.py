"""Names of DICOM stores."""

from __future__ import annotations

import pytest

from pipeline.model.names import DicomStoreName

NAME = "projects/p/locations/us-central1/datasets/d/dicomStores/s"


def test_a_store_name_is_read_into_its_parts() -> None:
    assert DicomStoreName.parse(NAME) == DicomStoreName("p", "us-central1", "d", "s")


def test_a_store_name_as_text_is_the_text_it_was_read_from() -> None:
    assert str(DicomStoreName.parse(NAME)) == NAME


def test_operations_belong_to_the_dataset_of_the_store() -> None:
    assert DicomStoreName.parse(NAME).dataset_name == "projects/p/locations/us-central1/datasets/d"


def test_the_location_has_a_name_too() -> None:
    assert DicomStoreName.parse(NAME).location_name == "projects/p/locations/us-central1"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(NAME.replace("/p/", "/example.com:p/"), id="project of a domain"),
        pytest.param(NAME.replace("/p/", "/123456789/"), id="project number"),
        pytest.param(NAME[:-1] + "a" * 256, id="256 characters"),
        pytest.param(NAME[:-1] + "s_1-2.3", id="every kind of character"),
        pytest.param(NAME[:-1] + "größe", id="letters of another script"),
    ],
)
def test_legal_names_are_accepted(name: str) -> None:
    assert str(DicomStoreName.parse(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("s", id="a store's id alone"),
        pytest.param(f"/{NAME}", id="leading slash"),
        pytest.param(f"{NAME}/", id="trailing slash"),
        pytest.param(f"{NAME}\n", id="line end"),
        pytest.param(f"v1/{NAME}", id="API version before it"),
        pytest.param(f"https://healthcare.googleapis.com/v1/{NAME}", id="URL"),
        pytest.param(f"{NAME}/dicomWeb/studies/1.2", id="a study"),
        pytest.param("projects/p/locations/l/datasets/d/fhirStores/s", id="another kind of store"),
        pytest.param("projects/p/locations/l/datasets/d", id="a dataset"),
        pytest.param("projects//locations/l/datasets/d/dicomStores/s", id="empty project"),
        pytest.param(NAME[:-1] + "..", id="dots that climb"),
        pytest.param(NAME[:-1] + "s?x=1", id="a query"),
        pytest.param(NAME[:-1] + "s#x", id="a fragment"),
        pytest.param(NAME[:-1] + "s x", id="a blank"),
        pytest.param(NAME[:-1] + "a" * 257, id="257 characters"),
    ],
)
def test_what_is_no_store_name_is_refused_with_the_wanted_form(text: str) -> None:
    with pytest.raises(ValueError, match="projects/PROJECT/locations/LOCATION/datasets/DATASET/dicomStores/STORE"):
        DicomStoreName.parse(text)
