"""Joining and filtering the tables of a source before its columns become fields."""

from collections.abc import Mapping, Sequence

import polars as pl

from schemas.record_columns import FILE_LINE


class JoinsSeveral(ValueError):
    """A row would be joined with more than one; `line` is that of the second."""

    def __init__(self, line: int) -> None:
        super().__init__("more than one row")
        self.line = line


def joined(table: pl.DataFrame, other: pl.DataFrame, on: Mapping[str, str], name: str) -> pl.DataFrame:
    """The rows of a table with the columns of another beside them, as `name.column`; null where it has no row.

    Args:
        table: text columns and `FILE_LINE`.
        other: the same.
        on: columns of the table, and what of the other they must be like, but for outer white space.
        name: what the other is called.

    Raises:
        JoinsSeveral: two rows of the other are alike in what is asked for.
    """
    keys = [f"\0key {place}" for place in range(len(on))]
    left = table.with_columns(
        pl.col(column).str.strip_chars().replace("", None).alias(key) for key, column in zip(keys, on, strict=True)
    )
    right = other.select(
        *(pl.col(column).str.strip_chars().alias(key) for key, column in zip(keys, on.values(), strict=True)),
        pl.col(FILE_LINE).alias("\0other line"),
        *(pl.col(column).alias(f"{name}.{column}") for column in other.columns if column != FILE_LINE),
    ).drop_nulls(keys)
    again = right.filter(~pl.struct(keys).is_first_distinct())
    wanted = again.join(left, on=keys, how="semi")
    if len(wanted):
        raise JoinsSeveral(int(wanted["\0other line"].min()))  # type: ignore[arg-type]
    return left.join(right.drop("\0other line"), on=keys, how="left", maintain_order="left").drop(keys)


def kept(table: pl.DataFrame, where: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """The rows whose columns hold one of the texts named, but for outer white space; '' is blank."""
    for column, texts in where.items():
        table = table.filter(pl.col(column).str.strip_chars().fill_null("").is_in(list(texts)))
    return table
