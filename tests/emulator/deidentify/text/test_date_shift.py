"""Days of a patient, and dates moved in the form they are in."""

import datetime
import hashlib
import hmac
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.deidentify.text.date_shift import MAX_DAYS, days_of, shift_da, shift_dt
from emulator.deidentify.text.date_text import shift_text
from emulator.deidentify.text.legal import is_legal

QUICK = settings(max_examples=60, deadline=None, derandomize=True, database=None)
FAR = datetime.timedelta(days=MAX_DAYS)
DATES = st.dates(datetime.date(1000, 1, 1) + FAR, datetime.date(9999, 12, 31) - FAR)
RECENT = st.dates(datetime.date(1970, 1, 1), datetime.date(2068, 1, 1))
DAYS = st.integers(-MAX_DAYS, MAX_DAYS)

FORMS = (
    *("%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y:%m:%d", "%Y-%m-%dT10:11:12Z", "%Y%m%d101112.5+0100"),
    *("%d.%m.%Y", "%d. %m. %Y", "%d.%m.%Y 10:11", "%Y-%b-%d"),
    *("%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d%b%Y", "%B %d, %Y", "%b %d %Y", "%b. %d, %Y", "%d of %B %Y", "%d. %B, %Y"),
    *("%A, %d %B %Y", "%a %d %b %Y", "%B %d, %Y at 5:30 pm", "%A, %Y-%m-%d"),
)
"""Forms in which day and month cannot be confused, and years have four digits."""


@given(st.binary(min_size=16, max_size=32), st.text(alphabet="aZ1 é山"), st.text(alphabet=string.digits + "."))
@QUICK
def test_days_are_within_100_and_never_none(key, patient, study):
    assert 1 <= abs(days_of(key, patient, study, zero=False)) <= MAX_DAYS


def test_every_number_of_days_occurs_and_zero_only_when_allowed():
    every = {days_of(b"k" * 16, str(number), "", zero=False) for number in range(4000)}
    assert every == set(range(-100, 101)) - {0}
    assert {days_of(b"k" * 16, str(number), "", zero=True) for number in range(4000)} == set(range(-100, 101))


def test_days_are_the_patients_in_every_study_and_another_patients_are_others():
    assert len({days_of(b"k" * 16, "patient", study, zero=False) for study in ("1.2", "1.3", "")}) == 1
    assert len({days_of(b"k" * 16, str(number), "1.2", zero=False) for number in range(40)}) > 20


def test_without_a_patient_id_days_are_the_studys():
    assert len({days_of(b"k" * 16, "", f"1.2.{number}", zero=False) for number in range(40)}) > 20
    assert days_of(b"k" * 16, "", "1.2", zero=False) == days_of(b"k" * 16, "", "1.2", zero=False)


def test_a_patient_id_like_a_study_uid_is_no_study():
    pairs = [(days_of(b"k" * 16, uid, "", zero=False), days_of(b"k" * 16, "", uid, zero=False)) for uid in "123456"]
    assert any(patient != study for patient, study in pairs)


def test_days_depend_on_the_key():
    assert len({days_of(bytes([number]) * 16, "patient", "", zero=False) for number in range(40)}) > 20


def test_days_cannot_be_computed_from_a_hash_of_the_patient_id():
    key = b"k" * 16
    for patient in ("1", "2", "3", "4", "5"):
        plain = int.from_bytes(hmac.digest(key, patient.encode(), hashlib.sha256), "big") % 200 - 100
        if days_of(key, patient, "", zero=False) not in {plain, plain + 1}:
            return
    pytest.fail("the shift is a function of what cryptoHash writes")


@given(DATES, DAYS)
@QUICK
def test_a_da_moves_by_the_days(date, days):
    assert shift_da(f"{date:%Y%m%d}", days) == f"{date + datetime.timedelta(days):%Y%m%d}"


@given(DATES, DATES, DAYS)
@QUICK
def test_intervals_stay_across_da_dt_and_text(one, other, days):
    moved = [shift_da(f"{one:%Y%m%d}", days), (shift_dt(f"{other:%Y%m%d}1200", days) or "")[:8]]
    in_text = shift_text(f"{one.day} {one:%B %Y}", days)
    first, second = (datetime.date.fromisoformat(text or "") for text in moved)
    assert second - first == other - one
    assert in_text == f"{first.day} {first:%B %Y}"


@given(
    DATES,
    DAYS,
    st.sampled_from(["", "10", "1011", "101112", "101112.5", "235960.123456"]),
    st.sampled_from(["", "+0100", "-1200"]),
)
@QUICK
def test_time_fraction_and_offset_of_a_dt_stay(date, days, time, offset):
    assert shift_dt(f"{date:%Y%m%d}{time}{offset}", days) == f"{date + datetime.timedelta(days):%Y%m%d}{time}{offset}"


@pytest.mark.parametrize(
    ("before", "days", "after"),
    [
        ("20200228", 1, "20200229"),
        ("20200229", 1, "20200301"),
        ("20210228", 1, "20210301"),
        ("19000228", 1, "19000301"),
        ("20000228", 1, "20000229"),
        ("20201231", 1, "20210101"),
        ("20210101", -1, "20201231"),
        ("2020.12.31", 1, "2021.01.01"),
    ],
)
def test_leap_days_and_ends_of_years(before, days, after):
    assert shift_da(before, days) == after


