"""Joins and filters the tables of a source before their columns become fields."""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from schemas.record_columns import FILE_LINE


class DuplicateJoinKey(ValueError):
    """A row matches more than one row of the other table; `line` is the line of the second match."""

    def __init__(self, line: int) -> None:
        super().__init__("more than one row")
        self.line = line


def join_table(table: pl.DataFrame, other: pl.DataFrame, on: Mapping[str, str], name: str) -> pl.DataFrame:
    """Adds the columns of another table as `name.column`; null where no row matches.

    Args:
        table: text columns and `FILE_LINE`.
        other: text columns and `FILE_LINE`.
        on: maps columns of the table to columns of the other; compared without surrounding white space.
        name: the prefix for the columns of the other table.

    Raises:
        DuplicateJoinKey: a row of the table matches more than one row of the other.
    """
    keys = _name_keys(on)
    left = table.with_columns(_build_keys(on.keys()))
    right = other.select(
        *_build_keys(on.values()),
        pl.col(FILE_LINE).alias("\0other line"),
        *(pl.col(column).alias(f"{name}.{column}") for column in other.columns if column != FILE_LINE),
    ).drop_nulls(keys)
    repeated = right.filter(~pl.struct(keys).is_first_distinct())
    # A repeated key that no row needs does no harm.
    duplicates = repeated.join(left, on=keys, how="semi")
    if len(duplicates):
        raise DuplicateJoinKey(int(duplicates["\0other line"].min()))  # type: ignore[arg-type]
    return left.join(right.drop("\0other line"), on=keys, how="left", maintain_order="left").drop(keys)


def select_matching_rows(other: pl.DataFrame, table: pl.DataFrame, on: Mapping[str, str]) -> pl.DataFrame:
    """Returns the rows of the other table that match a row of the table, with the arguments of `join_table`."""
    keys = _name_keys(on)
    left, right = table.select(_build_keys(on.keys())), other.with_columns(_build_keys(on.values()))
    return right.join(left, on=keys, how="semi", maintain_order="left").drop(keys)


def count_unmatched_rows(table: pl.DataFrame, other: pl.DataFrame, on: Mapping[str, str]) -> int:
    """Returns how many rows of the table match no row of the other, with the arguments of `join_table`."""
    left, right = table.select(_build_keys(on.keys())), other.select(_build_keys(on.values()))
    return len(left.join(right, on=_name_keys(on), how="anti"))


def _name_keys(columns: Collection[str]) -> list[str]:
    # The NUL character distinguishes these names from those of the source's columns.
    return [f"\0key {position}" for position in range(len(columns))]


def _build_keys(columns: Collection[str]) -> list[pl.Expr]:
    """Returns the columns as keys: without surrounding white space, and null where they are blank."""
    return [
        pl.col(column).str.strip_chars().replace("", None).alias(key)
        for key, column in zip(_name_keys(columns), columns, strict=True)
    ]


def filter_rows(table: pl.DataFrame, where: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Keeps the rows whose columns hold one of the listed texts, without surrounding white space; '' is blank."""
    for column, texts in where.items():
        table = table.filter(pl.col(column).str.strip_chars().fill_null("").is_in(list(texts)))
    return table
