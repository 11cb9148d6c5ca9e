import pytest

from pipeline.config import regenerated_uid

# Source and output pairs printed in Google's how-to "De-identify DICOM data using the v1beta1 DicomTagConfig".
PUBLISHED_PAIRS = [
    ("2.25.70541616638819138568043293671559322355", "201854290391432893460946240745559593763"),
    ("1.2.276.0.7230010.3.1.3.8323329.78.1531234558.523694", "303327499491957026103380014864616068710"),
    ("1.2.276.0.7230010.3.1.4.8323329.78.1539083058.523695", "97415866390999888717168863957686758029"),
    ("3333333", "222168347996079463826250565085126257314"),
    ("4444444", "25205702030237830896398173746777399347"),
    ("2222222", "286710307126045768765142714621897494633"),
]


@pytest.mark.parametrize(("source", "suffix"), PUBLISHED_PAIRS)
def test_regenerated_uid_equals_the_published_output(source, suffix):
    assert regenerated_uid(source) == f"1.3.6.1.4.1.11129.5.1.{suffix}"


@pytest.mark.parametrize("uid", ["1", "1.2." + "9" * 60, ""])
def test_regenerated_uid_fits_into_a_dicom_uid(uid):
    new = regenerated_uid(uid)
    assert len(new) <= 64
    assert all(part == str(int(part)) for part in new.split("."))
