"""setup.py ships `pipeline` alone, with its data files; it runs without `emulator` beside it."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: str, cwd: Path) -> str:
    answer = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT), cwd=out)
    return out


def test_the_sdist_holds_the_pipeline_and_its_schema_and_nothing_of_the_emulator(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pipeline/audit/schema/audit_row.json", "pipeline/__main__.py", "requirements/pipeline.txt"} <= names
    assert not [name for name in names if name.startswith(("emulator", "demo", "tests"))]


def test_the_installed_package_shows_its_help_and_its_schema_without_the_emulator(built, tmp_path):
    environment = tmp_path / "env"
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    # The pinned dependencies are those of this environment; installing them anew is `make sdist-check`.
    site = run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=tmp_path).strip()
    here = run(sys.executable, "-c", "import site; print(site.getsitepackages()[0])", cwd=tmp_path).strip()
    (Path(site) / "dependencies.pth").write_text(here + "\n")
    wheel = str(next(built.glob("*.whl")))
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    assert "--source_store" in run(python, "-m", "pipeline", "--help", cwd=tmp_path)
    code = (
        "import json, pipeline; from pipeline.audit.rows import audit_schema; "
        "print(json.dumps([pipeline.__file__, audit_schema()[0]['name']]))"
    )
    where, first = json.loads(run(python, "-c", code, cwd=tmp_path))
    assert where.startswith(str(environment))
    assert first == "row_id"
    missing = subprocess.run([python, "-c", "import emulator"], cwd=tmp_path, capture_output=True, check=False)
    assert missing.returncode != 0
