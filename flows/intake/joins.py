"""Adds the columns of the other tables that a mapping joins, and chooses the row to add where there are several."""

from collections.abc import Collection

import polars as pl

from flows.intake.missing_columns import require_columns
from flows.sources.mapping import Join, SourceMapping, TableMapping
from flows.support.errors import InputRefused
from schemas.record_columns import FILE_LINE
from transforms.inputs import RowCount
from transforms.parse.clean import clean_text
from transforms.parse.sort_values import ValueWithoutOrder, rank_values
from transforms.tables.first_rows import TiedRows, find_first_rows
from transforms.tables.joins import (
    DuplicateJoinKey,
    count_unmatched_rows,
    filter_rows,
    join_table,
    select_matching_rows,
)


def list_mapped_columns(table: TableMapping) -> set[str]:
    """Returns every column that a mapping names for a table, with those of joined tables as `name.column`."""
    return {*table.columns.values(), *table.where, *(column for join in table.joins for column in join.on)}


def add_joined_columns(
    rows: pl.DataFrame, other: pl.DataFrame, other_name: str, join: Join, table: TableMapping, mapping: SourceMapping
) -> tuple[pl.DataFrame, RowCount]:
    """Adds the columns of another table to the rows of a table.

    Args:
        rows: the table, with the columns of `join.on`.
        other: the other table as it was read.
        other_name: the name of the other table in messages.
        join: the join.
        table: the table's mapping.
        mapping: the mapping of the source, for its blanks and formats of dates.

    Returns:
        The rows with the columns, and the counts of the other table.

    Raises:
        InputRefused: the other table lacks a column, or has several rows for a key and does not say which one counts.
    """
    _refuse_missing_columns(other, other_name, join, table)
    kept = filter_rows(other, join.where)
    removed = len(other) - len(kept) if join.where else None
    if join.take:
        kept = _take_first(select_matching_rows(kept, rows, join.on), other_name, join, table, mapping)
    try:
        joined = join_table(rows, kept, join.on, join.name)
    except DuplicateJoinKey as duplicate:
        raise InputRefused(
            f"{other_name}, line {duplicate.line}: a second row has the same {', '.join(join.on.values())};"
            " a joined table may have only one; exclude the other with join.where, or choose the first with"
            " join.order_by and join.take"
        ) from None
    without_match = count_unmatched_rows(rows, kept, join.on)
    return joined, RowCount(other_name, len(other), removed, join.name, without_match)


def _refuse_missing_columns(other: pl.DataFrame, other_name: str, join: Join, table: TableMapping) -> None:
    named: dict[str, Collection[str]] = {
        "join.on": join.on.values(),
        "join.where": join.where,
        "join.order_by": [column.name for column in join.sort_columns],
    }
    prefix = f"{join.name}."
    used = {column.removeprefix(prefix) for column in list_mapped_columns(table) if column.startswith(prefix)}
    mapped = used.union(*named.values())
    for key, columns in named.items():
        require_columns(other_name, other, columns, key, mapped)


def _take_first(
    matching: pl.DataFrame, name: str, join: Join, table: TableMapping, mapping: SourceMapping
) -> pl.DataFrame:
    """Returns the first row for each key by the join's order."""
    keys = list(dict.fromkeys(join.on.values()))
    # The keys are compared as the join compares them, whatever words the mapping calls blank.
    cleaned = clean_text(matching, mapping.blanks if table.blanks is None else table.blanks).with_columns(
        matching.select(pl.col(keys).str.strip_chars()).get_columns()
    )
    dates = mapping.dates if table.dates is None else table.dates
    ranks = []
    for column in join.sort_columns:
        try:
            rank = rank_values(cleaned[column.name], dates).cast(pl.Int64)
        except ValueWithoutOrder as error:
            line = matching[FILE_LINE][error.position]
            raise InputRefused(
                f"{name}, line {line}: the value of {column.name!r}, which the mapping names in join.order_by,"
                f" {error.problem}; name the format of its dates in dates, correct the value, or exclude the row with"
                " join.where"
            ) from None
        ranks.append(-rank if column.is_descending else rank)
    used = [column for column in cleaned.columns if f"{join.name}.{column}" in list_mapped_columns(table)]
    try:
        lines = find_first_rows(cleaned, keys, ranks, used)
    except TiedRows as tied:
        raise InputRefused(
            f"{name}, line {tied.line}: join.order_by puts this row and another one with the same"
            f" {', '.join(keys)} in the same place; add a column in which they differ to join.order_by"
        ) from None
    return matching.filter(pl.col(FILE_LINE).is_in(lines.implode()))
