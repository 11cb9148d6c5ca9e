"""Text and pixels through the whole road: what a configuration asks of the engine arrives in the destination."""

import base64
import datetime
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
import requests
from PIL import Image, ImageDraw, ImageFont

KEY = base64.b64encode(bytes(range(32))).decode()
RESEARCH = Path(__file__).parents[2] / "templates" / "configs" / "research.json"
NAME_BOX = (8, 8, 200, 36)


@pytest.fixture
def arrived(stores):
    """`arrived(run)`: the instances of the destination by the UID they had."""

    def call(run):
        found = {}
        for row in run.rows:
            path = (
                "studies/{deid_study_instance_uid}/series/{deid_series_instance_uid}/instances/{deid_sop_instance_uid}"
            )
            answer = requests.get(
                f"{stores.cloud.url}/v1/{stores.destination}/dicomWeb/{path.format(**row)}",
                headers={"Accept": "application/dicom; transfer-syntax=*"},
                timeout=60,
            )
            answer.raise_for_status()
            found[row["sop_instance_uid"]] = pydicom.dcmread(BytesIO(answer.content))
        return found

    return call


def shown(make, name):
    """A small ultrasound image with the patient's name burned in."""
    image = Image.new("L", (320, 96), 30)
    draw = ImageDraw.Draw(image)
    draw.text((12, 10), name, fill=255, font=ImageFont.load_default(22))
    draw.text((200, 64), "GAIN 52", fill=255, font=ImageFont.load_default(20))
    pixels = np.asarray(image)
    dataset = make("1.2.826.1", "1.2.826.1.1", "1.2.826.1.0.1")
    dataset.PatientName, dataset.StudyDescription = "Quimby^Zelda", "Liver of Zelda Quimby, follow-up"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.PixelData = pixels.tobytes()
    return dataset


def test_the_research_configuration_covers_the_name_in_text_and_pixels(stores, arrived, make_instance):
    stores.store(shown(make_instance, "ZELDA QUIMBY"))
    stores.manifest("/studies/1.2.826.1")
    run = stores.run(deidentify_config=str(RESEARCH))
    assert run.status == 0, run.output
    assert run.outcomes() == {"DEIDENTIFIED": 1}
    (result,) = arrived(run).values()
    assert result.StudyDescription == "Liver of [CTX], follow-up"
    left, top, right, bottom = NAME_BOX
    assert result.pixel_array[top:bottom, left:right].max() <= 30
    assert result.pixel_array[64:90, 200:].max() == 255


def test_one_patients_dates_move_alike_in_every_batch(stores, arrived, make_instance):
    days = {"1": "20200101", "2": "20200228", "3": "20210301"}
    for number, day in days.items():
        uids = f"1.2.826.{number}", f"1.2.826.{number}.1", f"1.2.826.{number}.0.1"
        stores.store(make_instance(*uids, StudyDate=day, StudyDescription=f"compared with 2019-12-24 ({number})"))
    stores.manifest(*(f"/studies/1.2.826.{number}" for number in days))
    config = {
        "dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"},
        "text": {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": {"cryptoKey": KEY}}]},
    }
    run = stores.run(deidentify_config=stores.config(json.dumps(config)), max_instances_per_batch=1)
    assert run.status == 0, run.output
    assert run.account["operations"] == 3
    results = arrived(run)
    moved = {
        datetime.date.fromisoformat(results[f"1.2.826.{number}.0.1"].StudyDate) - datetime.date.fromisoformat(day)
        for number, day in days.items()
    }
    assert len(moved) == 1
    assert 1 <= abs(moved.pop().days) <= 100
    assert len({result.StudyDescription[:-4] for result in results.values()}) == 1
    assert not any("2019-12-24" in result.StudyDescription for result in results.values())
    assert {str(result.PatientName) for result in results.values()} == {"[PERSON_NAME]"}
