"""The month a submission is for."""

from datetime import date

import pytest

from schemas.period import Period


@pytest.mark.parametrize(
    ("text", "first_day", "last_day"),
    [
        ("2023-04", date(2023, 4, 1), date(2023, 4, 30)),
        ("2023-01", date(2023, 1, 1), date(2023, 1, 31)),
        ("2023-12", date(2023, 12, 1), date(2023, 12, 31)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("1900-02", date(1900, 2, 1), date(1900, 2, 28)),
    ],
)
def test_a_month_and_its_days(text: str, first_day: date, last_day: date) -> None:
    period = Period.parse(text)
    assert (period.first_day, period.last_day, str(period)) == (first_day, last_day, text)


@pytest.mark.parametrize(
    "text",
    ["", "2023", "2023-4", "2023-13", "2023-00", "2023-04-01", "202304", "04-2023", "2023/04", " 2023-04", "2023-04\n",
     "0000-01", "23-04", "٢٠٢٣-٠٤", "April 2023"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: a month as YYYY-MM"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2023, 5, 3), "2023-04"),
        (date(2023, 5, 1), "2023-04"),
        (date(2023, 4, 30), "2023-03"),
        (date(2023, 1, 15), "2022-12"),
    ],
)
def test_the_last_month_that_is_over(day: date, expected: str) -> None:
    assert str(Period.before(day)) == expected


def test_months_are_in_order() -> None:
    assert Period(2022, 12) < Period(2023, 1) < Period(2023, 2)
