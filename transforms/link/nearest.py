"""Finds the best value among the other records of a group, by sorting instead of comparing pairs."""

from dataclasses import dataclass

import polars as pl

# Larger than any day or count: means an end that is still open, or a bound that excludes nothing.
OPEN = 2**40


@dataclass(frozen=True)
class Search:
    """What to look for among the other records of a group: the largest `best` where `at` is up to a bound.

    The expressions give whole numbers; null leaves a record out. `at` and `best` are of the other record, `upto` is of
    this one. With `inclusive`, `at` may equal the bound.
    """

    at: pl.Expr
    best: pl.Expr
    upto: pl.Expr
    inclusive: bool = False


def find_best_of_others(records: pl.DataFrame, search: Search) -> pl.Series:
    """Returns for each record the best value among the records of its group that have another id.

    Sorting costs n log n; comparing every pair of a group would cost its square.

    Args:
        records: `group` and `id` (whole numbers; records with the same id count as one record), and the columns that
            the search reads.
        search: what to look for.

    Returns:
        One value per record, in order; null where no other record qualifies.
    """
    place = "place"
    numbered = records.with_row_index(place)
    candidates = (
        numbered.lazy()
        .select("group", "id", at=search.at.cast(pl.Int64), best=search.best.cast(pl.Int64))
        .drop_nulls()
        .sort("group", "at")
        .collect()
    )
    asked = (
        numbered.lazy()
        .select(place, "group", "id", upto=search.upto.cast(pl.Int64))
        .drop_nulls()
        .sort("upto")
        .collect()
    )
    found = asked.join_asof(
        _add_two_best(candidates).sort("at"),
        left_on="upto", right_on="at", by="group", strategy="backward",
        allow_exact_matches=search.inclusive, check_sortedness=False,
    )  # fmt: skip
    # The best of all belongs to this record itself: then the best of another id counts.
    answers = found.select(place, answer=pl.when(pl.col("first_id") != pl.col("id")).then("first").otherwise("second"))
    return numbered.select(place).join(answers, on=place, how="left", maintain_order="left")["answer"]


def _add_two_best(candidates: pl.DataFrame) -> pl.DataFrame:
    """Adds, at each candidate, the best value so far, the id it belongs to, and the best value of any other id.

    Args:
        candidates: `group`, `id`, `at`, `best`; sorted by group and `at`.

    Returns:
        `group`, `at`, `first`, `first_id`, `second`; one row for each `group` and `at`.
    """
    first = pl.col("best").cum_max().over("group")
    with_first = candidates.with_columns(first=first).with_columns(before=pl.col("first").shift(1).over("group"))
    sets_record = pl.col("before").is_null() | (pl.col("best") > pl.col("before"))
    with_id = with_first.with_columns(sets_record=sets_record).with_columns(
        first_id=pl.when("sets_record").then("id").forward_fill().over("group")
    )
    with_id = with_id.with_columns(id_before=pl.col("first_id").shift(1).over("group"))
    # What each candidate adds to the second best: the record it displaces, or itself if it sets no record.
    adds = (
        pl.when(pl.col("sets_record") & (pl.col("id_before") != pl.col("id"))).then("before")
        .when(~pl.col("sets_record") & (pl.col("id") != pl.col("first_id"))).then("best")
    )  # fmt: skip
    second = pl.col("adds").cum_max().forward_fill().over("group")
    return (
        with_id.with_columns(adds=adds)
        .with_columns(second=second)
        .group_by("group", "at", maintain_order=True)
        .agg(pl.col("first", "first_id", "second").last())
    )
