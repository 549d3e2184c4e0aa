"""Converts Parquet files, and other typed tables, to tables of text.

The program calls `parse_parquet` through `flows.files.isolated_reading`, because the library may abort.
"""

import io

import polars as pl

from flows.support.errors import InputRefused
from schemas.record_columns import FILE_LINE
from transforms.tables.to_text import as_text


def parse_parquet(content: bytes, name: str) -> pl.DataFrame:
    """Parses a Parquet table as text columns, and `FILE_LINE`, which counts the header as line 1.

    Raises:
        InputRefused: the file is not Parquet, or a column contains nested values.
    """
    try:
        table = pl.read_parquet(io.BytesIO(content))
    except Exception:
        raise InputRefused(f"{name}: the file is not a readable Parquet file; export it again") from None
    return convert_to_text(table, name)


def convert_to_text(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Converts a typed table to text columns, and `FILE_LINE`.

    Raises:
        InputRefused: a column cannot be converted to text.
    """
    if FILE_LINE in table.columns:
        raise InputRefused(f"{name}: a column name contains a NUL character, which is not allowed; rename the column")
    try:
        text = as_text(table)
    except ValueError as error:
        raise InputRefused(f"{name}: {error}") from None
    return text.with_columns(pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias(FILE_LINE))
