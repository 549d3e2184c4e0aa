"""Parquet files, and other typed tables, as tables of text.

The program calls `parse_parquet` through `flows.files.isolated_reading`: the library may abort.
"""

import io

import polars as pl

from flows.support.errors import InputRefused
from schemas.record_columns import FILE_LINE
from transforms.tables.to_text import as_text


def parse_parquet(content: bytes, name: str) -> pl.DataFrame:
    """A Parquet table as text columns, and `FILE_LINE`, as if the header were line 1.

    Raises:
        InputRefused: it is no Parquet, or a column holds what is no single value.
    """
    try:
        table = pl.read_parquet(io.BytesIO(content))
    except Exception:
        raise InputRefused(f"{name}: the file is no Parquet that can be read") from None
    return typed_table(table, name)


def typed_table(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """A typed table as text columns, and `FILE_LINE`.  Raises InputRefused where a column can't be."""
    if FILE_LINE in table.columns:
        raise InputRefused(f"{name}: the name of a column holds a NUL character; text is allowed")
    try:
        text = as_text(table)
    except ValueError as error:
        raise InputRefused(f"{name}: {error}") from None
    return text.with_columns(pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias(FILE_LINE))
