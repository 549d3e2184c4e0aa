"""Distinct values: each text is understood once, and those that stand more than once are found."""

from collections.abc import Callable

import polars as pl


def map_distinct(
    column: pl.Series, understand: Callable[[pl.Series], pl.Series], dtype: pl.DataType | type[pl.DataType]
) -> pl.Series:
    """Applies a function of distinct texts to a whole column.

    Args:
        column: texts; null stays null.
        understand: from the distinct texts (no null) to what they mean, row by row.
        dtype: the type of what they mean.

    Returns:
        A series of that type, as long as the column.
    """
    texts = column.drop_nulls().unique()
    if texts.is_empty():
        return pl.Series(column.name, [None] * len(column), dtype=dtype)
    meanings = understand(texts)
    if meanings.dtype == column.dtype and meanings.equals(texts):
        return column  # nothing reads otherwise: the column stands for itself, and takes no more memory
    return column.replace_strict(texts, meanings, default=None, return_dtype=dtype)


def is_duplicated(column: pl.Series) -> pl.Series:
    """Whether a value stands more than once in its column; null counts as a value.

    Nearly always none does, which counting the distinct ones tells far sooner.
    """
    if column.n_unique() == len(column):
        return pl.repeat(value=False, n=len(column), dtype=pl.Boolean, eager=True)
    return column.is_duplicated()


def is_first(column: pl.Series) -> pl.Series:
    """Whether a value stands nowhere before; null counts as a value.

    Nearly always none does, which counting the distinct ones tells far sooner.
    """
    if column.n_unique() == len(column):
        return pl.repeat(value=True, n=len(column), dtype=pl.Boolean, eager=True)
    return column.is_first_distinct()
