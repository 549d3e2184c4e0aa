"""Describes a source table whose header lacks a column that the mapping names."""

import re
from collections.abc import Collection, Sequence

import polars as pl

from flows.support.errors import InputRefused
from flows.support.text import join_texts
from schemas.record_columns import FILE_LINE
from transforms.parse.stray_postcodes import contains_postcode

# Matches a birthday, a phone number or an id, which are not names of columns.
_VALUE_PATTERN = re.compile(r"[0-9]{4}|[0-9][/.-][0-9]")

_MOST_WORDS = 8
_NO_HEADER = "the file may have no header, or a delimiter or encoding that differs from the mapping"


def is_like_a_value(column: str) -> bool:
    """Returns whether a column name looks like a value: a birthday, number, postcode or text of many words."""
    postcode = bool(pl.select(contains_postcode(pl.lit(column))).item())
    return postcode or _VALUE_PATTERN.search(column) is not None or len(column.split()) > _MOST_WORDS


def build_missing_column_error(
    name: str, key: str, column: str, columns: Sequence[str], mapped: Collection[str]
) -> InputRefused:
    """Returns the error for a table without a column that its mapping names.

    Args:
        name: the name of the table.
        key: the key of the mapping that names the column.
        column: the missing column.
        columns: the columns of the table.
        mapped: all columns that the mapping names for the table.

    Returns:
        The error, which shows the header only if it does not look like a record.
    """
    headers = [header for header in columns if header != FILE_LINE]
    # The first line of a file without a header is a person's record. So the message quotes the line only if it has most
    # of the mapped columns.
    if not any(header in mapped for header in headers):
        reason = "so are all other columns that it names; " + _NO_HEADER
        reason += " (the whole line is one column)" if len(headers) == 1 else ""
    elif 2 * len(set(mapped).intersection(headers)) < len(mapped) or any(is_like_a_value(header) for header in headers):
        reason = "the first line looks like a record; " + _NO_HEADER
    else:
        reason = f"correct the mapping or the export; the columns are {join_texts(headers)}"
    return InputRefused(
        f"{name}, line 1: the column {column!r}, which the mapping names in {key}, is missing; {reason}"
    )


def require_columns(name: str, rows: pl.DataFrame, columns: Collection[str], key: str, mapped: Collection[str]) -> None:
    """Refuses a table without one of these columns, with the arguments of `build_missing_column_error`.

    Raises:
        InputRefused: a column is missing.
    """
    for column in columns:
        if column not in rows.columns:
            raise build_missing_column_error(name, key, column, rows.columns, mapped)
