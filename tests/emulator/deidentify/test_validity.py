"""Output is as valid as its input, as dciodvfy and dcentvfy of Debian's dicom3tools judge."""

import pytest

from benchmarks import validity
from emulator.deidentify import compile_config
from emulator.deidentify.options import EDITIONS, EngineOptions
from emulator.samples import write_samples

needs_dicom3tools = pytest.mark.skipif(not validity.installed(), reason="dciodvfy and dcentvfy are not installed")
WELL_FORMED = (
    "CT_small.dcm",
    "MR_small.dcm",
    "rtplan.dcm",
    "examples_overlay.dcm",
    "test-SR.dcm",
    "reportsi.dcm",
    "waveform_ecg.dcm",
)
"""Of pydicom's files: images, a plan, reports, a waveform."""


@pytest.fixture
def basic():
    return lambda edition: compile_config(validity.CONFIGS[validity.BASIC], options=EngineOptions(edition=edition))


@needs_dicom3tools
@pytest.mark.parametrize("edition", EDITIONS)
def test_the_basic_profile_adds_no_error_to_files_of_many_kinds(basic, bundled, tmp_path, edition):
    sources = [path for path in bundled if path.name in WELL_FORMED]
    figures = validity.compare(sources, basic(edition), tmp_path)
    assert figures.new == {}
    assert (figures.compared, figures.unjudged) == (len(WELL_FORMED), 0)


@pytest.fixture(scope="module")
def one_of_each_series(tmp_path_factory):
    files = write_samples(tmp_path_factory.mktemp("studies")).files
    return list({path.parent: path for path in files}.values())


@needs_dicom3tools
@pytest.mark.parametrize("edition", EDITIONS)
def test_the_basic_profile_adds_no_error_to_studies_which_stay_consistent(basic, one_of_each_series, tmp_path, edition):
    figures = validity.compare(one_of_each_series, basic(edition), tmp_path)
    assert figures.new == {}
    assert figures.entities == {}
    assert figures.clean_after >= figures.clean_before > 0


@needs_dicom3tools
def test_an_error_that_is_added_is_counted(bundled, tmp_path):
    (source,) = [path for path in bundled if path.name == "CT_small.dcm"]
    minimal = compile_config({"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}})
    figures = validity.compare([source], minimal, tmp_path)
    assert figures.worse == 1
    assert figures.new_errors > 10
    assert "Missing attribute Type 2C Conditional Element=<Laterality> Module=<GeneralSeries>" in str(figures.new)


def test_values_do_not_make_messages_differ():
    messages = [
        'Error - Illegal root for UID - "1.2.3" in (0x0002,0x0012) Implementation Class UID',
        'Error - Illegal root for UID - "1.9" in (0x0002,0x0012) Implementation Class UID',
    ]
    assert len({validity.without_values(message) for message in messages}) == 1
    kept = validity.without_values("Error - Missing attribute Type 2 Required Element=<A> Module=<B>")
    assert kept == "Error - Missing attribute Type Required Element=<A> Module=<B>"
