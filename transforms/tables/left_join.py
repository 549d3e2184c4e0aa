"""Joins columns to wide frames by joining only the key, which avoids copying the other columns."""

import polars as pl


def left_join_by_key(frame: pl.DataFrame, columns: pl.DataFrame, key: str) -> pl.DataFrame:
    """Adds the other columns of `columns` to the frame, by key; null where no row matches.

    Args:
        frame: any columns, including the key; a null key matches nothing.
        columns: the key, each value once, and the columns to add.
        key: the column to join on.
    """
    # The join returns one row per row of the frame, in order, so its columns can be added as they are.
    narrow = frame.select(key).join(columns, on=key, how="left", maintain_order="left").drop(key)
    return frame.with_columns(narrow.get_columns())
