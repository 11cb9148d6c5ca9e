import subprocess
import sys

NEEDED = {"yaml", "jsonschema", "googleapiclient", "pydicom", "pipeline.config"}
# requests is not among them: pydicom loads it for its own downloads of test files.
FORBIDDEN = {"apache_beam", "emulator", "google.auth", "google.cloud.storage", "google.cloud.bigquery", "httplib2"}


def test_reading_a_configuration_loads_no_google_client_no_beam_and_no_emulator():
    code = "import sys, pipeline.config, pipeline.config.discovery as d; d.json_schema('v1'); print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(answer.stdout.split())
    assert loaded >= NEEDED
    assert not loaded & FORBIDDEN
