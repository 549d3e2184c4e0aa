"""Cleaning: outer white space goes, and what counts as blank becomes null."""

from collections.abc import Collection, Sequence

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
    says_something = stripped != ""
    if blanks:
        says_something &= ~stripped.is_in(list(blanks))
    return table.with_columns(pl.when(says_something).then(stripped).name.keep())


def mark_exact_repeats(table: pl.DataFrame, known: Sequence[str], identifier: str, marker: str) -> pl.DataFrame:
    """Adds a Boolean column: an earlier row has the same text in every known column.

    Args:
        table: cleaned text columns in the order of the source.
        known: the columns that count; others are not looked at.
        identifier: the known column that holds the id; only rows that share it can be repeats.
        marker: the name of the new column.
    """
    numbered = table.select(known).with_row_index("place")
    alike = numbered.filter(pl.col(identifier).is_duplicated() | pl.col(identifier).is_null())
    repeats = alike.filter(~pl.struct(known).is_first_distinct())["place"] if len(alike) else alike["place"]
    return table.with_columns(pl.int_range(pl.len()).is_in(repeats.implode()).alias(marker))
