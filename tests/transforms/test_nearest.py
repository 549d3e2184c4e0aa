"""The best of the others, by sorting, is what a comparison of every pair finds."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.link.nearest import Search, find_best_of_others

SMALL = st.none() | st.integers(0, 4)
# Group, id, at, best and upto; small numbers, so that ids and values repeat.
Line = tuple[int, int, int | None, int | None, int | None]
LINES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), SMALL, SMALL, SMALL), max_size=12)


def by_pairs(lines: list[Line], inclusive: bool) -> list[int | None]:
    """Compares every record with every other one."""
    answers: list[int | None] = []
    for group, identifier, _, _, upto in lines:
        others = [
            best
            for other_group, other_id, at, best, _ in lines
            if other_group == group and other_id != identifier and at is not None and best is not None
            and upto is not None and (at < upto or (inclusive and at == upto))
        ]  # fmt: skip
        answers.append(max(others, default=None))
    return answers


@settings(max_examples=300, deadline=None)
@given(LINES, st.booleans())
def test_sorting_finds_what_a_comparison_of_every_pair_finds(lines: list[Line], inclusive: bool) -> None:
    columns = ("group", "id", "at", "best", "upto")
    records = pl.DataFrame(lines, schema=dict.fromkeys(columns, pl.Int64), orient="row")
    search = Search(pl.col("at"), pl.col("best"), pl.col("upto"), inclusive=inclusive)
    assert find_best_of_others(records, search).to_list() == by_pairs(lines, inclusive)
