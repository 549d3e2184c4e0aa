"""Working on distinct values: each text is understood once, however often it stands in a column."""

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
