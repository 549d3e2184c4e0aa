"""The order of the values of a column: numbers, days and text."""

import polars as pl
import pytest

from transforms.parse.dates import parse_moments
from transforms.parse.sort_values import ValueWithoutOrder, rank_values

FORMS = ("%d %b %Y", "%d.%m.%Y %H:%M")


def rank(*texts: str | None) -> list[int | None]:
    return rank_values(pl.Series("column", texts, dtype=pl.String), FORMS).to_list()


@pytest.mark.parametrize(
    "in_order",
    [
        ["9", "10", "011", "12.5", "100"],
        ["-3", "-0.5", "0", "+1"],
        ["9007199254740993", "9007199254740994", "12345678901234567890"],
        # As text, the days of each list have another order.
        ["09/03/2023", "10/02/2024"],
        ["03 Apr 2023", "01 Aug 2023", "02 Jan 2024"],
        ["2023-04-03", "04/04/2023", "05-Apr-2023", "06 Apr 2023", "20230407"],
        ["20230403", "20230503"],
        ["03.04.2023 09:30", "03.04.2023 10:15", "01.05.2023 00:00"],
        ["2023-04-03", "2023-04-03 09:30", "2023-04-03T09:30:01", "2023-04-03T09:30:01.5"],
        # London is an hour ahead in summer.
        ["2023-04-03T09:30+02:00", "2023-04-03T08:45", "2023-04-03T07:50Z", "2023-04-03T09:00:00"],
        # The hour between one and two in the night occurs twice in October, and not at all in March.
        ["2023-10-29T00:30Z", "2023-10-29T01:10Z"],
        ["2023-03-26T00:59", "2023-03-26T01:30", "2023-03-26T03:00"],
        ["A10", "A9", "B"],
        ["no", "yes"],
        ["0b8d9d3e-4b51-4c5e-8c26-1d5d7a1f8a10", "12345678-1234-4c5e-8c26-1d5d7a1f8a10"],
    ],
)
def test_values_are_in_order(in_order: list[str]) -> None:
    ranks = list(range(1, len(in_order) + 1))
    assert rank(*in_order) == ranks
    assert rank(*reversed(in_order)) == ranks[::-1]


@pytest.mark.parametrize(
    "equal",
    [
        ("7", "07", "7.0"),
        ("2023-04-03", "03/04/2023", "03 Apr 2023", "2023-04-03 00:00"),
        ("2023-04-03T10:30", "2023-04-03T09:30Z"),
    ],
)
def test_values_written_in_other_ways_are_equal(equal: tuple[str, ...]) -> None:
    assert set(rank(*equal)) == {1}


def test_a_blank_has_no_rank() -> None:
    assert rank(None, "2", None, "1") == [None, 2, None, 1]
    assert rank(None, None) == [None, None]
    assert rank() == []


@pytest.mark.parametrize(
    ("texts", "position", "problem"),
    [
        (("1", "2", "x"), 2, "is not a number, as others of this column are"),
        (("2023-04-03", None, "unknown", "2023-04-04"), 2, "is not a day, as others of this column are"),
        (("2023-04-03", "2023-04-04", "2019"), 2, "is not a day, as others"),
        (("2023-02-30", "2023-02-28"), 0, "is not a day, as others"),
        *(
            (("a", text), 1, "looks like a day or a number but cannot be read as one")
            for text in (
                "04-03-2023", "03.04.2023", "3/4/23", "3/4/2023 10:00", "3 April 2023", "3. April 2023", "2023/04/03",
                "Apr 3, 2023", "Monday, 3 April 2023", "April 2023", "05/2023", "9:30", "10:15:00", "1,000",
                "£12,500.50", "Mon 03 Apr 2023", "2023-4-3", "2023/4/3T10:00",
            )
        ),
    ],
)  # fmt: skip
def test_values_without_an_order_are_refused(texts: tuple[str | None, ...], position: int, problem: str) -> None:
    with pytest.raises(ValueWithoutOrder, match=problem) as refused:
        rank(*texts)
    assert refused.value.position == position


def test_a_moment_has_its_time() -> None:
    texts = pl.Series(["2023-04-03T10:30:15.25+01:00", "03 Apr 2023", "2023-01-03 10:30", "31/02/2023", None])
    moments = parse_moments(texts, FORMS).dt.strftime("%Y-%m-%d %H:%M:%S%.3f").to_list()
    assert moments == ["2023-04-03 09:30:15.250", "2023-04-02 23:00:00.000", "2023-01-03 10:30:00.000", None, None]