@pytest.mark.parametrize(
    "value",
    ["", "2020", "202013", "20210229", "20201301", "00000000", "20200101-20200201", "2020-01-01", "2020.0101", "x"],
)
def test_what_is_no_da_is_not_moved(value):
    assert shift_da(value, 5) is None


@pytest.mark.parametrize(
    "value",
    ["", "2020", "202006", "20210229", "2021060124", "20210601+99", "20210601101112.1234567", "20210601 10", "x"],
)
def test_what_is_no_dt_or_has_no_day_is_not_moved(value):
    assert shift_dt(value, 5) is None


@pytest.mark.parametrize(("value", "days"), [("99991231", 1), ("00010101", -1)])
def test_dates_beyond_the_calendar_are_not_moved(value, days):
    assert shift_da(value, days) is None
    assert shift_dt(value, days) is None
    assert shift_text(f"{value[:4]}-{value[4:6]}-{value[6:]}", days) is None


def _unpadded(text):
    """Without the zeros that "5 May" has in strftime only; May may be long or short."""
    return re.sub(r"\b0(?=\d\b)", "", text)


@pytest.mark.parametrize("form", FORMS)
@given(date=RECENT, days=DAYS)
@settings(QUICK, max_examples=25)
def test_text_comes_out_in_the_form_it_had(form, date, days):
    after = date + datetime.timedelta(days)
    possible = {_unpadded(after.strftime(form)), _unpadded(after.strftime(form.replace("%b", "%B")))}
    assert _unpadded(shift_text(date.strftime(form), days) or "") in possible


@given(RECENT, DAYS)
@QUICK
def test_two_digit_years_are_of_1969_to_2068(date, days):
    after = date + datetime.timedelta(days)
    assert shift_text(f"{date:%d.%m.%y}", days) == f"{after:%d.%m.%y}"
    assert shift_text(f"{date:%d-%b-%y}", days) == f"{after:%d-%b-%y}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("5/6/2021", "5/7/2021"),  # the month first
        ("05-06-2021", "05-07-2021"),
        ("5.6.2021", "6.6.2021"),  # the day first
        ("25/6/2021", "26/6/2021"),  # only one way is a date
        ("6.25.2021", "6.26.2021"),
        ("99-12-31", "00-01-01"),
        ("31/12/99", "01/01/00"),
        ("5 / 6 / 2021", "5 / 7 / 2021"),
    ],
)
def test_which_number_is_the_day(before, after):
    assert shift_text(before, 1) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("3rd of May 2021", "4th of May 2021"),
        ("May 31st, 2021", "June 1st, 2021"),
        ("10th May 2021", "11th May 2021"),
        ("1er mai 2021", "2 mai 2021"),
        ("31. Dezember 2020", "1. Januar 2021"),
        ("28. Februar 2021", "1. März 2021"),
        ("30 de septiembre de 2021", "1 de octubre de 2021"),
        ("31 août 2021", "1 septembre 2021"),
        ("31-MAY-2021", "01-JUN-2021"),
        ("31-mei-2021", "01-jun-2021"),
        ("Sept. 30, 2021", "Oct. 1, 2021"),
        ("SUN 28 FEB 2021", "MON 1 MAR 2021"),
        ("So, 28.2.2021", "Mo, 1.3.2021"),
        ("2020年12月31日", "2021年01月01日"),
        ("May 3rd, '21", "May 4th, '21"),
        (" 2020-12-31 ", " 2021-01-01 "),
        ("2020-12-31.", "2021-01-01."),
    ],
)
def test_names_of_months_and_days_keep_their_language_case_and_length(before, after):
    assert shift_text(before, 1) == after


@pytest.mark.parametrize(
    "text",
    [
        *("", "2021", "May 2021", "05/2021", "3/4", "May 5", "5 May", "'21", "Monday", "20211", "202105"),
        *("2021-02-29", "31.4.2021", "0/5/2021", "13/13/2021", "2021-13-01", "Feb 30, 2021", "5 Foo 2021"),
        *("John 3.5.2021", "3.5.2021 John", "3.5.2021-4.5.2021", "12/31/20 1/2/21", "1.2-2021", "2021年5月"),
        *("1" * 100, " " * 100 + "2021-01-01" + " " * 100 + "x"),
    ],
)
def test_what_is_not_one_full_date_is_not_moved(text):
    assert shift_text(text, 5) is None


@given(st.text(alphabet="0123456789 -/.,:TZ年月日MayDecaprfdth'", max_size=100), DAYS)
@settings(QUICK, max_examples=400)
def test_moving_is_total_and_changes_what_it_moves(text, days):
    for shift in (shift_text, shift_da, shift_dt):
        after = shift(text, days)
        assert after is None or days == 0 or after != text


@given(st.text(alphabet="0123456789.+-", max_size=30), DAYS)
@settings(QUICK, max_examples=300)
def test_what_comes_out_of_da_and_dt_is_legal(text, days):
    for vr, shift in (("DA", shift_da), ("DT", shift_dt)):
        after = shift(text, days)
        assert after is None or is_legal(vr, after)
