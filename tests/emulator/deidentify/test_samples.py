"""Generated studies with canaries in every identifying element: nothing of them may be left."""

import pytest

from emulator.deidentify import regenerate_uid
from emulator.samples import byte_patterns, canaries, generate_studies

BASIC = {"dicomTagConfig": {}}
MINIMAL = {"dicom": {"filterProfile": "MINIMAL_KEEP_LIST_PROFILE"}}


@pytest.fixture(scope="module")
def studies():
    return list(generate_studies())


@pytest.mark.parametrize("config", [BASIC, MINIMAL])
def test_no_canary_and_no_original_uid_is_in_any_byte(studies, encoded, run, in_words, config):
    patterns = {pattern for canary in canaries() for pattern in byte_patterns(canary)}
    assert len(patterns) > 1500
    marked = hits = 0
    for dataset in studies:
        content = encoded(dataset, dataset.file_meta.TransferSyntaxUID)
        marked += b"CANARY" in in_words(content)
        result = in_words(run(content, config))
        hits += sum(pattern in result for pattern in patterns)
    assert marked == len(studies)
    assert hits == 0


@pytest.mark.parametrize("config", [BASIC, MINIMAL, {"dicom": {}}])
def test_a_study_stays_together_under_its_new_uids(studies, encoded, deidentified, config):
    mapped = set()
    for dataset in studies:
        result = deidentified(encoded(dataset, dataset.file_meta.TransferSyntaxUID), config)
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
            assert result[keyword].value == regenerate_uid(dataset[keyword].value)
            mapped.add((dataset[keyword].value, result[keyword].value))
    assert len(mapped) == len({old for old, _new in mapped}) == len({new for _old, new in mapped})
