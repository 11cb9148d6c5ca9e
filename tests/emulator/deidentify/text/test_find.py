"""What is found in a text by its form, and what is not."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.deidentify import ConfigError, EngineOptions, compile_config
from emulator.deidentify.text.finding import DEFAULT_INFO_TYPES, INFO_TYPES, HeaderWords, find
from emulator.deidentify.text.plugins import PluginError, load

NOBODY = HeaderWords.of([])

FOUND = [
    ("DATE", "seen {2011-09-09} at noon"),
    ("DATE", "{12/08/1988}"),
    ("DATE", "{8/12/88}"),
    ("DATE", "{5-MAY-2021}"),
    ("DATE", "{May 2021}"),
    ("DATE", "{3rd of May 2020}"),
    ("DATE", "on {3/4} seen"),
    ("DATE", "bis {31.12.2020} stationär"),
    ("DATE", "{20110909}"),
    ("DATE", "{20110909120000.123+0100}"),
    ("DATE", "{2011-09-09T12:30:00Z}"),
    ("DATE", "{12. März 2021}"),
    ("DATE", "le {3 février 2019}"),
    ("DATE", "since {2005}"),
    ("DATE", "{2020年5月3日}"),
    ("DATE", "seen {Monday, May 3, 2021}"),
    ("DATE", "{Mo., 3.5.2021}"),
    ("DATE", "Today is {Dec-29}"),
    ("DATE", "compared with {May 6}"),
    ("DATE", "today is {5/21}"),
    ("DATE", "s/p surgery {1994-08}"),
    ("DATE", "MRI of {06/1941}"),
    ("DATE_OF_BIRTH", "DOB: {12/08/1988}"),
    ("DATE_OF_BIRTH", "geb. {12.08.1988}"),
    ("DATE_OF_BIRTH", "born {1950}"),
    ("AGE", "{54 y/o} male"),
    ("AGE", "aged {54}"),
    ("AGE", "{3 weeks old}"),
    ("AGE", "{045Y}"),
    ("AGE", "SMITH {45Y} M"),
    ("AGE", "{67y}F"),
    ("DATE", "study_{1948-03-27T20:36:41Z}_ax"),
    ("TIME", "at {12:30} h"),
    ("PHONE_NUMBER", "Tel. {555-123-4567}"),
    ("PHONE_NUMBER", "{(312) 555-0100}"),
    ("PHONE_NUMBER", "ring {+49 89 1234567}"),
    ("PHONE_NUMBER", "pager {123456}"),
    ("PHONE_NUMBER", "ring {0049 30 55966968}"),
    ("PHONE_NUMBER", "{512 555 1024}"),
    ("PHONE_NUMBER", "{715.715.8693 x123}"),
    ("EMAIL_ADDRESS", "mail {a.b@c.org}"),
    ("IP_ADDRESS", "host {192.168.1.12}"),
    ("IP_ADDRESS", "host {2001:db8::1}"),
    ("MAC_ADDRESS", "{00:1A:2B:3C:4D:5E}"),
    ("URL", "see {https://x.example/a?b=c}"),
    ("URL", "see {www.example.org/a}"),
    ("US_SOCIAL_SECURITY_NUMBER", "{123-45-6789}"),
    ("US_SOCIAL_SECURITY_NUMBER", "SSN {123456789}"),
    ("US_SOCIAL_SECURITY_NUMBER", "SS# {123456789}"),
    ("US_SOCIAL_SECURITY_NUMBER", "soc. sec. no. {123456789}"),
    ("US_INDIVIDUAL_TAXPAYER_IDENTIFICATION_NUMBER", "{912-70-1234}"),
    ("MEDICAL_RECORD_NUMBER", "MRN: {A123456}"),
    ("MEDICAL_RECORD_NUMBER", "Patient ID {4455667}"),
    ("MEDICAL_RECORD_NUMBER", "Fallnummer: {2019/0815}"),
    ("MEDICAL_RECORD_NUMBER", "Account # {9924308}"),
    ("CREDIT_CARD_NUMBER", "{4111 1111 1111 1111}"),
    ("IBAN_CODE", "{GB82 WEST 1234 5698 7654 32}"),
    ("SWIFT_CODE", "BIC {DEUTDEFF500}"),
    ("US_VEHICLE_IDENTIFICATION_NUMBER", "{1HGCM82633A004352}"),
    ("US_HEALTHCARE_NPI", "NPI {1234567893}"),
    ("US_DEA_NUMBER", "{AB1234563}"),
    ("UK_NATIONAL_HEALTH_SERVICE_NUMBER", "{943 476 5919}"),
    ("IMEI_HARDWARE_ID", "IMEI {490154203237518}"),
    ("PASSPORT", "passport no. {X1234567}"),
    ("US_DRIVERS_LICENSE_NUMBER", "driver's license {D1234567}"),
    ("LOCATION", "{123 Main Street, Springfield, IL 62704}"),
    ("LOCATION", "{Musterstraße 12, 80331 München}"),
    ("LOCATION", "{12 rue de la Paix, 75002 Paris}"),
    ("LOCATION", "{P.O. Box 12}"),
    ("LOCATION", "to {Calle Mayor 89, 28013 Madrid}"),
    ("LOCATION", "{Am Alten Markt 6, 50620 Neustadt}"),
    ("LOCATION", "at {10 Downing Street, London SW1A 2AA}."),
    ("LOCATION", "Musterfrau, {Oxford OX1 1DP}"),
    ("STREET_ADDRESS", "{12 Elm Ave}"),
    ("ORGANIZATION_NAME", "{Springfield General Hospital}"),
    ("ORGANIZATION_NAME", "{Universitätsklinikum Musterstadt}"),
    ("PERSON_NAME", "Dr. {John Smith}"),
    ("PERSON_NAME", "{Johnson^Ann}"),
    ("PERSON_NAME", "{Johnson, Ann}"),
    ("PERSON_NAME", "{JOHNSON, ANN}"),
    ("PERSON_NAME", "Referred by Dr. {Mary O'Brien}"),
    ("PERSON_NAME", "Patient: {Ann Johnson}"),
    ("PERSON_NAME", "performed by {J. Doe}"),
    ("PERSON_NAME", "Herr {Müller-Lüdenscheidt}"),
    ("PERSON_NAME", "{Jane Roe}, MD"),
    ("PERSON_NAME", "{Jane Roe} MD"),
    ("PERSON_NAME", "{Cornelius Stone}, MD"),
    ("PERSON_NAME", "Prof. {Björn McAllister}"),
    ("PERSON_NAME", "seen by Dr. {Wall}"),
    ("PERSON_NAME", "read by DR. {HEAD}"),
    ("PERSON_NAME", "Signed by {C. Head}"),
    ("PERSON_NAME", "{Wall, Cornelius}"),
    ("PERSON_NAME", "copy for {Wall^Fatima} today"),
    ("PERSON_NAME", "{van der Berg^Jan^^Dr.}"),
    ("PERSON_NAME", "{doe^john}"),
    ("PERSON_NAME", "Electronically Signed By: {SMITH, JOHN A, MD}"),
    ("PERSON_NAME", "Name {SMITH,JOHN} DOB 1/2/34"),
    ("PERSON_NAME", "{AMY LEE}, M.D."),
    ("PERSON_NAME", "reviewed by Dr. {O'BRIEN}"),
    ("PERSON_NAME", "{O'BRIEN, LINDA}"),
    ("PERSON_NAME", "his wife, {Jane}, says"),
    ("PERSON_NAME", "Signed: {John Smith}"),
]

NOTHING = """Wall motion normal|Brown tumor|Foley catheter|Parkinson disease|Baker cyst, left|Hodgkin lymphoma
    |Chest PA and lateral|T2 FLAIR axial 3 mm|1.2.840.10008.5.1.4.1.1.2|Slice 3/24|kVp 120 mAs 200|Image 12 of 48
    |FOV 240 x 240|2.5.1|software 1.2.24|v1.2.3.4|set 2 of 3|Left Atrial Appendage|SIEMENS|SOMATOM Definition AS+
    |Abdomen, Pelvis|Head, Neck|MR Brain w/wo contrast|dose 12.5 mGy|TR 500 TE 10|SE 4 IM 120|ratio 120/80
    |100 ml Omnipaque 350|Patient supine|Patient Position HFS|ID 5|march fracture|May show calcification|may 2 cm
    |C5/6 disc|L4/5|grade 2/6 murmur|18F FDG|HIP_LEFT|Name of examination|Read by|1024x768|Series 1001|B30f
    |Technologist: CT1|Operator: default|Thorax, nativ|Leber, Milz|Hospital stay|in 2000 ml|Gallbladder, Kidney|Female
    |ORIGINAL|99TEST|5 mm|0.625|HEAD FIRST-SUPINE|Doppler Mode|Standing, Lateral|Whipple procedure|Crohn's disease
    |Head^HeadRoutine (Adult)|Thorax^THORAX_ROUTINE|MRI^Brain|AP, LAT|Omnipaque, Visipaque|MR CHEST|DR HAND
    |Pain Clinic|TE/TR 12/2000|Series 3/2001|10.4.12 release|256 256 1000|May 5 mm|Hand, left|Supine, Prone|ISO 13485"""


def found(text, info_types=INFO_TYPES, header=NOBODY, **kwargs):
    return [
        (text[one.start : one.end], one.info_type) for one in find(text, info_types=info_types, header=header, **kwargs)
    ]


@pytest.mark.parametrize(("info_type", "marked"), FOUND)
def test_what_has_a_form_is_found_as_what_it_is(info_type, marked):
    text = re.sub(r"[{}]", "", marked)
    wanted = re.search(r"\{(.*)\}", marked)[1]
    assert (wanted, info_type) in found(text, INFO_TYPES - ({"LOCATION"} if info_type == "STREET_ADDRESS" else set()))


@pytest.mark.parametrize("text", [text.strip() for text in NOTHING.split("|")])
def test_words_and_numbers_of_examinations_are_nothing(text):
    assert found(text, DEFAULT_INFO_TYPES) == []


@pytest.mark.parametrize(("info_type", "marked"), FOUND)
def test_what_is_not_asked_for_is_not_found(info_type, marked):
    assert info_type not in {kind for _, kind in found(re.sub(r"[{}]", "", marked), INFO_TYPES - {info_type})}


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "GB82 WEST 1234 5698 7654 33",
        "1HGCM82633A004353",
        "AB1234564",
        "999.1.1.1",
        "000-45-6789",
    ],
)
def test_a_wrong_check_digit_is_no_number(text):
    assert found(text) == []


def test_a_birth_date_is_a_date_where_only_dates_are_asked_for():
    assert found("DOB: 12/08/1988", frozenset({"DATE"})) == [("12/08/1988", "DATE")]


def test_findings_that_touch_each_other_leave_nothing_between_them():
    text = "Patient: Ann Johnson, DOB 12/08/1988, MRN 123456"
    assert found(text, DEFAULT_INFO_TYPES) == [
        ("Ann Johnson", "PERSON_NAME"),
        ("12/08/1988", "DATE_OF_BIRTH"),
        ("123456", "MEDICAL_RECORD_NUMBER"),
    ]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_findings_in_order_that_do_not_overlap(text):
    findings = find(text, info_types=INFO_TYPES, header=NOBODY)
    places = [place for one in findings for place in (one.start, one.end)]
    assert places == sorted(places)
    assert all(0 <= one.start < one.end <= len(text) and one.info_type in INFO_TYPES for one in findings)


@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "1-", "a", "A", "Aa ", "A ", "a.", "a@", ":", "^", "A^", "12/", "Dr. ", "1.", "Aa, ", "+1", "May "],
)
def test_hostile_text_comes_to_an_end(piece):
    found(piece * (20_000 // len(piece)))


# What people bring


def shouting(text):
    """A finder for words in capitals, as a test brings it."""
    return [(match.start(), match.end(), "PERSON_NAME") for match in re.finditer(r"\b[A-Z]{4,}\b", text)]


def broken(_text):
    raise RuntimeError("CANARY")


def misplaced(text):
    return [(0, len(text) + 1, "PERSON_NAME")]


@pytest.fixture
def importable(monkeypatch):
    """Make this file's finders importable as `brought`."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return "test_find"


def test_a_finder_that_people_bring_is_asked_too(importable):
    assert found("seen by WALTER", finders=(f"{importable}:shouting",)) == [("WALTER", "PERSON_NAME")]
    assert found("seen by WALTER", frozenset({"DATE"}), finders=(f"{importable}:shouting",)) == []


@pytest.mark.parametrize("name", ["broken", "misplaced"])
def test_a_finder_that_fails_fails_the_instance_without_its_text(importable, name):
    with pytest.raises(PluginError) as error:
        found("x", finders=(f"{importable}:{name}",))
    assert "CANARY" not in str(error.value)
    assert name in str(error.value)


@pytest.mark.parametrize("name", ["no_such_module:find", "test_find:absent", "no colon", "os:sep"])
def test_a_finder_that_does_not_exist_is_refused_with_the_configuration(importable, name):
    with pytest.raises(PluginError):
        load(name)
    with pytest.raises(ConfigError, match="finder"):
        compile_config({"dicomTagConfig": {}}, options=EngineOptions(finders=(name,)))
