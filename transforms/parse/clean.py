"""Cleans text: strips surrounding white space and turns blank values into null."""

from collections.abc import Collection, Sequence

import polars as pl

from transforms.parse.unique_values import is_duplicated


def clean_text(table: pl.DataFrame, blanks: Collection[str] = ()) -> pl.DataFrame:
    """Strips surrounding white space from every text column and turns blank values into null.

    See the definitions, section 3.

    Args:
        table: a table of text columns.
        blanks: texts that count as blank in addition to the empty text, compared after stripping.

    Returns:
        The same columns and rows.
    """
    stripped = table.with_columns(pl.col(pl.String).str.strip_chars())
    # Most columns have no blank value, and checking first takes half the time.
    some = stripped.select(_is_blank(pl.col(pl.String), blanks).any())
    with_blanks = [name for name in some.columns if some[name].item()]
    return stripped.with_columns(
        pl.when(~_is_blank(pl.col(name), blanks)).then(pl.col(name)).alias(name) for name in with_blanks
    )


def _is_blank(text: pl.Expr, blanks: Collection[str]) -> pl.Expr:
    # A length check finds the empty text without comparing any characters.
    is_empty = text.str.len_bytes() == 0
    return is_empty | text.is_in(list(blanks)) if blanks else is_empty


def mark_exact_repeats(table: pl.DataFrame, known: Sequence[str], identifier: str, marker: str) -> pl.DataFrame:
    """Adds a Boolean column: whether an earlier row has the same text in every known column.

    Args:
        table: cleaned text columns in the order of the source.
        known: the columns to compare; others are ignored.
        identifier: the known column that holds the id; only rows with the same id can be repeats.
        marker: the name of the new column.
    """
    shared = is_duplicated(table[identifier]) | table[identifier].is_null()
    if not shared.any():
        return table.with_columns(pl.lit(value=False).alias(marker))
    # Compares whole rows only where an id repeats, because comparing all columns of all rows is slow.
    alike = table.select(known).with_row_index("place").filter(shared)
    repeats = alike.filter(~pl.struct(known).is_first_distinct())["place"]
    return table.with_columns(pl.int_range(pl.len()).is_in(repeats.implode()).alias(marker))
