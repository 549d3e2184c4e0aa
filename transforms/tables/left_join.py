"""Putting columns beside wide frames: only the key is joined, so that the rest is not copied."""

import polars as pl


def beside(frame: pl.DataFrame, found: pl.DataFrame, key: str) -> pl.DataFrame:
    """The frame with the other columns of `found` beside it, by key; null where it has no row.

    Args:
        frame: any number of columns, the key among them; a null key finds nothing.
        found: the key, each value once, and the columns to put beside.
        key: the column they share.
    """
    narrow = frame.select(key).join(found, on=key, how="left", maintain_order="left").drop(key)
    return frame.with_columns(narrow.get_columns())
