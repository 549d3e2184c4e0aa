"""Works on distinct values: parses each text once and finds duplicates."""

from collections.abc import Callable

import polars as pl


def map_unique(
    column: pl.Series, parse: Callable[[pl.Series], pl.Series], dtype: pl.DataType | type[pl.DataType]
) -> pl.Series:
    """Applies a function of distinct texts to a whole column.

    Args:
        column: texts; null stays null.
        parse: maps the distinct texts (without null) to their values, row by row.
        dtype: the type of the values.

    Returns:
        A series of that type, as long as the column.
    """
    texts = column.to_frame().select(pl.all().drop_nulls().unique()).to_series()
    if texts.is_empty():
        return pl.Series(column.name, [None] * len(column), dtype=dtype)
    meanings = parse(texts)
    if meanings.dtype == column.dtype and meanings.equals(texts):
        return column  # no text changes, so reuse the column and save the memory of a copy
    return column.replace_strict(texts, meanings, default=None, return_dtype=dtype)


def is_duplicated(column: pl.Series) -> pl.Series:
    """Returns whether a value occurs more than once in its column; null counts as a value.

    Counts the distinct values first, which is much faster where all values are unique, the usual case.
    """
    if column.n_unique() == len(column):
        return pl.repeat(value=False, n=len(column), dtype=pl.Boolean, eager=True)
    return column.is_duplicated()


def is_first(column: pl.Series) -> pl.Series:
    """Returns whether a value has no earlier occurrence; null counts as a value.

    Counts the distinct values first, which is much faster where all values are unique, the usual case.
    """
    if column.n_unique() == len(column):
        return pl.repeat(value=True, n=len(column), dtype=pl.Boolean, eager=True)
    return column.is_first_distinct()
