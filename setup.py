"""Ships `pipeline` alone: what Dataflow workers install, and what a clean environment can run."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent


def _requirements() -> list[str]:
    lines = (HERE / "requirements" / "pipeline.txt").read_text(encoding="utf-8").splitlines()
    return [bare for line in lines if (bare := line.split("#")[0].strip())]


def _version() -> str:
    namespace: dict[str, str] = {}
    exec((HERE / "pipeline" / "version.py").read_text(encoding="utf-8"), namespace)  # noqa: S102
    return namespace["__version__"]


setup(
    name="dicom-deid-pipeline",
    version=_version(),
    description="De-identifies DICOM instances through the Cloud Healthcare API, one audit row for each",
    python_requires=">=3.11,<3.12",
    packages=find_packages(include=["pipeline", "pipeline.*"]),
    package_data={"pipeline": ["audit/schema/*.json", "py.typed"]},
    install_requires=_requirements(),
)
