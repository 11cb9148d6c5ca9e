import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]


def test_the_engine_needs_nothing_of_the_server():
    program = (
        "import sys, emulator.deidentify.cli\n"
        "ours = {n for n in sys.modules if n.startswith('emulator.') and not n.startswith('emulator.deidentify')}\n"
        "others = {'starlette', 'uvicorn', 'duckdb', 'httpx', 'pipeline', 'emulator.errors'} & set(sys.modules)\n"
        "print(sorted(ours | others))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
