"""Where text is inspected: by DEIDENTIFY_TAG_CONTENTS, by cleanTextTag and by options.cleanDescriptors."""

import pytest

KEY = {"cryptoKey": "MDEyMzQ1Njc4OWFiY2RlZg=="}
TEXT = {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": KEY}]}
CONTENTS = {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS"}, "text": TEXT}
DESCRIPTORS = {"dicomTagConfig": {"options": {"cleanDescriptors": {}}}, "text": TEXT}


@pytest.fixture
def wall(instance, dataset):
    """The how-to's patient whose name is a noun."""
    return instance(
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Wall^Anna",
        PatientID="S1214223-1",
        PatientBirthDate="19880812",
        StudyDate="20110909",
        StudyDescription="Motion of the Wall, S1214223-1",
        BodyPartExamined="CHEST",
        Rows=7,
        RequestAttributesSequence=[dataset(ScheduledProcedureStepDescription="Seen by Anna", PatientID="S1214223-1")],
    )


def test_tag_contents_keeps_what_says_nothing_and_replaces_what_does(wall, deidentified):
    result = deidentified(wall, CONTENTS)
    assert result.PatientName == "[PERSON_NAME]"
    assert (result.BodyPartExamined, result.Rows) == ("CHEST", 7)
    assert "Wall" not in result.StudyDescription
    assert "S1214223-1" not in result.StudyDescription
    assert result.StudyDescription.startswith("Motion of the")


def test_tag_contents_shifts_all_dates_of_a_patient_by_the_same_days(wall, deidentified):
    result = deidentified(wall, CONTENTS)
    born, seen = (int(day.replace("-", "")) for day in (result.PatientBirthDate, result.StudyDate))
    assert (born, seen) != (19880812, 20110909)
    assert born // 10000 in {1988, 1989}
    again = deidentified(wall, CONTENTS)
    assert (again.PatientBirthDate, again.StudyDate) == (result.PatientBirthDate, result.StudyDate)


def test_tag_contents_looks_into_sequences(wall, deidentified, run):
    item = deidentified(wall, CONTENTS).RequestAttributesSequence[0]
    assert item.ScheduledProcedureStepDescription == "Seen by [PERSON_NAME]"
    assert b"S1214223-1" not in run(wall, CONTENTS)


def test_tag_contents_regenerates_the_ids(wall, deidentified):
    assert deidentified(wall, CONTENTS).StudyInstanceUID.startswith("1.3.6.1.4.1.11129.5.1.")


def test_tag_contents_removes_what_nobody_can_inspect(wall, run):
    block = wall.private_block(0x0029, "ACME", create=True)
    block.add_new(0x10, "OB", b"CANARY-BYTES")
    block.add_new(0x11, "UN", b"CANARY-UNKNOWN")
    block.add_new(0x12, "LO", "kept words")
    content = run(wall, CONTENTS)
    assert b"CANARY" not in content
    assert b"kept words" in content


def test_text_under_another_vr_than_the_dictionarys_is_removed(wall, run):
    wall.add_new(0x00324000, "OB", b"CANARY-COMMENT")  # StudyComments, which is LT
    assert b"CANARY" not in run(wall, CONTENTS)


def test_clean_descriptors_keeps_descriptions_without_the_headers_phrases(wall, deidentified):
    result = deidentified(wall, DESCRIPTORS)
    assert result.StudyDescription == "Motion of the [CTX], [CTX]"
    assert not result.PatientName


def test_without_the_option_the_basic_profile_removes_descriptions(wall, deidentified):
    assert "StudyDescription" not in deidentified(wall)


def test_clean_descriptors_cleans_inside_sequences_it_names(wall, deidentified):
    item = deidentified(wall, DESCRIPTORS).RequestAttributesSequence[0]
    assert item.ScheduledProcedureStepDescription == "Seen by [CTX]"
    assert item.get("PatientID") != "S1214223-1"


def test_an_action_goes_before_the_option(wall, deidentified):
    config = {
        "dicomTagConfig": {
            "options": {"cleanDescriptors": {}},
            "actions": [{"queries": ["StudyDescription"], "keepTag": {}}],
        }
    }
    assert deidentified(wall, config).StudyDescription == wall.StudyDescription


@pytest.mark.parametrize("query", ["StudyDescription", "00081030", "LO"])
def test_clean_text_tag_cleans_what_its_query_names(wall, deidentified, query):
    config = {"dicomTagConfig": {"actions": [{"queries": [query], "cleanTextTag": {}}]}}
    cleaned = deidentified(wall, config).StudyDescription
    assert cleaned.startswith("Motion of the")
    assert "Wall" not in cleaned


def test_clean_text_tag_does_what_the_how_to_prints(instance, deidentified):
    config = {
        "dicomTagConfig": {"actions": [{"queries": ["PatientName"], "cleanTextTag": {}}]},
        "text": {"additionalTransformations": [{"infoTypes": ["PERSON_NAME"], "replaceWithInfoTypeConfig": {}}]},
    }
    assert deidentified(instance(PatientName="Ann Johnson"), config).PatientName == "[PERSON_NAME]"


@pytest.mark.parametrize("rewriter", ["bytes", "dataset"])
def test_an_items_own_character_set_holds_for_the_item_alone(instance, dataset, deidentified, rewriter):
    whole = instance(
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Müller^Jürgen",
        StudyDescription="Herr Müller",
        RequestAttributesSequence=[
            dataset(SpecificCharacterSet="ISO_IR 100", ScheduledProcedureStepDescription="Herr Müller, Kontrolle"),
        ],
        ContentSequence=[dataset(TextValue="Herr Müller geht")],
    )
    result = deidentified(whole, CONTENTS, rewriter)
    item = result.RequestAttributesSequence[0]
    for text in (result.StudyDescription, item.ScheduledProcedureStepDescription, result.ContentSequence[0].TextValue):
        assert text.startswith("Herr ")
        assert "ller" not in text


def test_text_without_anything_sensitive_keeps_its_bytes(instance, run, encoded):
    whole = instance(StudyDescription="CT  Thorax nativ ", ImageComments="slice 7")
    config = {"dicom": {"filterProfile": "DEIDENTIFY_TAG_CONTENTS", "skipIdRedaction": True}}
    assert b"CT  Thorax nativ " in run(whole, config)
