import subprocess
import sys

ALLOWED = {"yaml", "jsonschema", "googleapiclient", "pipeline"}
FORBIDDEN = {"apache_beam", "emulator", "requests", "google.auth", "google.cloud.storage"}


def test_reading_a_configuration_loads_no_client_and_no_dicom_library():
    code = "import sys, pipeline.config, pipeline.config.discovery as d; d.json_schema('v1'); print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert loaded >= ALLOWED
    assert not loaded & FORBIDDEN
