"""Dates and whole numbers: every form that is allowed, and what looks like one but is not."""

from datetime import date

import polars as pl
import pytest

from transforms.parse.date_forms import find_unknown_directive, reads_whole_dates
from transforms.parse.dates import MONTHS, parse_dates, parse_moments, parse_partial_dates, parse_whole_numbers

THIRD_OF_APRIL = date(2023, 4, 3)
ARABIC_DIGITS = "٢٠٢٣-٠٤-٠٣"
WIDE_DIGITS = "２０２３-０４-０３"


def day(text: str | None, *forms: str) -> date | None:
    found: date | None = parse_dates(pl.Series([text], dtype=pl.String), forms).item()
    return found


def partial_day(text: str | None, *forms: str) -> date | None:
    found: date | None = parse_partial_dates(pl.Series([text], dtype=pl.String), forms).item()
    return found


FULL_DATES = [
    ("2023-04-03", THIRD_OF_APRIL),
    ("03/04/2023", THIRD_OF_APRIL),
    ("20230403", THIRD_OF_APRIL),
    ("03-Apr-2023", THIRD_OF_APRIL),
    ("03-apr-2023", THIRD_OF_APRIL),
    ("03-APR-2023", THIRD_OF_APRIL),
    # Day before month always.
    ("12/01/2023", date(2023, 1, 12)),
    ("13/01/2023", date(2023, 1, 13)),
    # Timestamps: the time is dropped.
    ("2023-04-03T14:07", THIRD_OF_APRIL),
    ("2023-04-03 14:07", THIRD_OF_APRIL),
    ("2023-04-03T14:07:59", THIRD_OF_APRIL),
    ("2023-04-03T14:07:59.123456789", THIRD_OF_APRIL),
    ("2023-04-03T14:07:59Z", THIRD_OF_APRIL),
    ("2023-04-03T14:07Z", THIRD_OF_APRIL),
    ("2023-04-03T23:59:59+01:00", THIRD_OF_APRIL),
    ("2023-04-03 00:00:00.000-0500", THIRD_OF_APRIL),
    # With an offset it is the day in London at that moment, which is an hour ahead from April to October.
    ("2023-04-02T23:00Z", THIRD_OF_APRIL),
    ("2023-04-03T22:59:59.999Z", THIRD_OF_APRIL),
    ("2023-04-03T23:00Z", date(2023, 4, 4)),
    ("2023-01-03T23:59Z", date(2023, 1, 3)),
    ("2023-04-03T00:00+01:00", THIRD_OF_APRIL),
    ("2023-04-03T00:59+02:00", date(2023, 4, 2)),
    ("2023-04-03T01:00+02:00", THIRD_OF_APRIL),
    ("2023-04-03T23:59-23:59", date(2023, 4, 5)),
    ("2023-04-03T00:00+2359", date(2023, 4, 2)),
    ("2023-01-03T19:00-0500", date(2023, 1, 4)),
    ("2022-12-31T23:30-01:00", date(2023, 1, 1)),
    ("03/04/2023 23:30Z", date(2023, 4, 4)),
    ("20230403T23:30Z", date(2023, 4, 4)),
    ("03-Apr-2023 23:30+00:00", date(2023, 4, 4)),
    # The clocks went forward on 26 March and back on 29 October.
    ("2023-03-25T23:30Z", date(2023, 3, 25)),
    ("2023-03-26T23:30Z", date(2023, 3, 27)),
    ("2023-10-28T23:30Z", date(2023, 10, 29)),
    ("2023-10-29T23:30Z", date(2023, 10, 29)),
    # Without an offset it is the day as written.
    ("2023-04-03T23:59:59", THIRD_OF_APRIL),
    ("03/04/2023 00:00:00", THIRD_OF_APRIL),
    ("20230403T14:07", THIRD_OF_APRIL),
    ("03-Apr-2023 14:07:59", THIRD_OF_APRIL),
    # The calendar.
    ("2024-02-29", date(2024, 2, 29)),
    ("2000-02-29", date(2000, 2, 29)),
    ("2023-12-31", date(2023, 12, 31)),
    ("1899-12-31", date(1899, 12, 31)),
    ("9999-12-31", date(9999, 12, 31)),
]
NO_DATES = [
    None, "", "1/4/2021", "01/4/2021", "1/04/2021", "2021-4-1", "2021-04-1", "01/04/22", "01-04-22", "2021/04/01",
    "01-04-2021", "01.04.2021", "44652", "31/02/2021", "2023-02-29", "1900-02-29", "2021-04-31", "2021-13-01",
    "2021-00-10", "2021-01-00", "00/01/2021", "0000-01-01", "20210231", "2021041", "202104011", "04/13/2021",
    "1-Apr-2021", "01-April-2021", "01-Sept-2021", "01-Avr-2021", "01-Foo-2021", "01 Apr 2021", "01-Apr-21",
    "2021-04-01T1:07", "2021-04-01T14:7", "2021-04-01T14", "2021-04-01T14:07:5", "2021-04-01T14:07:59.",
    "2021-04-01T14:07.5", "2021-04-01T", "2021-04-01 ", " 2021-04-01", "2021-04-01  14:07", "2021-04-01T14:07 Z",
    "2021-04-01T14:07:59+1", "2021-04-01T14:07+24:00", "2021-04-01T14:07+01:60", "2021-04-01T24:00Z",
    "2021-04-01+01:00", "2021-04-01Z", "2021-02-29T12:00Z", "2021-04-01x", "x2021-04-01", "2021-04-01\n",
    ARABIC_DIGITS, WIDE_DIGITS, "2021",
    "04/2021", "May 2021", "today", "-2021-04-01", "+2021-04-01",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FULL_DATES)
