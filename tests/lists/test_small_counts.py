"""Small counts: what is hidden, and that it cannot be calculated from what is shown."""

from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lists.plain_lists import hide
from transforms.results.small_counts import count_parts, hide_small_counts, join_hidden_parts

DAY = date(2023, 4, 30)


def build_counts(figure: str, values: Sequence[int], unit: str = "exits", total: int | None = None) -> pl.DataFrame:
    """A figure with parts a, b, c and so on."""
    return pl.DataFrame({
        "agency": "L0001", "period": "2023-04", "as_of": DAY, "figure": figure,
        "part": ["abcdefgh"[place] for place in range(len(values))], "value": list(values),
        "total": sum(values) if total is None else total, "unit": unit,
    })  # fmt: skip


def show(counts: pl.DataFrame) -> list[int | None]:
    """The values that are shown."""
    return hide_small_counts(counts, {})["value"].to_list()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5, 6], [5, 6]),
        ([4, 60, 70], [None, None, 70]),
        ([4, 4, 70], [None, None, 70]),
        ([1, 1, 60, 70], [None, None, None, 70]),
        ([0, 60, 70], [None, None, 70]),
        ([4], [None]),
        ([2, 2], [None, None]),
    ],
)
def test_a_small_count_cannot_be_calculated(values: list[int], expected: list[int | None]) -> None:
    assert show(build_counts("exits", values)) == expected


def test_a_small_total_is_hidden() -> None:
    shown = hide_small_counts(build_counts("exits", [4, 0]), {})
    assert shown["total"].to_list() == [None, None]
    assert shown["is_hidden"].to_list() == [True, True]


def test_a_total_that_is_a_hidden_part_is_hidden_with_all_of_its_figure() -> None:
    counts = pl.concat([build_counts("exits", [7, 4]), build_counts("naloxone", [5, 2]), build_counts("other", [7, 7])])
    shown = hide_small_counts(counts, {"naloxone": ("exits", "a")})
    assert shown["value"].to_list() == [None, None, None, None, 7, 7]
    assert shown["total"].to_list() == [11, 11, None, None, 14, 14]


@pytest.mark.parametrize(("total", "expected"), [(4, None), (5, 2)])
def test_a_median_is_shown_from_five_records_on(total: int, expected: int | None) -> None:
    assert show(build_counts("days", [2], "days", total)) == [expected]


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6))
def test_what_is_hidden_agrees_with_the_plain_rule(values: list[int]) -> None:
    expected = [None] * len(values) if sum(values) < 5 else hide(values)
    shown = show(build_counts("exits", values))
    assert shown == expected
    hidden = [value for value, seen in zip(values, shown, strict=True) if seen is None]
    if hidden and sum(values) >= 5:
        assert len(hidden) > 1 and sum(hidden) >= 5


def test_records_are_counted_and_hidden_parts_have_no_name() -> None:
    rows = pl.DataFrame({
        "agency": "L0001", "period": "2023-04", "as_of": DAY,
        "place": ["Derby"] * 3 + ["York"] * 6 + ["Leeds"] * 9,
    })  # fmt: skip
    counted = count_parts(rows, {"by place": ("place",)})
    assert counted.select("part", "value", "total").rows() == [("Derby", 3, 18), ("Leeds", 9, 18), ("York", 6, 18)]
    shown = join_hidden_parts(hide_small_counts(counted, {}))
    assert shown.select("part", "value").rows() == [("other parts, hidden", None), ("Leeds", 9)]
