"""Finds the best value among the other records of a group, by sorting instead of comparing pairs."""

from dataclasses import dataclass

import polars as pl

# Larger than any day or count: an end that is still open, and a bound that excludes nothing.
OPEN = 2**24
# A group and a value in one number, so that sorting and running maxima need no grouping, which is ten times slower.
SPAN = 2**26
_SHIFT = 2**25


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
    candidates = (
        records.lazy()
        .select("group", "id", at=search.at.cast(pl.Int64), best=search.best.cast(pl.Int64))
        .drop_nulls()
        .with_columns(key=_key("at"))
        .sort("key")
        .collect()
    )
    # The candidates are sorted by group first.
    is_first = pl.col("group").ne_missing(pl.col("group").shift())
    groups = candidates.select(pl.col("group").filter(is_first)).to_series()
    asked = (
        records.lazy()
        .with_row_index("place")
        .filter(pl.col("group").is_in(groups.implode()))
        .select("place", "group", "id", upto=search.upto.cast(pl.Int64))
        .drop_nulls()
        .with_columns(key=_key("upto"))
        .sort("key")
        .collect()
    )
    found = asked.join_asof(
        _add_two_best(candidates), on="key", strategy="backward", allow_exact_matches=search.inclusive,
        check_sortedness=False, suffix="_found",
    )  # fmt: skip
    answers = found.filter(pl.col("group") == pl.col("group_found")).select(
        # The best of all belongs to this record itself: then the best of another id counts.
        "place", answer=pl.when(pl.col("first_id") != pl.col("id")).then("first").otherwise("second")
    )  # fmt: skip
    none = pl.repeat(None, len(records), dtype=pl.Int64, eager=True)
    return none.scatter(answers["place"], answers["answer"]).alias("answer")


def _key(value: str) -> pl.Expr:
    return pl.col("group") * SPAN + pl.col(value) + _SHIFT


def _add_two_best(candidates: pl.DataFrame) -> pl.DataFrame:
    """Adds, at each candidate, the best value so far, the id it belongs to, and the best value of any other id.

    Args:
        candidates: `group`, `id`, `at`, `best` and `key`; sorted by `key`.

    Returns:
        `group`, `key`, `first`, `first_id`, `second`; one row for each key.
    """
    base = pl.col("group") * SPAN + _SHIFT
    # The groups ascend, so the running maximum of group and value together starts anew with each group.
    with_first = candidates.lazy().with_columns(first=_key("best").cum_max() - base)
    continues = pl.col("group") == pl.col("group").shift(1)
    with_first = with_first.with_columns(before=pl.when(continues).then(pl.col("first").shift(1)))
    sets_record = pl.col("before").is_null() | (pl.col("best") > pl.col("before"))
    # The first candidate of a group sets a record, so nothing is carried over from another group.
    with_id = with_first.with_columns(sets_record=sets_record).with_columns(
        first_id=pl.when("sets_record").then("id").forward_fill()
    )
    with_id = with_id.with_columns(id_before=pl.when(continues).then(pl.col("first_id").shift(1)))
    # What each candidate adds to the second best: the record it displaces, or itself if it sets no record.
    adds = (
        pl.when(pl.col("sets_record") & (pl.col("id_before") != pl.col("id"))).then("before")
        .when(~pl.col("sets_record") & (pl.col("id") != pl.col("first_id"))).then("best")
    )  # fmt: skip
    # A value below every other means 'nothing yet'.
    nothing = -_SHIFT
    second = (base + adds.fill_null(nothing)).cum_max() - base
    return (
        with_id.with_columns(second=second)
        .filter(pl.col("key").ne_missing(pl.col("key").shift(-1)))
        .select("group", "key", "first", "first_id", second=pl.when(pl.col("second") > nothing).then("second"))
        .collect()
    )
