"""Chooses the first row for each key, whatever the order of the rows."""

from collections.abc import Sequence

import polars as pl

from schemas.record_columns import FILE_LINE


class TiedRows(ValueError):
    """Two rows share the first place of their key and differ; `line` is the line of the second."""

    def __init__(self, line: int) -> None:
        super().__init__("two rows share the first place")
        self.line = line


def find_first_rows(
    rows: pl.DataFrame, keys: Sequence[str], ranks: Sequence[pl.Series], used: Sequence[str]
) -> pl.Series:
    """Returns the lines of the first row for each key.

    Args:
        rows: the keys, the columns that are used, and `FILE_LINE`; cleaned text.
        keys: the columns of the key; no blanks.
        ranks: a rank for each row, the most important first; a blank rank comes last.
        used: the columns that matter. Rows that are equal in them may share a place.

    Raises:
        TiedRows: rows that differ in a used column share the first place of their key.
    """
    # The NUL character distinguishes these names from those of the source's columns.
    names = [f"\0rank {number}" for number in range(len(ranks))]
    compared = [*keys, *(column for column in used if column not in keys)]
    ranked = rows.select(*compared, FILE_LINE).with_columns(
        rank.alias(name) for rank, name in zip(ranks, names, strict=True)
    )
    ordered = ranked.sort(*names, FILE_LINE, nulls_last=True).with_columns(pl.struct(names).rle_id().alias("\0place"))
    first = ordered.filter(pl.col("\0place") == pl.col("\0place").min().over(keys))
    different = first.filter(pl.struct(compared).is_first_distinct())
    tied = different.filter(~pl.struct(keys).is_first_distinct())
    if len(tied):
        raise TiedRows(int(tied[FILE_LINE].min()))  # type: ignore[arg-type]
    return different[FILE_LINE]
