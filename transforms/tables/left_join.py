"""Joins columns to wide frames by joining only the key, which avoids copying the other columns."""

import polars as pl


def left_join_by_key(frame: pl.DataFrame, found: pl.DataFrame, key: str) -> pl.DataFrame:
    """Adds the other columns of `found` to the frame, by key; null where no row matches.

    Args:
        frame: any columns, including the key; a null key matches nothing.
        found: the key, each value once, and the columns to add.
        key: the column to join on.
    """
    narrow = frame.select(key).join(found, on=key, how="left", maintain_order="left").drop(key)
    return frame.with_columns(narrow.get_columns())
