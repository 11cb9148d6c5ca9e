"""`python -m emulator serve` as a child process, as users start it."""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import google.auth
import pydicom.data
import pytest
import requests
from google.cloud import bigquery, storage

from emulator.serve import _listen

DEADLINE_SECONDS = 60
STORES = "projects/p/locations/us-central1/datasets/d/dicomStores"
CANARY_UID = "1.2.826.0.1.3680043.10.543.424242"
BASIC = {"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}


class Served:
    """A server in a child process."""

    def __init__(self, data, *arguments):
        command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--data", str(data), *arguments]
        self.output, self.errors = Path(f"{data}.stdout"), Path(f"{data}.stderr")
        with self.output.open("w") as output, self.errors.open("a") as errors:
            self.process = subprocess.Popen(command, stdout=output, stderr=errors)
        wait_for(lambda: "GOOGLE_CLOUD_PROJECT" in self.output.read_text() or self.process.poll() is not None)
        assert self.process.poll() is None, self.errors.read_text()
        self.ready = json.loads(self.output.read_text().splitlines()[0])
        self.url = self.ready["healthcare"]

    def post(self, path, body=None, **options):
        options = {"json": body} if body is not None else options
        answer = requests.post(f"{self.url}/v1/{path}", timeout=DEADLINE_SECONDS, **options)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.text.startswith("{") else {}

    def get(self, path):
        return requests.get(f"{self.url}/v1/{path}", timeout=DEADLINE_SECONDS).json()

    def make_stores(self):
        self.post("projects/p/locations/us-central1/datasets?datasetId=d", {})
        for store in ("source", "destination"):
            self.post(f"{STORES}?dicomStoreId={store}", {})

    def start_operation(self):
        """Store two instances and de-identify them; return the operation's name."""
        self.make_stores()
        for file in ("CT_small.dcm", "MR_small.dcm"):
            content = Path(pydicom.data.get_testdata_file(file, download=False)).read_bytes()
            headers = {"Content-Type": "application/dicom"}
            self.post(f"{STORES}/source/dicomWeb/studies", data=content, headers=headers)
        body = {"destinationStore": f"{STORES}/destination", "config": BASIC}
        return self.post(f"{STORES}/source:deidentify", body)["name"]

    def counter(self, name):
        return self.get(name)["metadata"].get("counter", {})

    def engine_processes(self):
        """Process ids of the server's children."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]

    def end(self, sent=signal.SIGTERM):
        """Send a signal; return the exit status and all that was printed to standard output."""
        self.process.send_signal(sent)
        return self.process.wait(timeout=10), self.output.read_text()


def wait_for(condition):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("the condition did not become true in time")


def is_running(pid):
    """Whether a process runs; one that ended and that nobody waited for yet does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def serve(tmp_path):
    started = []

    def start(*arguments, data="data"):
        started.append(Served(tmp_path / data, *arguments))
        return started[-1]

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait()


@pytest.fixture
def refused(tmp_path):
    """Run a command line that must not start; return the one line it prints."""

    def run(*arguments):
        command = [sys.executable, "-m", "emulator", "serve", *map(str, arguments)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
        assert (ended.returncode, ended.stdout) == (2, "")
        (line,) = ended.stderr.splitlines()
        return line

    return run


def test_it_says_in_json_and_as_exports_where_everything_is(serve, tmp_path):
    server = serve()
    credentials = str(tmp_path / "data" / "credentials.json")
    url = server.url
    assert server.ready == {
        "healthcare": url,
        "storage": url,
        "bigquery": url,
        "logging": url,
        "pubsub": None,
        "credentials": credentials,
    }
    assert url.startswith("http://127.0.0.1:")
    server.start_operation()
    status, printed = server.end()
    assert status == 0
    assert printed.splitlines()[1:] == [
        f"export HEALTHCARE_ENDPOINT={url}",
        f"export STORAGE_EMULATOR_HOST={url}",
        f"export BIGQUERY_EMULATOR_HOST={url}",
        f"export LOGGING_ENDPOINT={url}",
        f"export GOOGLE_APPLICATION_CREDENTIALS={credentials}",
        "export GOOGLE_CLOUD_PROJECT=embedded-cloud",
    ]


def test_its_credentials_are_valid_at_once_and_for_their_owner_only(serve, monkeypatch):
    path = Path(serve().ready["credentials"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    assert credentials.valid
    assert not credentials.expired


def test_all_services_answer_on_the_one_port(serve, monkeypatch):
    server = serve()
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", server.ready["credentials"])
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.ready["storage"])
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", server.ready["bigquery"])
    bucket = storage.Client("p").create_bucket("bucket")
    bucket.blob("filter.txt").upload_from_string("/studies/404\n")
    assert [one.dataset_id for one in bigquery.Client("p").list_datasets()] == []
    server.make_stores()
    body = {
        "destinationStore": f"{STORES}/destination",
        "config": BASIC,
        "filterConfig": {"resourcePathsGcsUri": "gs://bucket/filter.txt"},
    }
    name = server.post(f"{STORES}/source:deidentify", body)["name"]
    wait_for(lambda: server.get(name).get("done"))
    assert server.counter(name) == {"failure": "1"}


@pytest.mark.parametrize("path", ["/", "/v2/entries:list", "/emulator/healthcare/x:finish", "/v1x"])
def test_what_no_service_takes_is_501(serve, path):
    answer = requests.post(serve().url + path, timeout=DEADLINE_SECONDS)
    assert answer.status_code == 501
    assert answer.json()["error"]["status"] == "UNIMPLEMENTED"


def test_a_manual_operation_is_finished_over_http(serve):
    server = serve("--set", "operation_pace=manual")
    name = server.start_operation()
    wait_for(lambda: server.counter(name) == {"success": "2"})
    assert "done" not in server.get(name)
    assert requests.post(f"{server.url}/emulator/healthcare/{name}:finish", timeout=10).json() == {}
    wait_for(lambda: server.get(name).get("done"))


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_its_engine_while_an_operation_runs(serve, sent):
    server = serve("--set", "operation_min_seconds=3600", "engine_processes=2")
    name = server.start_operation()
    wait_for(lambda: server.counter(name) == {"success": "1", "pending": "1"})
    children = server.engine_processes()
    assert children
    assert server.end(sent)[0] == 0
    wait_for(lambda: not any(map(is_running, children)))


def test_killed_outright_it_leaves_no_process_and_goes_on_at_the_next_start(serve):
    server = serve("--set", "operation_min_seconds=3600")
    name = server.start_operation()
    wait_for(lambda: server.counter(name) == {"success": "1", "pending": "1"})
    children = server.engine_processes()
    server.end(signal.SIGKILL)
    wait_for(lambda: not any(map(is_running, children)))
    again = serve()
    wait_for(lambda: again.get(name).get("done"))
    assert again.counter(name) == {"success": "2"}
    assert again.get(f"{STORES}/destination:getDICOMStoreMetrics")["instanceCount"] == "2"


def test_a_killed_engine_process_does_not_end_the_server(serve):
    server = serve("--set", "engine_processes=1")
    name = server.start_operation()
    wait_for(lambda: server.get(name).get("done"))
    os.kill(next(pid for pid in server.engine_processes() if "spawn_main" in cmdline(pid)), signal.SIGKILL)
    body = {"destinationStore": f"{STORES}/destination", "config": BASIC}
    name = server.post(f"{STORES}/source:deidentify", body)["name"]
    wait_for(lambda: server.get(name).get("done"))
    assert server.counter(name) == {"success": "2"}


def cmdline(pid):
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_no_uid_of_a_request_is_printed(serve):
    server = serve()
    name = server.start_operation()
    wait_for(lambda: server.get(name).get("done"))
    requests.get(f"{server.url}/v1/{STORES}/source/dicomWeb/studies/{CANARY_UID}/metadata", timeout=10)
    requests.get(f"{server.url}/v1/{CANARY_UID}", timeout=10)
    requests.get(f"{server.url}/storage/v1/b/{CANARY_UID}/o/{CANARY_UID}", timeout=10)
    _, printed = server.end()
    assert CANARY_UID not in printed + server.errors.read_text()


def test_a_second_server_on_the_same_data_is_refused(serve, refused, tmp_path):
    serve()
    assert "another server uses the data folder" in refused("--port", 0, "--data", tmp_path / "data")


def test_a_port_in_use_is_refused(refused, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in refused("--port", port, "--data", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_written_is_refused(refused, tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot write the data folder" in refused("--port", 0, "--data", tmp_path / "file")


@pytest.mark.parametrize("arguments", [["--set", "foo=1"], ["--set", "foo"], ["--settings", "none.json"]])
def test_a_wrong_setting_is_refused(refused, arguments):
    assert refused("--port", 0, *arguments).startswith("emulator: ")


def test_settings_come_from_a_file_and_the_command_line_wins(serve, tmp_path):
    file = tmp_path / "settings.json"
    file.write_text('{"missing_resource_status": 403, "qido_empty_status": 204}')
    missing = "projects/p/locations/us-central1/datasets/none"
    server = serve("--settings", str(file))
    assert server.get(missing)["error"]["code"] == 403
    server.end()
    server = serve("--settings", str(file), "--set", "missing_resource_status=404")
    assert server.get(missing)["error"]["code"] == 404


def test_answers_are_not_held_back_for_the_client_to_acknowledge_the_one_before():
    with _listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # what asyncio asks before it sets TCP_NODELAY


def test_without_data_folder_a_temporary_one_is_removed_at_the_end():
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    folder = Path(json.loads(process.stdout.readline())["credentials"]).parent
    assert folder.is_dir()
    process.terminate()
    process.communicate(timeout=10)
    assert not folder.exists()