def test_forms_of_a_date(text: str, expected: date) -> None:
    assert day(text) == expected
    assert partial_day(text) == expected


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date(text: str | None) -> None:
    assert day(text) is None


@pytest.mark.parametrize("number", range(1, 13))
def test_every_english_month_by_its_three_letters(number: int) -> None:
    assert day(f"01-{MONTHS[number - 1][:3]}-2023") == date(2023, number, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019", date(2019, 1, 1)),
        ("05/2019", date(2019, 5, 1)),
        ("2019-05", date(2019, 5, 1)),
        ("May 2019", date(2019, 5, 1)),
        ("may 2019", date(2019, 5, 1)),
        ("SEPTEMBER 2019", date(2019, 9, 1)),
        ("September 2019", date(2019, 9, 1)),
        ("Sep 2019", date(2019, 9, 1)),
        ("12/2019", date(2019, 12, 1)),
    ],
)
def test_a_year_or_a_month_and_year_is_its_first_day(text: str, expected: date) -> None:
    assert partial_day(text) == expected
    assert day(text) is None


@pytest.mark.parametrize(
    "text",
    [
        None, "", "19", "0000", "20190", "5/2019", "2019-5", "13/2019", "00/2019", "2019-13", "2019/05", "05-2019",
        "05/19", "Septober 2019", "Mai 2019", "May 19", "May  2019", "May-2019", "2019 May", "201905", "31/02/2019",
        "٢٠١٩", "1/4/2019", "2019 ",
    ],
)  # fmt: skip
def test_what_is_no_date_in_part_either(text: str | None) -> None:
    assert partial_day(text) is None


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%d %b %Y", "03 Apr 2023", THIRD_OF_APRIL),
        ("%d %b %Y", "03 APR 2023", THIRD_OF_APRIL),
        ("%d %b %Y", "3 Apr 2023", None),
        ("%d %b %Y", "03 April 2023", None),
        ("%d %b %Y", "03 Apr 2023 14:07", None),
        ("%d %b %Y", "31 Feb 2023", None),
        ("%d %b %Y %H:%M", "03 Apr 2023 14:07", THIRD_OF_APRIL),
        ("%d %b %Y %H:%M", "03 Apr 2023", None),
        ("%d %b %Y %H:%M", "03 Apr 2023 25:07", None),
        ("%d.%m.%Y", "03.04.2023", THIRD_OF_APRIL),
        ("%d.%m.%Y", "3.4.2023", None),
        ("%d.%m.%Y", "03.04.23", None),
        ("%Y%j", "2023093", THIRD_OF_APRIL),
        ("%-d/%-m/%Y", "3/4/2023", THIRD_OF_APRIL),
        ("%F %R", "2023-04-03 14:07", THIRD_OF_APRIL),
        ("%d.%m.%Y %T.%f", "03.04.2023 14:07:26.123", THIRD_OF_APRIL),
        ("%d.%m.%Y %T.%f", "03.04.2023 14:07:26.000", THIRD_OF_APRIL),
        ("%d.%m.%Y %T.%f", "03.04.2023 14:07:26.1234567", THIRD_OF_APRIL),
        ("%d.%m.%Y %T.%f", "03.04.2023 14:07:26,5", THIRD_OF_APRIL),
        ("%d.%m.%Y %T.%f", "03.04.2023 14:07:26", THIRD_OF_APRIL),
        ("%d.%m.%Y %T.%f", "03.04.2023 14:07:26.", None),
        ("%d.%m.%Y %T.%f", "03.04.2023 14:07:26.1x2", None),
        ("%d.%m.%Y %T.%f", "03.04.2023 14:07", None),
        ("%d.%m.%Y %T%.f", "03.04.2023 14:07:26.000", THIRD_OF_APRIL),
        ("%d.%m.%Y %I.%M.%S.%f %p", "03.04.2023 02.07.26.123000 PM", THIRD_OF_APRIL),
        ("%d.%m.%Y %I.%M.%S.%f %p", "03.04.2023 02.07.26 PM", THIRD_OF_APRIL),
    ],
)
def test_a_form_of_the_source_holds_as_it_writes(form: str, text: str, expected: date | None) -> None:
    assert day(text, form) == expected


