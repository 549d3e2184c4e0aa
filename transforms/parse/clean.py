"""Cleaning: outer white space goes, and what counts as blank becomes null."""

from collections.abc import Collection, Sequence

import polars as pl

from transforms.parse.unique_values import is_duplicated


def clean_text(table: pl.DataFrame, blanks: Collection[str] = ()) -> pl.DataFrame:
    """Every text column without outer white space, blanks as null.

    Args:
        table: a table of text columns.
        blanks: texts that count as blank beside the empty one, compared without outer white space.

    Returns:
        The same columns and rows.  (Definitions of the outside, section 3.)
    """
    stripped = table.with_columns(pl.col(pl.String).str.strip_chars())
    # Most columns hold none: it costs half the time to look first.
    some = stripped.select(_is_blank(pl.col(pl.String), blanks).any())
    holding = [name for name in some.columns if some[name].item()]
    return stripped.with_columns(
        pl.when(~_is_blank(pl.col(name), blanks)).then(pl.col(name)).alias(name) for name in holding
    )


def _is_blank(text: pl.Expr, blanks: Collection[str]) -> pl.Expr:
    # The length alone tells the empty text, and takes no look at any other.
    is_empty = text.str.len_bytes() == 0
    return is_empty | text.is_in(list(blanks)) if blanks else is_empty


def mark_exact_repeats(table: pl.DataFrame, known: Sequence[str], identifier: str, marker: str) -> pl.DataFrame:
    """Adds a Boolean column: an earlier row has the same text in every known column.

    Args:
        table: cleaned text columns in the order of the source.
        known: the columns that count; others are not looked at.
        identifier: the known column that holds the id; only rows that share it can be repeats.
        marker: the name of the new column.
    """
    shared = is_duplicated(table[identifier]) | table[identifier].is_null()
    if not shared.any():
        return table.with_columns(pl.lit(value=False).alias(marker))
    alike = table.select(known).with_row_index("place").filter(shared)
    repeats = alike.filter(~pl.struct(known).is_first_distinct())["place"]
    return table.with_columns(pl.int_range(pl.len()).is_in(repeats.implode()).alias(marker))
