"""Cleaning: outer white space goes, and what counts as blank becomes null."""

from collections.abc import Collection

import polars as pl


def clean_text(table: pl.DataFrame, blanks: Collection[str] = ()) -> pl.DataFrame:
    """Every text column without outer white space, blanks as null.

    Args:
        table: a table of text columns.
        blanks: texts that count as blank beside the empty one, compared without outer white space.

    Returns:
        The same columns and rows.  (Definitions of the outside, section 3.)
    """
    stripped = pl.col(pl.String).str.strip_chars()
    nothing = ["", *blanks]
    return table.with_columns(pl.when(stripped.is_in(nothing)).then(None).otherwise(stripped).name.keep())


def mark_exact_repeats(table: pl.DataFrame, known: Collection[str], marker: str) -> pl.DataFrame:
    """Adds a Boolean column: an earlier row has the same text in every known column.

    Args:
        table: cleaned text columns in the order of the source.
        known: the columns that count; others are not looked at.
        marker: the name of the new column.
    """
    if not known or table.is_empty():
        return table.with_columns(pl.lit(value=False).alias(marker))
    return table.with_columns((~pl.struct(sorted(known)).is_first_distinct()).alias(marker))