def test_the_first_form_that_fits_is_taken_and_those_of_every_export_come_before() -> None:
    assert day("03.04.2023", "%m.%d.%Y", "%d.%m.%Y") == date(2023, 3, 4)
    assert day("13.04.2023", "%m.%d.%Y", "%d.%m.%Y") == date(2023, 4, 13)
    assert day("03/04/2023", "%m/%d/%Y") == THIRD_OF_APRIL


def test_a_short_year_is_not_taken_for_the_first_century() -> None:
    assert day("1/1/24", "%d/%m/%Y") is None
    assert day("01/01/24", "%d/%m/%Y") is None


@pytest.mark.parametrize(
    ("form", "text"),
    [("%d.%m.%Y %I:%M %p", "03.04.2023 02:30 PM"), ("%d.%m.%Y %T", "03.04.2023 14:07:00")],
)
def test_a_form_may_write_the_time_otherwise(form: str, text: str) -> None:
    assert day(text, form) == THIRD_OF_APRIL


def test_a_fraction_of_a_second_counts_in_the_order_of_moments() -> None:
    texts = pl.Series(["03.04.2023 14:07:26.25", "03.04.2023 14:07:26", "03.04.2023 14:07:26.125000000"])
    moments = parse_moments(texts, ["%d.%m.%Y %T.%f"])
    assert [moment.microsecond for moment in moments] == [250_000, 0, 125_000]


@pytest.mark.parametrize(
    ("form", "readable"),
    [
        ("%d/%m/%Y", True),
        ("%d %B %Y, %T.%f", True),
        ("%A %d.%m.%Y", True),
        ("%d/%m/%y", False),
        ("%m/%Y", False),
        ("%d/%m/%Y %H", False),
        ("%d/%m/%Y %H%M%S%f", False),
        ("%T.%f %d/%m/%Y", False),
        ("%Y %j %d", False),
    ],
)
def test_a_form_has_to_read_what_it_writes(form: str, readable: bool) -> None:
    assert (find_unknown_directive(form) is None and reads_whole_dates(form)) is readable


@pytest.mark.parametrize(
    ("form", "directive"),
    [("%e %b %Y", "%e"), ("%d/%m/%C%y", "%C"), ("%d/%m/%Y%", "%"), ("%d/%m/%Y %H:%M:%S.%3f", "%3"), ("%_d", "%_")],
)
def test_a_directive_that_only_one_library_reads_is_named(form: str, directive: str) -> None:
    assert find_unknown_directive(form) == directive


def test_order_and_repeats_are_kept() -> None:
    texts = pl.Series(["2023-04-03", None, "x", "2023-04-03"])
    assert parse_dates(texts).to_list() == [THIRD_OF_APRIL, None, None, THIRD_OF_APRIL]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0), ("7", 7), ("07", 7), ("007", 7), ("28", 28), ("0000000000000000000000000000028", 28),
        ("29", None), ("-1", None), ("+7", None), (" 7", None), ("7 ", None), ("3.5", None), ("3.0", None),
        ("3,5", None), ("1e1", None), ("0x7", None), ("seven", None), ("٧", None), ("７", None), ("", None),
        (None, None), ("9" * 18, None), ("9" * 19, None), ("9" * 40, None), ("7\n", None), ("1_0", None),
    ],
)  # fmt: skip
def test_a_whole_number_is_digits_alone(text: str | None, expected: int | None) -> None:
    assert parse_whole_numbers(pl.Series([text], dtype=pl.String), 0, 28).item() == expected


def test_the_ends_of_a_range_are_in_it() -> None:
    assert parse_whole_numbers(pl.Series(["4", "5", "9", "10"]), 5, 9).to_list() == [None, 5, 9, None]
